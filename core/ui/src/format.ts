import type { ColumnType, JsonCell } from '@kalla/core';

const formatters = new Map<string, Intl.NumberFormat>();

/** Intl objects are costly to make and a grid asks for one per cell, so each is made once. */
function numberFormat(locale: string, minimum: number, maximum: number): Intl.NumberFormat {
  const key = `${locale}|${minimum}|${maximum}`;
  let formatter = formatters.get(key);
  if (!formatter) {
    formatter = new Intl.NumberFormat(locale, { minimumFractionDigits: minimum, maximumFractionDigits: maximum });
    formatters.set(key, formatter);
  }
  return formatter;
}

const DECIMAL = /^-?\d+(?:\.(\d+))?$/;

/** More places than this are those of a type, such as BigQuery's NUMERIC, and not of anything that people write down. */
const WRITTEN_PLACES = 6;
const LEAST_PLACES = 2;

/**
 * Writes a decimal, given as text, as people of `locale` do. Every digit is kept: the text goes to `Intl` as text and
 * never through a JS `number`. Only zeros at the end of more than six places are left out, down to two places. A text that is
 * not a plain decimal comes back as it is.
 *
 * @example formatDecimal('-1204.50', 'de-CH') === '-1’204.50'
 * @example formatDecimal('12.500000000', 'en') === '12.50'
 */
export function formatDecimal(value: string, locale: string): string {
  const match = DECIMAL.exec(value);
  if (!match) return value;
  const fraction = match[1] ?? '';
  const digits =
    fraction.length > WRITTEN_PLACES ? Math.max(fraction.replace(/0+$/, '').length, LEAST_PLACES) : fraction.length;
  // Intl takes at most 100 fraction digits; a longer one is shown as it stands.
  if (digits > 100) return value;
  return numberFormat(locale, digits, digits).format(value as `${number}`);
}

/** A count of rows or files, grouped as `locale` does. */
export function formatCount(value: number, locale: string): string {
  return numberFormat(locale, 0, 0).format(value);
}

/**
 * A share as a percentage that never rounds a remainder away: 0 % and 100 % appear only where they are exact.
 *
 * @example formatShare(1, 100_000, 'en') === '<0.1%'
 */
export function formatShare(part: number, whole: number, locale: string): string {
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  if (whole === 0) return percent.format(0);
  const share = part / whole;
  if (part > 0 && share < 0.001) return `<${percent.format(0.001)}`;
  if (part < whole && share > 0.999) return `>${percent.format(0.999)}`;
  return percent.format(share);
}

/**
 * How far something is, in whole per cent, rounded down: 100 % is said of nothing that still goes on.
 *
 * @example formatPercent(0.999, 'en') === '99%'
 */
export function formatPercent(share: number, locale: string): string {
  return new Intl.NumberFormat(locale, { style: 'percent' }).format(Math.floor(share * 100 + 1e-9) / 100);
}

/** A size in bytes with a binary unit, for example `1.5 MiB`. */
export function formatBytes(bytes: number, locale: string): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let amount = bytes;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${numberFormat(locale, 0, unit === 0 || amount >= 100 ? 0 : 1).format(amount)} ${units[unit]}`;
}

/** A length of time between two instants in ms: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`. */
export function formatDuration(ms: number, locale: string): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${numberFormat(locale, 0, 1).format(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 ? `${minutes} min ${whole % 60} s` : `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.floor(minutes / 60)} h`;
}

/** An instant in the reader's own zone, to the minute. `iso` that is no date comes back as it is. */
export function formatDateTime(iso: string, locale: string, timeZone: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(date);
}

/** True where the text is a number below zero; `-0.00` is not. */
export function isNegative(value: string): boolean {
  return /^-[\d.]*[1-9]/.test(value);
}

/** True for column types whose cells are set flush right with figures of one width. */
export function isNumeric(type: ColumnType): boolean {
  return /^(u?int|float|decimal)/.test(type);
}

/** A cell of a table: what is shown, and what it is exactly (for the title and for copying). */
export interface CellText {
  text: string;
  exact: string;
  negative: boolean;
}

const dateFormatters = new Map<string, Intl.DateTimeFormat>();

function dateFormat(locale: string): Intl.DateTimeFormat {
  let formatter = dateFormatters.get(locale);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
    dateFormatters.set(locale, formatter);
  }
  return formatter;
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z?))?$/;

/**
 * A day, or a day and a time, as people of `locale` write it, with the month in letters where the locale has that: no reader has
 * to guess which number is the month. Seconds and their parts are kept; an instant stays in UTC and says so. What is no such
 * text, and years beyond four digits, come back as they are.
 *
 * @example formatDay('2026-01-31', 'en-GB') === '31 Jan 2026'
 * @example formatDay('2026-01-31T08:00:00.000000Z', 'de') === '31.01.2026, 08:00:00 UTC'
 */
export function formatDay(value: string, locale: string): string {
  const match = DATE.exec(value);
  if (!match) return value;
  const [, year, month, day, time, zone] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  // Before the calendar's reform Intl counts the days otherwise than ISO does.
  if (Number(year) < 1600 || date.toISOString().slice(0, 10) !== value.slice(0, 10)) return value;
  const written = dateFormat(locale).format(date);
  return time === undefined
    ? written
    : `${written}, ${time.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')}${zone ? ' UTC' : ''}`;
}

/**
 * The text of a cell. Amounts and dates are written as `locale` does; whole-number columns are not grouped, since a reference
 * or a year is read as it was written; everything else stands as it came.
 */
export function formatCell(value: JsonCell | undefined, type: ColumnType, locale: string): CellText {
  if (value === null || value === undefined) return { text: '', exact: '', negative: false };
  const exact = String(value);
  const text = type.startsWith('decimal')
    ? formatDecimal(exact, locale)
    : type === 'date' || type.startsWith('timestamp')
      ? formatDay(exact, locale)
      : exact;
  return { text, exact, negative: isNumeric(type) && isNegative(exact) };
}

/**
 * Subtracts one decimal text from another, exactly.
 *
 * @example subtractDecimals('10.00', '0.1') === '9.90'
 */
export function subtractDecimals(left: string, right: string): string | null {
  const a = DECIMAL.exec(left);
  const b = DECIMAL.exec(right);
  if (!a || !b) return null;
  const scale = Math.max(a[1]?.length ?? 0, b[1]?.length ?? 0);
  const difference = unscaled(left, scale) - unscaled(right, scale);
  const sign = difference < 0n ? '-' : '';
  const digits = (difference < 0n ? -difference : difference).toString().padStart(scale + 1, '0');
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function unscaled(value: string, scale: number): bigint {
  const [whole = '0', fraction = ''] = value.split('.');
  return BigInt(whole + fraction.padEnd(scale, '0'));
}
