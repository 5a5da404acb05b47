/** How the value of a cell shows, by its number format. */
export interface CellFormat {
  kind: 'number' | 'date' | 'datetime' | 'time' | 'duration';
  /** Decimals that are shown; null where the format does not fix them. */
  decimals: number | null;
  percent: boolean;
  /** Sign or code, '' where there is none. */
  currency: string;
  /** Digits to which whole numbers are filled up with zeros; 0 where they are not. */
  zeros: number;
}

/** A cell as the sheet's XML has it. */
export interface RawCell {
  /** 0-based. */
  column: number;
  /** `t`: n, s, str, inlineStr, b, e, d. */
  type: string;
  style: number;
  /** The text of `v` (or of `is`); null where there is none. */
  value: string | null;
  /** The cell has a formula. */
  formula: boolean;
  /** The formula adds up other cells. */
  sum: boolean;
}

/** A row of the sheet. Rows without filled cells come too, so that they can be counted. */
export interface RawRow {
  /** 1-based, as Excel shows it. */
  number: number;
  hidden: boolean;
  cells: RawCell[];
}

export const cellKinds = ['number', 'date', 'datetime', 'time', 'duration', 'boolean', 'text', 'blank'] as const;
/** `blank` is text without a letter, as `=""` gives it. */
export type CellKind = (typeof cellKinds)[number];

/** A cell with a value, exactly as text: numbers plain, dates in ISO, booleans `true` and `false`. */
export interface Cell {
  kind: CellKind;
  text: string;
  format: CellFormat | null;
  /** The number has more than the 15 digits that Excel shows; `text` has 15. */
  shortened?: string;
  /** `text` is filled up with zeros as the format shows it. */
  padded?: boolean;
  sum?: boolean;
}

/** One of these for each cell that has no value although it is not empty. */
export type Fault = { fault: 'error'; text: string } | { fault: 'no-value' };

/** A row with its cells by column; undefined where a cell is empty. */
export interface SheetRow {
  number: number;
  hidden: boolean;
  cells: (Cell | undefined)[];
  faults: { column: number; fault: Fault }[];
}
