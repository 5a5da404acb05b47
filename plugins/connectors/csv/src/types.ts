import type { ColumnType, Note } from '@kalla/core';

/** How the bytes of a file become cells. One of these holds for the whole file. */
export interface Dialect {
  /** One character. */
  delimiter: string;
  /** One character, or '' where nothing is quoted. A quote inside quotes is doubled. */
  quote: string;
}

export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'latin1', 'windows-1252'] as const;
export type Encoding = (typeof encodings)[number];

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
}

/** Where the rows of a file are, once the file is text in UTF-8. */
export interface Layout {
  dialect: Dialect;
  header: boolean;
  /** Column names as they are shown: unique and never empty. */
  names: string[];
  /** Cells of the header line as they stand in the file; empty where there is none. */
  headerCells: string[];
  /** Physical lines above the header, or above the first row where there is no header. */
  skipLines: number;
  /** Physical lines below the last row. */
  footerLines: number;
  notes: Note[];
}
