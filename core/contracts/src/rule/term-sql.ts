import { decimalOf, type ColumnType } from '../column-type.ts';
import { quoteIdentifier, quoteLiteral } from '../sql.ts';
import { ignorable, type Ignorable } from './rule.ts';

/** `"ledger"."amount"`. Always quoted: a column may be called `order`, and unquoted names mean different things elsewhere. */
export function columnSql(table: string, column: string): string {
  return `${quoteIdentifier(table)}.${quoteIdentifier(column)}`;
}

/** What each kind of difference is taken away with: both DuckDB (RE2) and DataFusion (Rust's regex) read these alike. */
const TAKE_AWAY: Record<Ignorable, (text: string) => string> = {
  case: (text) => `UPPER(${text})`,
  spaces: (text) => `REGEXP_REPLACE(${text}, '\\s+', '', 'g')`,
  punctuation: (text) => `REGEXP_REPLACE(${text}, '[^\\p{L}\\p{N}\\s]+', '', 'g')`,
  letters: (text) => `REGEXP_REPLACE(${text}, '\\p{L}+', '', 'g')`,
  leading_zeros: (text) => `REGEXP_REPLACE(${text}, '(^|[^0-9])0+([0-9])', '\\1\\2', 'g')`,
};

/**
 * A text to compare: what is ignored is taken away, and nothing that is left becomes NULL, so that empty cells never match.
 * `pattern` cuts a reference out of a longer text; a text without one stays as it is.
 */
export function textTerm(column: string, type: ColumnType, ignore: readonly Ignorable[], pattern?: string): string {
  let text = type === 'text' ? column : `CAST(${column} AS VARCHAR)`;
  if (pattern !== undefined)
    text = `REGEXP_REPLACE(${text}, ${quoteLiteral(`^[\\s\\S]*?(${pattern})[\\s\\S]*$`)}, '\\1')`;
  for (const kind of ignorable) if (ignore.includes(kind)) text = TAKE_AWAY[kind](text);
  return `NULLIF(${text}, '')`;
}

/** The widest scale that amounts are compared with; more decimals than a currency has are noise of a float. */
const FLOAT_SCALE = 9;

/** An amount as a decimal that leaves room for sums and tolerances: 28 digits and its own scale. */
export function amountTerm(column: string, type: ColumnType): string {
  const decimal = decimalOf(type);
  if (decimal && decimal.precision <= 28) return column;
  if (decimal) return `CAST(${column} AS DECIMAL(38,${decimal.scale}))`;
  return `CAST(${column} AS DECIMAL(28,${/^float/.test(type) ? FLOAT_SCALE : 0}))`;
}

/** A day: an instant is taken at its day in UTC. */
export function dayTerm(column: string, type: ColumnType): string {
  if (type === 'date') return column;
  if (type === 'timestamptz') return `CAST(CAST(${column} AS TIMESTAMP) AS DATE)`;
  return `CAST(${column} AS DATE)`;
}
