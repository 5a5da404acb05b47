import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { duckdbTypeOf, type ColumnInfo } from '@kalla/core';
import { cachedData } from '../cache.ts';
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
  // The same types on both sides: packing a UUID instead of its text is another task than reading it.
  const columns = described['columns'] as ColumnInfo[];
  const types = Object.fromEntries(columns.map(({ name, type }) => [name, duckdbTypeOf(type)]));
  const target = (of: string) => join(context.scratch, `${of}.parquet`);

  const pairs = await measurePairs({
    ...context,
    subject: () => measureTask('stage', { ...base, config: described['config'], target: target('subject') }, timeout),
    limit: () => measureTask('csvLimit', { ...base, types, target: target('limit') }, timeout),
    async check(of) {
      await checkInvoices(target(of), data.truth);
      await rm(target(of));
    },
  });
  return {
    ...pairs,
    checked: INVOICES_CHECKED,
    notes: [`both sides have the types ${Object.values(types).join(', ')}`],
  };
}
