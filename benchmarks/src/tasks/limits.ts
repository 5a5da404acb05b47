import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import { quoteLiteral } from '@kalla/core';
import { LIMIT_SETTINGS, withDuckdb } from '../duckdb.ts';
import { bulkColumns, bulkMatchSql } from '../generate/bulk.ts';
import type { TaskOutput } from '../measure.ts';

const PARQUET = '(FORMAT parquet, COMPRESSION zstd)';

export interface CsvLimitInput {
  path: string;
  target: string;
  scratchDir: string;
  /** DuckDB types by column; those of the generator where absent. */
  types?: Record<string, string>;
}

/** The fastest way from CSV to Parquet that we know: DuckDB, told every type, with proof of nothing. */
export async function csvLimit(input: CsvLimitInput): Promise<TaskOutput> {
  const types = JSON.stringify(input.types ?? bulkColumns.invoices).replaceAll('"', "'");
  const read = `read_csv(${quoteLiteral(input.path)}, columns = ${types}, auto_detect = false, header = true,
    delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false)`;
  const start = performance.now();
  await withDuckdb({ ...LIMIT_SETTINGS, temp_directory: join(input.scratchDir, 'limit') }, (connection) =>
    connection.run(`COPY (SELECT * FROM ${read}) TO ${quoteLiteral(input.target)} ${PARQUET}`),
  );
  return { ms: performance.now() - start };
}

export interface MatchFiles {
  left: string;
  right: string;
  /** A folder that is there. */
  target: string;
  scratchDir: string;
}

/** The match as one would write it by hand: `matched` first, then each side without the keys that are in it. */
export async function matchLimit(input: MatchFiles): Promise<TaskOutput> {
  const file = (name: string) => quoteLiteral(join(input.target, `${name}.parquet`));
  const settings = {
    ...LIMIT_SETTINGS,
    temp_directory: join(input.scratchDir, 'limit'),
    preserve_insertion_order: 'false',
  };
  const start = performance.now();
  await withDuckdb(settings, async (connection) => {
    await connection.run(`CREATE VIEW invoices AS FROM read_parquet(${quoteLiteral(input.left)})`);
    await connection.run(`CREATE VIEW payments AS FROM read_parquet(${quoteLiteral(input.right)})`);
    await connection.run(`COPY (${bulkMatchSql}) TO ${file('matched')} ${PARQUET}`);
    const rest = (side: string, key: string) =>
      `SELECT * FROM ${side} ANTI JOIN (SELECT ${key} FROM ${file('matched')}) USING (${key})`;
    await connection.run(`COPY (${rest('invoices', 'id')}) TO ${file('unmatched_left')} ${PARQUET}`);
    await connection.run(`COPY (${rest('payments', 'pay_id')}) TO ${file('unmatched_right')} ${PARQUET}`);
  });
  return { ms: performance.now() - start };
}
