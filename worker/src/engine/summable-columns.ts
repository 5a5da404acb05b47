import { decimalOf, type ColumnInfo } from '@kalla/core';
import { ROW_NUMBER } from './row-number.ts';
import { same } from './column-scope.ts';

/** The columns whose sum means something: decimals and whole numbers that are no key and no row number. */
export function summableColumns(columns: readonly ColumnInfo[], except: readonly string[]): ColumnInfo[] {
  return columns.filter(
    ({ name, type }) =>
      (decimalOf(type) || /^u?int/.test(type)) && ![...except, ROW_NUMBER].some((key) => same(key, name)),
  );
}
