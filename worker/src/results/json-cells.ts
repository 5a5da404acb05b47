import { quoteIdentifier, type ColumnInfo, type ColumnType, type JsonCell } from '@kalla/core';

/** `2026-01-31T08:00:00.000001`, with `Z` for an instant; infinite timestamps as `infinity` and `-infinity`. */
function timestampText(expression: string, zone: '' | 'Z'): string {
  const plain = zone ? `CAST(${expression} AT TIME ZONE 'UTC' AS VARCHAR)` : `CAST(${expression} AS VARCHAR)`;
  const iso = `regexp_replace(${plain}, ' (\\d\\d:\\d\\d)', 'T\\1') || '${zone}'`;
  return `CASE WHEN isfinite(${expression}) THEN ${iso} ELSE CAST(${expression} AS VARCHAR) END`;
}

/**
 * A SELECT expression that gives a column as text, exact for each type; the same text in JSON and in CSV.
 * Binary is hexadecimal.
 */
export function cellText(type: ColumnType, expression: string): string {
  if (type === 'text') return expression;
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
