import { quoteIdentifier, quoteLiteral } from '@kalla/core';
import { provenSql } from './cell-sql.ts';
import type { Prepared } from './prepare.ts';
import type { PinnedColumn } from './types.ts';

/** `read_csv` of the rows as text, columns `c0`, `c1` …; '' and NULL stay apart. */
export function textSql(prepared: Prepared): string {
  const { delimiter, quote } = prepared.top.dialect;
  const columns = prepared.top.names.map((_, index) => `c${index}: 'VARCHAR'`).join(', ');
  return (
    `read_csv(${quoteLiteral(prepared.path)}, auto_detect = false, header = false, skip = ${prepared.top.header ? 1 : 0}, ` +
    `columns = {${columns}}, delim = ${quoteLiteral(delimiter)}, quote = ${quoteLiteral(quote)}, escape = ${quoteLiteral(quote)}, ` +
    `nullstr = '', allow_quoted_nulls = false, strict_mode = true, compression = 'none')`
  );
}

/** The proving SELECT over all or some columns, in the order asked for. */
export function scanSql(
  prepared: Prepared,
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
  const rows = below.length > 1 ? `(SELECT ${below.join(', ')} FROM ${textSql(prepared)})` : textSql(prepared);
  return `SELECT ${list.join(', ')} FROM ${rows}${limit === undefined ? '' : ` LIMIT ${limit}`}`;
}
