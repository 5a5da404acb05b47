import type { RuleInput } from '@kalla/core';
import type { CaseMaker } from './case-maker.ts';
import type { Cell, Style } from './cells.ts';
import type { Language } from './extra-columns.ts';

/** Text of a cell that counts the rows of its file, from 0: an own number that the other side does not know. */
export type Serial = (row: number) => string;
export type ColumnKind = 'text' | 'amount' | 'date' | Serial;

/** One side as its bank or ERP exports it. */
export interface Side {
  /** File name without `.csv`. */
  file: string;
  style: Style;
  /** Names as they stand in the file, in order. */
  columns: Record<string, ColumnKind>;
  /** Of the columns that noise adds. */
  language: Language;
  /** True where no column may tell the rows apart, not even one that noise adds. */
  keyless?: boolean;
}

/** A row by column name, without its serials. */
export type Row = Record<string, Cell>;

/**
 * A kind of pairs. `make` gives the rows that belong together, before anything goes missing or is there twice; it draws
 * from the case alone, so that a case is the same in whatever order the cases are made.
 */
export interface PairKind {
  /** What makes it hard, for the report. */
  title: string;
  left: Side;
  right: Side;
  /** `once`: each row has one partner at most. `every`: all rows of a case belong together. */
  pairing: 'once' | 'every';
  make(one: CaseMaker): { left: Row[]; right: Row[] };
  /** The rule that somebody who knows both files would click; null where there is none. */
  expert: RuleInput | null;
}
