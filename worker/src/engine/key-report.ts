import { quoteIdentifier, quoteLiteral, type KeyReport } from '@kalla/core';
import { ROW_NUMBER } from './row-number.ts';
import { same } from './column-scope.ts';
import type { Engine, RunOptions } from './engine.ts';
import type { StagedSource } from './staged-source.ts';

/** Counts the rows of a staged source whose key is NULL or shared. One pass over the key columns. */
export async function reportKeys(
  engine: Engine,
  staged: StagedSource,
  primaryKey: readonly string[],
  options: RunOptions = {},
): Promise<KeyReport> {
  const none = { null_key_rows: 0, duplicate_keys: 0, duplicate_key_rows: 0 };
  const known = (key: string) => staged.columns.some((column) => same(column.name, key));
  // A row number is never NULL and never twice, and neither is a key that has it as a part.
  if (primaryKey.some((key) => same(key, ROW_NUMBER) && !known(key))) return none;
  const keys = primaryKey.map(quoteIdentifier);
  const isNull = keys.map((key) => `${key} IS NULL`).join(' OR ');
  const file = `read_parquet(${quoteLiteral(staged.path)})`;
  const [[nulls, groups, rows] = []] = await engine.rows(
    `SELECT (SELECT count(*) FROM ${file} WHERE ${isNull})::VARCHAR, count(*)::VARCHAR, coalesce(sum(n), 0)::VARCHAR
     FROM (SELECT count(*) AS n FROM ${file} WHERE NOT (${isNull}) GROUP BY ${keys.join(', ')} HAVING count(*) > 1)`,
    options,
  );
  return { null_key_rows: Number(nulls), duplicate_keys: Number(groups), duplicate_key_rows: Number(rows) };
}
