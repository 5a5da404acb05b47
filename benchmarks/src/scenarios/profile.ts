import { join } from 'node:path';
import { cachedData } from '../cache.ts';
import { bulkColumns } from '../generate/bulk.ts';
import { measurePairs } from '../measure-pairs.ts';
import { measureTask } from '../measure.ts';
import type { Measurement } from '../result.ts';
import type { ScenarioOf } from '../scenario.ts';
import { checkInvoices } from './check.ts';
import type { RunContext } from './run-context.ts';

/** What an upload does to know types, NULLs and keys of every column, against the COPY that reads the same file. */
export async function profile(scenario: ScenarioOf<'profile'>, context: RunContext): Promise<Measurement> {
  const data = await cachedData({ dataset: 'invoices', rows: scenario.rows, seed: scenario.seed }, 'csv');
  const timeout = scenario.timeout_s * 1000;
  const input = { type: 'csv', path: data.path, scratchDir: context.scratch };
  const target = join(context.scratch, 'limit.parquet');
  let columns: unknown = [];

  const pairs = await measurePairs({
    ...context,
    subject: () => measureTask('describe', input, timeout),
    limit: () => measureTask('csvLimit', { ...input, target }, timeout),
    async check(of, measured) {
      if (of === 'limit') return checkInvoices(target, data.truth);
      columns = measured.output['columns'];
      const names = (columns as { name: string }[]).map((column) => column.name).join();
      if (measured.output['rowCount'] !== data.truth.rows) throw new Error('The result is wrong: the number of rows.');
      if (names !== Object.keys(bulkColumns.invoices).join())
        throw new Error('The result is wrong: the names of columns.');
      const amount = (columns as { name: string; type: string }[]).find((column) => column.name === 'amount');
      if (!amount?.type.startsWith('decimal(')) throw new Error('The result is wrong: amount is not a decimal.');
    },
  });
  return { ...pairs, checked: 'row count, column names, amount is a decimal', notes: typeNotes(columns) };
}

/** Says where the connector chose another type than the one the limit was told. */
function typeNotes(columns: unknown): string[] {
  const found = Object.fromEntries((columns as { name: string; type: string }[]).map(({ name, type }) => [name, type]));
  const same: Record<string, string> = { VARCHAR: 'text', BIGINT: 'int64', 'TIMESTAMP WITH TIME ZONE': 'timestamptz' };
  return Object.entries(bulkColumns.invoices)
    .map(([name, type]) => [name, same[type] ?? type.toLowerCase(), found[name]])
    .filter(([, told, chosen]) => told !== chosen)
    .map(([name, told, chosen]) => `${name} is ${chosen} where the limit was told ${told}`);
}
