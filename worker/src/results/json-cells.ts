import { quoteIdentifier, type ColumnInfo, type ColumnType, type JsonCell } from '@kalla/core';

/**
 * The day of a date or timestamp in ISO 8601: `2026-01-31`. Years before 0000 and after 9999 take a sign and six digits or more,
 * as in JavaScript, and are counted as astronomers do, with a year 0: 44 BC is `-000043`, the year 12345 is `+012345`.
 */
function dayText(plain: string, year: string): string {
  const digits = `CAST(abs(${year}) AS VARCHAR)`;
  const six = `CASE WHEN length(${digits}) < 6 THEN lpad(${digits}, 6, '0') ELSE ${digits} END`;
  const far = `CASE WHEN ${year} < 0 THEN '-' ELSE '+' END || ${six}`;
  const sign = `CASE WHEN ${year} BETWEEN 0 AND 9999 THEN lpad(${digits}, 4, '0') ELSE ${far} END`;
  return `${sign} || regexp_extract(${plain}, '^[0-9]+(-[0-9]{2}-[0-9]{2})', 1)`;
}

/** Infinite dates and timestamps, which ISO 8601 does not know, as `infinity` and `-infinity`. */
function finiteText(expression: string, text: string): string {
  return `CASE WHEN isfinite(${expression}) THEN ${text} ELSE CAST(${expression} AS VARCHAR) END`;
}

function dateText(expression: string): string {
  const plain = `CAST(${expression} AS VARCHAR)`;
  const usual = `year(${expression}) BETWEEN 1 AND 9999`;
  return finiteText(expression, `CASE WHEN ${usual} THEN ${plain} ELSE ${dayText(plain, `year(${expression})`)} END`);
}

/** `2026-01-31T08:00:00.000001`, with `Z` for an instant. */
function timestampText(expression: string, zone: '' | 'Z'): string {
  const utc = zone ? `(${expression} AT TIME ZONE 'UTC')` : expression;
  const plain = `CAST(${utc} AS VARCHAR)`;
  const iso = `regexp_replace(${plain}, ' (\\d\\d:\\d\\d)', 'T\\1')`;
  const clock = `regexp_extract(${plain}, '[0-9]{2}:[0-9]{2}:.*$')`;
  const far = `${dayText(plain, `year(${utc})`)} || 'T' || ${clock}`;
  return finiteText(expression, `CASE WHEN year(${utc}) BETWEEN 1 AND 9999 THEN ${iso} ELSE ${far} END || '${zone}'`);
}

/**
 * A SELECT expression that gives a column as text, exact for each type; the same text in JSON and in CSV.
 * Binary is hexadecimal.
 */
export function cellText(type: ColumnType, expression: string): string {
  if (type === 'text') return expression;
  if (type === 'date') return dateText(expression);
  if (type === 'timestamp') return timestampText(expression, '');
  if (type === 'timestamptz') return timestampText(expression, 'Z');
  if (type === 'binary') return `lower(hex(${expression}))`;
  // DuckDB writes a decimal that has no digit before the point as ".05".
  const [, precision, scale] = /^decimal\((\d+),(\d+)\)$/.exec(type) ?? [];
  if (precision !== undefined && precision === scale)
    return `regexp_replace(CAST(${expression} AS VARCHAR), '^(-?)\\.', '\\10.')`;
  return `CAST(${expression} AS VARCHAR)`;
}

/** True for types that are numbers or booleans in JSON; all others travel as text (API.md, "Cells in JSON"). */
const isNative = (type: ColumnType) => /^(boolean|u?int(8|16|32)|float(32|64))$/.test(type);

/** A SELECT list for a page of rows: text where JSON would lose a digit, else the value itself. */
export function jsonCellList(columns: readonly ColumnInfo[], table = ''): string {
  return columns
    .map(({ name, type }) => {
      const column = `${table}${quoteIdentifier(name)}`;
      return `${isNative(type) ? column : cellText(type, column)} AS ${quoteIdentifier(name)}`;
    })
    .join(', ');
}

/** Turns values of `jsonCellList` into cells. JSON has no NaN and no infinity: those come as text. */
export function jsonRow(columns: readonly ColumnInfo[], values: readonly unknown[]): Record<string, JsonCell> {
  // A plain object would take a column named __proto__ for its prototype.
  return Object.fromEntries(columns.map(({ name }, index) => [name, jsonCell(values[index])]));
}

function jsonCell(value: unknown): JsonCell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return typeof value === 'boolean' ? value : String(value);
}
