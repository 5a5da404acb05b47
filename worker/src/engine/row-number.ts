import type { ColumnInfo } from '@kalla/core';
import { same } from './column-scope.ts';
import { tokensOf } from './sql-text.ts';

/** The name of the 1-based row number that every staged file has. */
export const ROW_NUMBER = '_row';

/** True where a rule or a key uses the row number and the source has no column of that name. */
export function usesRowNumber(sql: string, keys: readonly string[], columns: readonly ColumnInfo[]): boolean {
  if (columns.some((column) => same(column.name, ROW_NUMBER))) return false;
  const inSql = tokensOf(sql).some(
    ({ kind, text }) => (kind === 'word' || kind === 'quoted') && same(text.replaceAll('"', ''), ROW_NUMBER),
  );
  return inSql || keys.some((key) => same(key, ROW_NUMBER));
}
