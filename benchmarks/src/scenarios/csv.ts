import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedData } from '../cache.ts';
import { bulkColumns } from '../generate/bulk.ts';
import { measurePairs } from '../measure-pairs.ts';
import { measureTask } from '../measure.ts';
import type { Measurement } from '../result.ts';
import type { ScenarioOf } from '../scenario.ts';
import { checkInvoices, INVOICES_CHECKED } from './check.ts';
import type { RunContext } from './run-context.ts';

/** Staging of a CSV whose types are known from its upload, against DuckDB's own COPY with the types given. */
export async function csv(scenario: ScenarioOf<'csv'>, context: RunContext): Promise<Measurement> {
  const data = await cachedData({ dataset: 'invoices', rows: scenario.rows, seed: scenario.seed }, 'csv');
  const timeout = scenario.timeout_s * 1000;
  const base = { type: 'csv', path: data.path, scratchDir: context.scratch };
  const { output: described } = await measureTask('describe', base, timeout);
  const target = (of: string) => join(context.scratch, `${of}.parquet`);

  const pairs = await measurePairs({
    ...context,
    subject: () => measureTask('stage', { ...base, config: described['config'], target: target('subject') }, timeout),
    limit: () => measureTask('csvLimit', { ...base, target: target('limit') }, timeout),
    async check(of) {
      await checkInvoices(target(of), data.truth);
      await rm(target(of));
    },
  });
  return { ...pairs, checked: INVOICES_CHECKED, notes: typeNotes(described['columns']) };
}

/** Says where the connector chose another type than the one the limit was told. */
export function typeNotes(columns: unknown): string[] {
  const found = Object.fromEntries((columns as { name: string; type: string }[]).map(({ name, type }) => [name, type]));
  const same: Record<string, string> = { VARCHAR: 'text', BIGINT: 'int64', 'TIMESTAMP WITH TIME ZONE': 'timestamptz' };
  return Object.entries(bulkColumns.invoices)
    .map(([name, type]) => [name, same[type] ?? type.toLowerCase(), found[name]])
    .filter(([, told, chosen]) => told !== chosen)
    .map(([name, told, chosen]) => `${name} is ${chosen} where the limit was told ${told}`);
}
