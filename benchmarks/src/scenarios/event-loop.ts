import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { recipeSchema } from '@kalla/core';
import { cachedData } from '../cache.ts';
import { bulkColumns, bulkMatchSql, matchTruth } from '../generate/bulk.ts';
import { startKalla } from '../kalla-app.ts';
import { seriesOf } from '../measure-pairs.ts';
import type { Measured } from '../measure.ts';
import { longestDelay, readWindows } from '../probe-windows.ts';
import type { Measurement } from '../result.ts';
import type { ScenarioOf } from '../scenario.ts';
import { checkCounts } from './check.ts';
import type { RunContext } from './run-context.ts';

const PROBE = resolve(import.meta.dirname, '../event-loop-probe.mjs');
/** The programs whose event loop must stay free; the processes of single runs may block as they like. */
const WATCHED = ['/worker/dist/index.js', '/shell/dist/'];

/** A page asks nothing while a run goes, it is told; a script asks as often as this. */
const POLL_MS = 250;

/** Starts several runs at the same moment and looks for the longest block of the event loops of worker and shell. */
export async function eventLoop(scenario: ScenarioOf<'event_loop'>, context: RunContext): Promise<Measurement> {
  const { rows, seed, at_once: atOnce } = scenario;
  const [left, right] = [
    await cachedData({ dataset: 'invoices', rows, seed }, 'csv'),
    await cachedData({ dataset: 'payments', rows, seed }, 'csv'),
  ];
  const truth = await matchTruth(rows, seed);
  const probes = join(context.scratch, 'probes');
  await mkdir(probes);
  await using kalla = await startKalla(context.scratch, {
    NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import=${pathToFileURL(PROBE).href}`.trim(),
    KALLA_BENCH_PROBE_DIR: probes,
    KALLA_MAX_RUNS: String(atOnce),
  });
  const source = (alias: 'invoices' | 'payments', key: string) => ({
    alias,
    type: 'file',
    schema: Object.keys(bulkColumns[alias]),
    primary_key: [key],
  });
  const recipe = recipeSchema.parse({
    recipe_id: 'bench',
    name: 'Benchmark',
    sources: { left: source('invoices', 'id'), right: source('payments', 'pay_id') },
    match_sql: bulkMatchSql,
  });
  await kalla.client.saveRecipe(recipe);
  const files = {
    invoices: (await kalla.client.upload(left.path)).upload_id,
    payments: (await kalla.client.upload(right.path)).upload_id,
  };

  const measured: Measured[] = [];
  const worst = new Map<string, number>();
  for (let round = context.warmUp ? -1 : 0; round < context.runs; round++) {
    const from = Date.now();
    const runs = Array.from({ length: atOnce }, () =>
      kalla.client.run(recipe.recipe_id, files, scenario.timeout_s * 1000, POLL_MS),
    );
    for (const { counts } of await Promise.all(runs)) checkCounts(counts, truth);
    // The window in which the last run ended has to be written before it can be read.
    await setTimeout(600);
    if (round < 0) continue;
    const windows = await readWindows(probes);
    const delays = WATCHED.map((part) => longestDelay(windows, part, from, Date.now()));
    WATCHED.forEach((part, index) => worst.set(part, Math.max(worst.get(part) ?? 0, delays[index] ?? 0)));
    measured.push({ ms: Math.max(...delays), peakBytes: kalla.peakBytes(), output: {} });
  }
  return {
    subject: seriesOf(measured),
    limit: null,
    ratio: null,
    checked: 'all seven counts of each run',
    notes: [
      `longest block of worker ${worst.get(WATCHED[0] ?? '')?.toFixed(0)} ms, of shell ${worst.get(WATCHED[1] ?? '')?.toFixed(0)} ms`,
      `${atOnce} runs of ${rows} × ${rows} rows at once; memory is that of all processes together`,
    ],
  };
}
