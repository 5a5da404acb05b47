import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** How many tests ended in which way. A file that cannot be loaded and an error outside of any test count as failed. */
export interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Writes the counts of a run to the file that `KALLA_TEST_COUNTS` names, for `scripts/test.mjs`. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const file = process.env.KALLA_TEST_COUNTS;
    if (file) writeFileSync(file, JSON.stringify(countsOf(modules, unhandledErrors.length)));
  }
}

function countsOf(modules: readonly TestModule[], unhandledErrors: number): TestCounts {
  const counts = { passed: 0, failed: unhandledErrors, skipped: 0 };
  for (const module of modules) {
    counts.failed += module.errors().length;
    for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      // A test that is still pending at the end never ran: that is no success.
      counts[state === 'pending' ? 'failed' : state] += 1;
    }
  }
  return counts;
}
