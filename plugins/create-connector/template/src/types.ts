import type { ColumnInfo, ColumnType, Note } from '@kalla/core';
import type { SourceColumn } from './source.ts';

/** Which column type holds each type of the source exactly. Money is a decimal, never a float. */
const TYPES: Readonly<Record<string, ColumnType>> = {
  bigint: 'int64',
  money: 'decimal(18,2)',
  string: 'text',
  instant: 'timestamptz',
  day: 'date',
  flag: 'boolean',
};

/** The column as Kalla knows it. What nothing holds exactly becomes text, and `notesOf` says so. */
export function columnOf({ name, type }: SourceColumn): ColumnInfo {
  return { name, type: TYPES[type] ?? 'text', source_type: type };
}

export function notesOf(columns: readonly SourceColumn[]): Note[] {
  return columns
    .filter(({ type }) => !(type in TYPES))
    .map(({ name, type }) => ({ column: name, message: `"${name}" is of type ${type} and is read as text.` }));
}
