import {
  columnTypeOfDuckdb,
  ObjectNotFoundError,
  ProblemError,
  quoteIdentifier,
  quoteLiteral,
  type ColumnInfo,
  type Difference,
} from '@kalla/core';
import type { Engine } from '../engine/engine.ts';
import type { TaskContext } from '../task-contract.ts';
import { differenceColumn } from './difference-column.ts';

/** A Parquet file as a table with `file_row_number`: its columns, and an expression for FROM. */
export interface ResultFile {
  columns: ColumnInfo[];
  rows: number;
  from: string;
}

/** Opens a result file, with a column for each difference. Columns of types that Kalla has no name for are read as text. */
export async function openResultFile(
  engine: Engine,
  path: string,
  differences: readonly Difference[] = [],
): Promise<ResultFile> {
  const file = `read_parquet(${quoteLiteral(path)}`;
  const described = await engine.rows(`DESCRIBE SELECT * FROM ${file})`);
  const columns = described.map((row): ColumnInfo => ({
    name: String(row[0]),
    type: columnTypeOfDuckdb(String(row[1])) ?? 'text',
  }));
  const [[rows] = []] = await engine.rows(`SELECT num_rows::VARCHAR FROM parquet_file_metadata(${quoteLiteral(path)})`);
  const list = described.map((row) => {
    const name = quoteIdentifier(String(row[0]));
    return columnTypeOfDuckdb(String(row[1])) ? name : `CAST(${name} AS VARCHAR) AS ${name}`;
  });
  const made = differences.map((difference) => differenceColumn(columns, difference));
  return {
    columns: [...columns, ...made.map(({ column }) => column)],
    rows: Number(rows),
    from: `(SELECT ${[...list, ...made.map(({ column, sql }) => `${sql} AS ${quoteIdentifier(column.name)}`), 'file_row_number'].join(', ')} FROM ${file}, file_row_number = true))`,
  };
}

/** The path on this disk of a result file of the store. @throws ProblemError `not-found`, `validation` for an address of elsewhere. */
export async function localResult(uri: string, context: TaskContext): Promise<string> {
  const key = context.store.keyOf(uri);
  if (!key)
    throw new ProblemError('validation', 'The result file is not in the store of this worker.', [
      { field: 'uri', message: 'not in the store' },
    ]);
  try {
    return await context.store.localPath(key, context.scratchDir, { signal: context.signal });
  } catch (error) {
    if (!(error instanceof ObjectNotFoundError)) throw error;
    throw new ProblemError(
      'not-found',
      'The result file is not there any more. Run the recipe again.',
      undefined,
      error,
    );
  }
}
