import type { Note } from '@kalla/core';

/** How the bytes of a file become cells. One of these holds for the whole file. */
export interface Dialect {
  /** One character. */
  delimiter: string;
  /** One character, or '' where nothing is quoted. A quote inside quotes is doubled. */
  quote: string;
}

export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'latin1', 'windows-1252'] as const;
export type Encoding = (typeof encodings)[number];

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
