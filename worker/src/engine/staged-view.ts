import { duckdbTypeOf, quoteIdentifier, quoteLiteral } from '@kalla/core';
import { ROW_NUMBER } from './row-number.ts';
import { same } from './column-scope.ts';
import type { StagedSource } from './staged-source.ts';

/** The view under a source's alias: its columns, and the row number where the rule or a key uses it. */
export function viewOf(staged: StagedSource, withRowNumber: boolean): string {
  const known = staged.columns.some((column) => same(column.name, ROW_NUMBER));
  const columns = staged.columns.map(({ name, type }) => {
    const column = quoteIdentifier(name);
    return staged.recast?.includes(name) ? `CAST(${column} AS ${duckdbTypeOf(type)}) AS ${column}` : column;
  });
  const number = withRowNumber && !known;
  if (number) columns.push(`file_row_number + 1 AS ${quoteIdentifier(ROW_NUMBER)}`);
  const source = `read_parquet(${quoteLiteral(staged.path)}${number ? ', file_row_number = true' : ''})`;
  return `CREATE VIEW ${quoteIdentifier(staged.alias)} AS SELECT ${columns.join(', ')} FROM ${source}`;
}
