import { decimalOf, type ColumnType } from '../column-type.ts';
import { quoteIdentifier, quoteLiteral } from '../sql.ts';
import type { Ignorable } from './rule.ts';

/** `"ledger"."amount"`. Always quoted: a column may be called `order`, and unquoted names mean different things elsewhere. */
export function columnSql(table: string, column: string): string {
  return `${quoteIdentifier(table)}.${quoteIdentifier(column)}`;
}

/**
 * What each kind of difference consists of, as Unicode categories: both DuckDB (RE2) and DataFusion (Rust's regex) read
 * these alike, which `\s` and `\w` are not. Separators and control characters hold every kind of space, also the
 * unbreakable and the invisible ones.
 */
export const TEXT_CLASSES = {
  spaces: '\\p{Z}\\p{C}',
  punctuation: '\\p{P}\\p{S}',
  letters: '\\p{L}\\p{M}',
} as const satisfies Partial<Record<Ignorable, string>>;

/**
 * A text to compare: what is ignored is taken away, and nothing that is left becomes NULL, so that empty cells never match.
 * `pattern` cuts a reference out of a longer text; a text without one stays as it is.
 *
 * Zeros go first: once the dash of `2026-007` is gone nobody knows that they were leading. The rest goes in one pass.
 */
export function textTerm(column: string, type: ColumnType, ignore: readonly Ignorable[], pattern?: string): string {
  let text = type === 'text' ? column : `CAST(${column} AS VARCHAR)`;
  if (pattern !== undefined)
    text = `REGEXP_REPLACE(${text}, ${quoteLiteral(`^[\\s\\S]*?(${pattern})[\\s\\S]*$`)}, '\\1')`;
  if (ignore.includes('leading_zeros')) text = `REGEXP_REPLACE(${text}, '(^|[^0-9])0+([0-9])', '\\1\\2', 'g')`;
  const classes = (['spaces', 'punctuation', 'letters'] as const)
    .filter((kind) => ignore.includes(kind))
    .map((kind) => TEXT_CLASSES[kind]);
  if (classes.length > 0) text = `REGEXP_REPLACE(${text}, '[${classes.join('')}]+', '', 'g')`;
  // Not UPPER: it makes SS of ß on one engine only.
  if (ignore.includes('case')) text = `LOWER(${text})`;
  return `NULLIF(${text}, '')`;
}

/** The widest scale that amounts are compared with; more decimals than a currency has are noise of a float. */
const FLOAT_SCALE = 9;

/** An amount as a decimal that leaves room for sums and tolerances: 28 digits and its own scale. */
export function amountTerm(column: string, type: ColumnType): string {
  const decimal = decimalOf(type);
  if (decimal && decimal.precision <= 28) return column;
  if (decimal) return `CAST(${column} AS DECIMAL(38,${decimal.scale}))`;
  // A float may be infinite or not a number at all; no amount is like that.
  if (/^float/.test(type)) return `TRY_CAST(${column} AS DECIMAL(28,${FLOAT_SCALE}))`;
  return `CAST(${column} AS DECIMAL(28,0))`;
}

/** A day: an instant is taken at its day in UTC. */
export function dayTerm(column: string, type: ColumnType): string {
  if (type === 'date') return column;
  if (type === 'timestamptz') return `CAST(CAST(${column} AS TIMESTAMP) AS DATE)`;
  return `CAST(${column} AS DATE)`;
}
