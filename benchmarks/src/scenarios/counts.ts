import { performance } from 'node:perf_hooks';
import { compileRule, recipeSchema, ruleSchema, type Recipe } from '@kalla/core';
import { cachedData } from '../cache.ts';
import { bulkColumns } from '../generate/bulk.ts';
import { startKalla } from '../kalla-app.ts';
import type { Uploaded } from '../kalla-client.ts';
import { seriesOf } from '../measure-pairs.ts';
import type { Measured } from '../measure.ts';
import type { Measurement } from '../result.ts';
import type { ScenarioOf } from '../scenario.ts';
import type { RunContext } from './run-context.ts';

/** Each round another one, as somebody who drags a slider asks for; none is asked for twice. */
const toleranceOf = (round: number) => `0.${String(10 + round).padStart(2, '0')}`;

/**
 * A tolerance is changed and the counts of the rule are asked for anew, as the recipe builder does. What was counted last is
 * run as a recipe, and has to come to the same.
 */
export async function counts(scenario: ScenarioOf<'counts'>, context: RunContext): Promise<Measurement> {
  const { rows, seed } = scenario;
  await using kalla = await startKalla(context.scratch);
  const { client } = kalla;
  const left = await client.upload((await cachedData({ dataset: 'invoices', rows, seed }, 'csv')).path);
  const right = await client.upload((await cachedData({ dataset: 'payments', rows, seed }, 'csv')).path);
  const files = { invoices: left.upload_id, payments: right.upload_id };

  // The first question brings both files into the worker, which the builder has done when it made its proposals.
  await client.counts(recipeWith(toleranceOf(0), left, right), files);
  const measured: Measured[] = [];
  let last = { recipe: recipeWith(toleranceOf(0), left, right), counts: {} as Record<string, number> };
  for (let round = context.warmUp ? -1 : 0; round < context.runs; round++) {
    const recipe = recipeWith(toleranceOf(round + 2), left, right);
    const start = performance.now();
    const counted = await client.counts(recipe, files);
    if (round >= 0) measured.push({ ms: performance.now() - start, peakBytes: kalla.peakBytes(), output: {} });
    last = { recipe, counts: counted };
  }
  await client.saveRecipe(last.recipe);
  const run = await client.run(last.recipe.recipe_id, files, scenario.timeout_s * 1000);
  const differing = Object.keys(run.counts).filter((name) => run.counts[name] !== last.counts[name]);
  if (differing.length > 0)
    throw new Error(`The counts are not those of a run: they differ in ${differing.join(', ')}.`);
  return {
    subject: seriesOf(measured),
    limit: null,
    ratio: null,
    checked: 'all seven counts against a run of the last rule',
    notes: [`another tolerance each time, each row at most once, ${rows} × ${rows} rows, over the API`],
  };
}

function recipeWith(tolerance: string, left: Uploaded, right: Uploaded): Recipe {
  const side = (alias: 'invoices' | 'payments', key: string, { columns }: Uploaded) => ({
    alias,
    primary_key: [key],
    columns,
  });
  const [one, other] = [side('invoices', 'id', left), side('payments', 'pay_id', right)];
  const rule = ruleSchema.parse({
    conditions: [
      { kind: 'equal', left: 'reference', right: 'inv_ref' },
      { kind: 'amount', left: 'amount', right: 'paid', tolerance: { kind: 'absolute', value: tolerance } },
    ],
  });
  const source = ({ alias, primary_key }: typeof one) => ({
    type: 'file',
    alias,
    primary_key,
    schema: Object.keys(bulkColumns[alias]),
  });
  return recipeSchema.parse({
    recipe_id: 'bench',
    name: 'Benchmark',
    sources: { left: source(one), right: source(other) },
    match_sql: compileRule(rule, one, other),
    rule,
  });
}
