import { z } from 'zod';

/**
 * The column types of Kalla: each has one exact counterpart in Arrow, in Parquet and in DuckDB.
 *
 * `decimal(p,s)` has 1 ≤ p ≤ 38 and 0 ≤ s ≤ p. `timestamp` has microseconds and no zone; `timestamptz` is an instant in
 * UTC with microseconds. Money is always a decimal; `float32` and `float64` are only for columns that are so in the source.
 */
export const columnTypeSchema = z
  .string()
  .regex(
    /^(boolean|u?int(8|16|32|64)|float(32|64)|decimal\(([1-9]|[12]\d|3[0-8]),(\d|[12]\d|3[0-8])\)|text|binary|date|time|timestamp|timestamptz|uuid)$/,
    'not a column type of Kalla',
  )
  .meta({ id: 'ColumnType', examples: ['decimal(12,2)', 'text', 'date', 'int64'] });
export type ColumnType = z.infer<typeof columnTypeSchema>;

/** Precision and scale of a decimal type, or null for another type. */
export function decimalOf(type: ColumnType): { precision: number; scale: number } | null {
  const match = /^decimal\((\d+),(\d+)\)$/.exec(type);
  return match ? { precision: Number(match[1]), scale: Number(match[2]) } : null;
}

const DUCKDB: Record<string, string> = {
  boolean: 'BOOLEAN',
  int8: 'TINYINT',
  int16: 'SMALLINT',
  int32: 'INTEGER',
  int64: 'BIGINT',
  uint8: 'UTINYINT',
  uint16: 'USMALLINT',
  uint32: 'UINTEGER',
  uint64: 'UBIGINT',
  float32: 'FLOAT',
  float64: 'DOUBLE',
  text: 'VARCHAR',
  binary: 'BLOB',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMP WITH TIME ZONE',
  uuid: 'UUID',
};

/** The DuckDB type that holds this column exactly, for example `DECIMAL(12,2)`. */
export function duckdbTypeOf(type: ColumnType): string {
  const decimal = decimalOf(type);
  if (decimal) return `DECIMAL(${decimal.precision},${decimal.scale})`;
  const name = DUCKDB[type];
  if (!name) throw new TypeError(`Not a column type of Kalla: ${type}`);
  return name;
}

const FROM_DUCKDB: Record<string, ColumnType> = {
  ...Object.fromEntries(Object.entries(DUCKDB).map(([ours, theirs]) => [theirs, ours])),
  TIMESTAMPTZ: 'timestamptz',
};

/**
 * The column type of a DuckDB type name as DuckDB prints it, or null where no exact counterpart exists
 * (nested types, HUGEINT, INTERVAL, BIT, TIMESTAMP_NS …): such a column is read as text and noted.
 */
export function columnTypeOfDuckdb(duckdbType: string): ColumnType | null {
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(duckdbType);
  if (decimal) return `decimal(${decimal[1]},${decimal[2]})`;
  return FROM_DUCKDB[duckdbType] ?? null;
}

/** True where values of this type are printed as JSON strings so that no client loses a digit (API.md, "Cells in JSON"). */
export function isStringInJson(type: ColumnType): boolean {
  return !/^(boolean|u?int(8|16|32)|float(32|64))$/.test(type);
}
