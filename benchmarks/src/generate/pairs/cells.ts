import { centsToText } from '../csv-text.ts';

/** What a cell holds before it is written: a text, an amount in cents (bigint), or a day since 1970 (number). */
export type Cell = string | bigint | number | null;

/** How the program that a file comes from writes. */
export interface Style {
  delimiter: ',' | ';' | '\t';
  decimal: '.' | ',';
  /** Between thousands: nothing where absent. */
  thousands?: '.' | ',' | ' ';
  date: DateStyle;
}
export type DateStyle = 'y-m-d' | 'd.m.y' | 'd/m/y' | 'd-m-y' | 'm/d/y';

/** The text of a cell in a style. */
export function cellText(cell: Cell, style: Style): string | null {
  if (typeof cell === 'bigint') return amountText(cell, style);
  if (typeof cell === 'number') return dayText(cell, style.date);
  return cell;
}

function amountText(cents: bigint, { decimal, thousands }: Style): string {
  const [whole = '', fraction = ''] = centsToText(cents).split('.');
  return `${whole.replaceAll(/(?<=\d)(?=(\d{3})+$)/g, thousands ?? '')}${decimal}${fraction}`;
}

/** Day 0 is 1970-01-01. */
export function dayText(day: number, style: DateStyle): string {
  const [y = '', m = '', d = ''] = new Date(day * 86_400_000).toISOString().slice(0, 10).split('-');
  const parts: Record<string, string> = { y, m, d };
  return style.replaceAll(/[ymd]/g, (letter) => parts[letter] ?? '');
}

/** `2025-03-31` as days since 1970. */
export function dayOf(isoDate: string): number {
  return Date.parse(isoDate) / 86_400_000;
}

/** DuckDB's `strptime` format of a date style. */
export function strptimeOf(style: DateStyle): string {
  return style.replaceAll(/[ymd]/g, (letter) => (letter === 'y' ? '%Y' : `%${letter}`));
}
