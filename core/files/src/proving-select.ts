import { quoteIdentifier } from '@kalla/core';
import { provenSql } from './cell-sql.ts';
import type { PinnedColumn, TextRows } from './types.ts';

/** The proving SELECT over all or some columns, in the order asked for. */
export function provingSelect(
  rows: TextRows,
  columns: readonly PinnedColumn[],
  wanted: readonly string[],
  limit?: number,
): string {
  const below = ['*'];
  const list = wanted.map((name) => {
    const index = columns.findIndex((column) => column.name === name);
    const column = columns[index] as PinnedColumn;
    const proven = provenSql(`c${index}`, index, column.type, column.parse);
    if (proven.below) below.push(proven.below);
    return `${proven.value} AS ${quoteIdentifier(name)}`;
  });
  const from = below.length > 1 ? `(SELECT ${below.join(', ')} FROM ${rows.sql})` : rows.sql;
  return `SELECT ${list.join(', ')} FROM ${from}${limit === undefined ? '' : ` LIMIT ${limit}`}`;
}
