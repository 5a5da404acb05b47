import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writePairs } from '../generate/pairs/write-pairs.ts';
import { startKalla } from '../kalla-app.ts';
import { duration } from '../markdown.ts';
import { seriesOf } from '../measure-pairs.ts';
import type { Measured } from '../measure.ts';
import type { Measurement, SuggestionResult } from '../result.ts';
import type { ScenarioOf } from '../scenario.ts';
import { median } from '../statistics.ts';
import { trySuggestion } from '../suggestion-case.ts';
import type { RunContext } from './run-context.ts';

/** Proposals for pairs of files whose partners are known, each asked for once: how soon, and how good the first one is. */
export async function suggest(scenario: ScenarioOf<'suggest'>, context: RunContext): Promise<Measurement> {
  const { rows, seed, pairs, noise, time_only: timeOnly } = scenario;
  const options = { timeoutMs: scenario.timeout_s * 1000, scratch: context.scratch, timeOnly };
  await using kalla = await startKalla(context.scratch);
  const attempt = async (kind: (typeof pairs)[number], level: (typeof noise)[number], size: number, dice = seed) => {
    const folder = join(context.scratch, 'pairs');
    const request = { kind, noise: level, rows: size, seed: dice };
    try {
      return await trySuggestion(kalla, request, await writePairs(request, folder), options);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  // Other files, so that nothing about the ones that count is known before.
  if (context.warmUp) await attempt('renamed', 'clean', Math.min(rows, 1000), seed + 1);
  const results: SuggestionResult[] = [];
  const measured: Measured[] = [];
  for (const kind of pairs) {
    for (const level of noise) {
      const { result, peakBytes } = await attempt(kind, level, rows);
      results.push(result);
      if (result.ms !== null) measured.push({ ms: result.ms, peakBytes, output: {} });
      context.say(`${kind}, ${level}: ${sentence(result)}`);
    }
  }
  if (measured.length === 0) throw new Error(results.map(({ error }) => error).find((error) => error) ?? 'No answer.');
  return {
    subject: seriesOf(measured),
    limit: null,
    ratio: null,
    checked: timeOnly ? 'that proposals came' : 'the counts that each first proposal says against those of its run',
    notes: [
      ...summary(results),
      'memory is that of the worker and all its processes, idle ones included, while it looks for proposals',
    ],
    suggestions: results,
  };
}

function sentence({ ms, rule, precision, recall, error }: SuggestionResult): string {
  const figures = [precision, recall].map((value) => value?.toFixed(3) ?? '–').join(' / ');
  return error ?? `${duration(ms ?? 0)}, ${figures}, ${rule ?? 'no proposal'}`;
}

function summary(results: readonly SuggestionResult[]): string[] {
  const of = (name: 'precision' | 'recall') => {
    const values = results.map((result) => result[name]).filter((value) => value !== null);
    return values.length === 0
      ? []
      : [
          `${name} of the first proposals: median ${median(values).toFixed(3)}, lowest ${Math.min(...values).toFixed(3)}`,
        ];
  };
  return [...of('precision'), ...of('recall')];
}
