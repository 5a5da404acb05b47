import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedData } from '../cache.ts';
import { seedTable } from '../generate/seed-table.ts';
import { measurePairs } from '../measure-pairs.ts';
import { measureProgram, measureTask } from '../measure.ts';
import { openPostgres, postgresProgram } from '../postgres-server.ts';
import type { Measurement } from '../result.ts';
import type { ScenarioOf } from '../scenario.ts';
import { checkInvoices, INVOICES_CHECKED } from './check.ts';
import type { RunContext } from './run-context.ts';

const TABLE = 'kalla_bench_invoices';

/** Staging of a Postgres table, against psql that writes the same rows into a file in Postgres' own binary form. */
export async function postgres(scenario: ScenarioOf<'postgres'>, context: RunContext): Promise<Measurement> {
  const psql = await postgresProgram('psql');
  const data = await cachedData({ dataset: 'invoices', rows: scenario.rows, seed: scenario.seed }, 'csv');
  await using server = await openPostgres();
  context.say(`Filling a table with ${scenario.rows} rows…`);
  await seedTable(server.url, TABLE, data.path);
  const timeout = scenario.timeout_s * 1000;
  const uri = new URL(server.url);
  uri.searchParams.set('table', `public.${TABLE}`);
  const base = { type: 'postgres', uri: uri.href, scratchDir: context.scratch };
  const { output: described } = await measureTask('describe', base, timeout);
  const target = (of: string) => join(context.scratch, of);

  const pairs = await measurePairs({
    ...context,
    subject: () =>
      measureTask(
        'stage',
        { ...base, config: described['config'], table: described['table'], target: target('subject') },
        timeout,
      ),
    limit: () =>
      measureProgram(
        psql,
        ['-X', '-q', '-d', server.url, '-c', `\\copy ${TABLE} TO '${target('limit')}' (FORMAT binary)`],
        {
          timeoutMs: timeout,
        },
      ),
    async check(of) {
      if (of === 'subject') await checkInvoices(target(of), data.truth);
      // Each tuple has at least a count and nine lengths: a copy that stopped early is smaller.
      else if ((await stat(target(of))).size < scenario.rows * 100) throw new Error('psql wrote too little.');
      await rm(target(of));
    },
  });
  return {
    ...pairs,
    checked: INVOICES_CHECKED,
    notes: ['The memory of the server is not counted: it is the same for both.'],
  };
}
