import { decimalOf, type ColumnType, type Operation } from '@kalla/core';
import { misfitSql } from './cell-sql.ts';
import type { Engine } from './engine.ts';
import type { Parse, PinnedColumn, TextRows } from './types.ts';

/**
 * The columns in the types that the reader would like, where every cell allows it: `text` always, a number for a number where
 * no cell loses a digit, any type for a column without a single value. What a file does not tell, such as the order of day and
 * month, is not guessed: such a column stays as it was found.
 *
 * @param columns one for each column of `rows`, in its order
 */
export async function withWantedTypes(
  rows: TextRows,
  columns: readonly PinnedColumn[],
  wanted: Readonly<Record<string, ColumnType>>,
  engine: Engine,
  operation: Operation,
): Promise<PinnedColumn[]> {
  const result = [...columns];
  for (const [index, column] of columns.entries()) {
    const type = wanted[column.name];
    if (type === undefined || type === column.type) continue;
    if (type === 'text') {
      result[index] = { name: column.name, type, parse: { kind: 'text' } };
      continue;
    }
    const parse = parseAs(column, type);
    if (!parse) continue;
    const cell = `c${index}`;
    // A text that would fit was left as text for a reason; only where it holds nothing is there nothing to misread.
    const refuses = column.type === 'text' ? `trim(${cell}) <> ''` : misfitSql(cell, type, parse);
    const found = await engine.rows(`SELECT 1 FROM ${rows.sql} WHERE ${refuses} LIMIT 1`, operation);
    if (found.length === 0) result[index] = { name: column.name, type, parse };
  }
  return result;
}

/** How a column is read in another type; null where that could mean two things. */
function parseAs(column: PinnedColumn, type: ColumnType): Parse | null {
  const number = decimalOf(type) !== null || /^u?int/.test(type);
  if (column.type === 'text') {
    if (number || type.startsWith('float')) return { kind: 'number', decimal: '.' };
    if (type === 'date') return { kind: 'iso-date' };
    if (type === 'timestamp') return { kind: 'iso-timestamp' };
    if (type === 'timestamptz') return { kind: 'iso-timestamptz' };
    return type === 'boolean' ? { kind: 'boolean' } : type === 'binary' ? null : { kind: 'cast' };
  }
  const { kind } = column.parse;
  if (!number || (kind !== 'integer' && kind !== 'decimal' && kind !== 'number')) return null;
  return { ...column.parse, kind: 'number' };
}
