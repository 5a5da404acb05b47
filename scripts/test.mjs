// @ts-check
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './lib/npm.mjs';
import { ROOT } from './lib/paths.mjs';
import { ensureBuilt, ensureInstalled } from './lib/setup.mjs';
import { codeOf, main } from './lib/user-error.mjs';

/**
 * `npm test [-- PATH …]`: what is missing is installed and built, the tests run, and the last line says how many passed.
 * Zero tests are a failure.
 */
await main(async () => {
  await ensureInstalled();
  await ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), 'kalla-test-'));
  const counts = join(folder, 'counts.json');
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', `--reporter=${join(ROOT, 'testing', 'count-reporter.ts')}`];
  const code = await run(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)], {
    cwd: ROOT,
    env: { ...process.env, KALLA_TEST_COUNTS: counts },
  });
  const { passed, failed, skipped } = read(counts);
  rmSync(folder, { recursive: true });
  // vitest may fail after its last test, in a teardown for example: that counts as one.
  const allFailed = failed + (code !== 0 && failed === 0 ? 1 : 0);
  if (passed + allFailed === 0) console.error('No test ran.');
  process.exitCode = allFailed > 0 || passed === 0 ? 1 : 0;
  console.log(`${passed} passed, ${allFailed} failed, ${skipped} skipped`);
});

/** @param {string} file @returns {{ passed: number, failed: number, skipped: number }} */
function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    // vitest did not get as far as its first test.
    if (codeOf(error) === 'ENOENT') return { passed: 0, failed: 1, skipped: 0 };
    throw error;
  }
}
