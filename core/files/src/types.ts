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

/** What cells can fail to be that nearly all others of their column are. */
export const misfitNouns = ['number', 'date'] as const;

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
  /** Set for a text column that nearly all cells would let be another type: says which cells do not. */
  misfit?: Misfit;
  /** Set for a column that is text until somebody chooses how it is read: what is asked. */
  asked?: Note;
}

/** The cells that keep a column from a type. */
export interface Misfit {
  /** What they are not. */
  noun: (typeof misfitNouns)[number];
  count: number;
  /** Filled cells of the column. */
  of: number;
  /** The first of them: its row, 1-based, as in `_row`. */
  row: number;
  /** Its text, cut short. */
  value: string;
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
