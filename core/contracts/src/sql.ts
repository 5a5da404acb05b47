/**
 * Quotes a name for SQL, as DuckDB, DataFusion and Postgres read it.
 *
 * @example quoteIdentifier('a "b"') === '"a ""b"""'
 */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a text for SQL (standard strings: only the quote is special). NUL cannot stand in SQL text and throws. */
export function quoteLiteral(text: string): string {
  if (text.includes('\0')) throw new TypeError('A NUL character cannot stand in SQL.');
  return `'${text.replaceAll("'", "''")}'`;
}
