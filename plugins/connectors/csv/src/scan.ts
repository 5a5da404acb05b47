import { quoteLiteral } from '@kalla/core';
import type { TextRows } from '@kalla/files';
import type { Prepared } from './prepare.ts';

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

/** The rows of a prepared file, for the tools of @kalla/files. */
export function textRows(prepared: Prepared): TextRows {
  return { sql: textSql(prepared), names: prepared.top.names, bytes: prepared.bytes };
}
