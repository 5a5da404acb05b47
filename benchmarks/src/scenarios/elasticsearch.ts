import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedData } from '../cache.ts';
import { openElasticsearch } from '../elasticsearch-server.ts';
import { seedIndex } from '../generate/seed-index.ts';
import { measurePairs } from '../measure-pairs.ts';
import { measureTask } from '../measure.ts';
import type { Measurement } from '../result.ts';
import type { ScenarioOf } from '../scenario.ts';
import { checkInvoices, INVOICES_CHECKED } from './check.ts';
import type { RunContext } from './run-context.ts';

const INDEX = 'kalla-bench-invoices';
/** As many as the worker reads at the same time. */
const SLICES = 2;

/** Staging of an index, against reading the same point in time to its end and throwing it away. */
export async function elasticsearch(scenario: ScenarioOf<'elasticsearch'>, context: RunContext): Promise<Measurement> {
  const data = await cachedData({ dataset: 'invoices', rows: scenario.rows, seed: scenario.seed }, 'csv');
  await using server = await openElasticsearch();
  context.say(`Filling an index with ${scenario.rows} documents…`);
  await seedIndex(server.url, INDEX, data.path);
  const timeout = scenario.timeout_s * 1000;
  const uri = new URL(server.url.replace('http:', 'elasticsearch+http:'));
  uri.pathname = `/${INDEX}`;
  uri.searchParams.set('decimal_field', 'amount:2');
  uri.searchParams.set('nanoseconds', 'microseconds');
  const base = { type: 'elasticsearch', uri: uri.href, scratchDir: context.scratch };
  const { output: described } = await measureTask('describe', base, timeout);
  const target = join(context.scratch, 'subject');

  const pairs = await measurePairs({
    ...context,
    subject: () =>
      measureTask('stage', { ...base, config: described['config'], table: described['table'], target }, timeout),
    limit: async () => {
      const measured = await measureTask(
        'elasticsearchDrain',
        { url: server.url, index: INDEX, slices: SLICES },
        timeout,
      );
      if (measured.output['rows'] !== scenario.rows) throw new Error('Not every document was drained.');
      return measured;
    },
    async check(of) {
      if (of !== 'subject') return;
      await checkInvoices(target, data.truth);
      await rm(target);
    },
  });
  return {
    ...pairs,
    checked: INVOICES_CHECKED,
    notes: ['The memory of the server is not counted: it is the same for both.'],
  };
}
