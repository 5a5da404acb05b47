import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedData } from '../cache.ts';
import { matchTruth } from '../generate/bulk.ts';
import { measurePairs } from '../measure-pairs.ts';
import { measureTask } from '../measure.ts';
import type { Measurement } from '../result.ts';
import type { ScenarioOf } from '../scenario.ts';
import { checkCounts, matchCounts } from './check.ts';
import type { RunContext } from './run-context.ts';

/** The worker's match of two staged files, with all its checks, against the plan one would write by hand. */
export async function match(scenario: ScenarioOf<'match'>, context: RunContext): Promise<Measurement> {
  const { rows, seed } = scenario;
  const left = await cachedData({ dataset: 'invoices', rows, seed }, 'parquet');
  const right = await cachedData({ dataset: 'payments', rows, seed }, 'parquet');
  const truth = await matchTruth(rows, seed);
  const timeout = scenario.timeout_s * 1000;
  const target = (of: string) => join(context.scratch, of);
  const input = (of: string) => ({
    left: left.path,
    right: right.path,
    target: target(of),
    scratchDir: context.scratch,
  });
  const fresh = async (of: 'subject' | 'limit') => {
    await rm(target(of), { recursive: true, force: true });
    await mkdir(target(of));
    return measureTask(of === 'subject' ? 'match' : 'matchLimit', input(of), timeout);
  };

  const pairs = await measurePairs({
    ...context,
    subject: () => fresh('subject'),
    limit: () => fresh('limit'),
    async check(of, measured) {
      checkCounts(await matchCounts(target(of)), truth);
      if (of === 'subject') checkCounts(measured.output['counts'] as Record<string, number>, truth);
    },
  });
  return {
    ...pairs,
    checked: 'all seven counts, in the files and as the worker says them',
    notes: [
      'the sums of both sides and the report on NULL and duplicate keys are made before, as in a run, where they belong to staging',
    ],
  };
}
