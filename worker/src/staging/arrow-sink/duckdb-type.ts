import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  FLOAT,
  INTEGER,
  SMALLINT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  TINYINT,
  UBIGINT,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  UUID,
  VARCHAR,
  type DuckDBType,
} from '@duckdb/node-api';
import type { SinkColumn } from './column-layout.ts';

const TYPES: Record<string, DuckDBType> = {
  boolean: BOOLEAN,
  int8: TINYINT,
  int16: SMALLINT,
  int32: INTEGER,
  int64: BIGINT,
  uint8: UTINYINT,
  uint16: USMALLINT,
  uint32: UINTEGER,
  uint64: UBIGINT,
  float32: FLOAT,
  float64: DOUBLE,
  text: VARCHAR,
  binary: BLOB,
  date: DATE,
  time: TIME,
  timestamp: TIMESTAMP,
  timestamptz: TIMESTAMPTZ,
  uuid: UUID,
};

/** The column type as the object that DuckDB's table functions want; `duckdbTypeOf` in core gives its name. */
export function duckdbTypeObject({ type, decimal }: Pick<SinkColumn, 'type' | 'decimal'>): DuckDBType {
  if (decimal) return DECIMAL(decimal.precision, decimal.scale);
  const found = TYPES[type];
  if (!found) throw new TypeError(`Not a column type of Kalla: ${type}`);
  return found;
}
