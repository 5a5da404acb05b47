import { makeSample } from '../generate/sample-data.ts';
import { startKalla } from '../kalla-app.ts';
import { seriesOf } from '../measure-pairs.ts';
import type { Measured } from '../measure.ts';
import type { Measurement } from '../result.ts';
import type { ScenarioOf } from '../scenario.ts';
import { checkCounts } from './check.ts';
import type { RunContext } from './run-context.ts';
import { setUpSample } from './sample-recipe.ts';

/** The sample over the API: from the POST of the run until a GET says that it is completed. The uploads are done before. */
export async function api(scenario: ScenarioOf<'api'>, context: RunContext): Promise<Measurement> {
  const { counts: truth } = makeSample().truth;
  await using kalla = await startKalla(context.scratch);
  const { client } = kalla;
  const { recipe, files } = await setUpSample(client);
  const measured: Measured[] = [];
  for (let round = context.warmUp ? -1 : 0; round < context.runs; round++) {
    const { ms, counts } = await client.run(recipe.recipe_id, files, scenario.timeout_s * 1000);
    checkCounts(counts, truth);
    if (round >= 0) measured.push({ ms, peakBytes: kalla.peakBytes(), output: {} });
  }
  return {
    subject: seriesOf(measured),
    limit: null,
    ratio: null,
    checked: 'all seven counts of each run',
    notes: ['memory is that of shell, worker and run together', 'all runs are of one Kalla, one after the other'],
  };
}
