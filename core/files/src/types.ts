import type { ColumnType, Note } from '@kalla/core';

/**
 * How the text of a column becomes values; one for all cells of a column.
 *
 * `text` as it stands · `integer` canonical whole numbers · `decimal` plain decimals with a point and always `scale`
 * digits · `number` any of the written forms of numbers, with `decimal` as decimal character · `boolean` true/false ·
 * `iso-date`, `iso-timestamp`, `iso-timestamptz` · `date` day, month and year in `order` · `cast` what DuckDB's own cast
 * accepts, for types that the user forced.
 */
export const parseKinds = [
  'text',
  'integer',
  'decimal',
  'number',
  'boolean',
  'iso-date',
  'iso-timestamp',
  'iso-timestamptz',
  'date',
  'cast',
] as const;
export type ParseKind = (typeof parseKinds)[number];

export const dateOrders = ['dmy', 'mdy', 'ymd'] as const;
export type DateOrder = (typeof dateOrders)[number];

/** The parse of one column with its parameters. */
export interface Parse {
  kind: ParseKind;
  /** Decimal character, for `number`. */
  decimal?: '.' | ',';
  /** The sign or code that cells of a `number` column may carry; none where absent. */
  currency?: string;
  /** For `date`. */
  order?: DateOrder;
}

/** A column of a file whose typing is decided. */
export interface PinnedColumn {
  name: string;
  type: ColumnType;
  parse: Parse;
  /** Why the column is text: a few cells keep it from a type, or it is one until somebody chooses how it is read. */
  why?: Note;
}

/** Rows of text that DuckDB can read, whatever file they come from. */
export interface TextRows {
  /** A FROM item whose columns `c0`, `c1` … are VARCHAR; '' and NULL stay apart, rows come in file order. */
  sql: string;
  /** Column names as they are shown, in the order of `c0`, `c1` …. */
  names: string[];
  /** Size of the file: it decides how much is worth looking at for keys. */
  bytes: number;
}
