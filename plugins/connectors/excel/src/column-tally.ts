import type { Cell, CellKind, Fault } from './types.ts';
import { sizeOf } from './number-digits.ts';

/** Row of the sheet and text of a cell that stands for many. */
export interface Example {
  row: number;
  text: string;
}

/** Counts over all cells of one column, so that no type is ever decided by a sample. */
export class ColumnTally {
  readonly kinds = new Map<CellKind, { count: number; first: Example }>();
  /** Digits before and behind the decimal point, at most. */
  whole = 0;
  scale = 0;
  /** Decimals that the number formats show, at most. */
  shown = 0;
  /** Numbers too large or too small for any decimal. */
  endless = 0;
  percent = 0;
  readonly currencies = new Map<string, number>();
  padded: { count: number; first: Example } | undefined;
  /** Numbers with more than 15 digits in the file. */
  shortened: { count: number; first: Example & { file: string } } | undefined;
  /** Numbers with more decimals than their format shows. */
  finer: { count: number; first: Example & { decimals: number } } | undefined;
  errors: { count: number; first: Example[] } | undefined;
  noValue: { count: number; first: Example } | undefined;

  add(cell: Cell, row: number): void {
    const { kind, text, format } = cell;
    const found = this.kinds.get(kind);
    if (found) found.count++;
    else this.kinds.set(kind, { count: 1, first: { row, text } });
    if (kind !== 'number') return;
    if (cell.padded) this.padded = { count: (this.padded?.count ?? 0) + 1, first: this.padded?.first ?? { row, text } };
    if (cell.shortened !== undefined) {
      this.shortened = {
        count: (this.shortened?.count ?? 0) + 1,
        first: this.shortened?.first ?? { row, text, file: cell.shortened },
      };
    }
    const size = sizeOf(text);
    if (!size) {
      this.endless++;
      return;
    }
    if (size.whole > this.whole) this.whole = size.whole;
    if (size.scale > this.scale) this.scale = size.scale;
    if (!format) return;
    if (format.percent) this.percent++;
    else if (format.decimals !== null) {
      if (format.decimals > this.shown) this.shown = format.decimals;
      if (size.scale > format.decimals) {
        this.finer = {
          count: (this.finer?.count ?? 0) + 1,
          first: this.finer?.first ?? { row, text, decimals: format.decimals },
        };
      }
    }
    if (format.currency) this.currencies.set(format.currency, (this.currencies.get(format.currency) ?? 0) + 1);
  }

  addFault(fault: Fault, row: number): void {
    if (fault.fault === 'no-value') {
      this.noValue = { count: (this.noValue?.count ?? 0) + 1, first: this.noValue?.first ?? { row, text: '' } };
      return;
    }
    const first = this.errors?.first ?? [];
    if (first.length < 3) first.push({ row, text: fault.text });
    this.errors = { count: (this.errors?.count ?? 0) + 1, first };
  }

  /** True where no row has anything in the column. */
  get empty(): boolean {
    return this.kinds.size === 0 && !this.errors && !this.noValue;
  }
}
