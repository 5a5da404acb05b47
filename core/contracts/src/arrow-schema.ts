import {
  Binary,
  Bool,
  DateDay,
  Decimal,
  Field,
  FixedSizeBinary,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  Schema,
  TimeMicrosecond,
  Timestamp,
  TimeUnit,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  type DataType,
} from 'apache-arrow';
import type { ColumnInfo } from './column.ts';
import { decimalOf, type ColumnType } from './column-type.ts';

const TYPES: Record<string, () => DataType> = {
  boolean: () => new Bool(),
  int8: () => new Int8(),
  int16: () => new Int16(),
  int32: () => new Int32(),
  int64: () => new Int64(),
  uint8: () => new Uint8(),
  uint16: () => new Uint16(),
  uint32: () => new Uint32(),
  uint64: () => new Uint64(),
  float32: () => new Float32(),
  float64: () => new Float64(),
  text: () => new Utf8(),
  binary: () => new Binary(),
  date: () => new DateDay(),
  time: () => new TimeMicrosecond(),
  timestamp: () => new Timestamp(TimeUnit.MICROSECOND, null),
  timestamptz: () => new Timestamp(TimeUnit.MICROSECOND, 'UTC'),
  uuid: () => new FixedSizeBinary(16),
};

/** The Arrow type of a column type. Decimals are 128 bits wide; a UUID is 16 bytes in the order of its text. */
export function arrowTypeOf(type: ColumnType): DataType {
  const decimal = decimalOf(type);
  if (decimal) return new Decimal(decimal.scale, decimal.precision, 128);
  const make = TYPES[type];
  if (!make) throw new TypeError(`Not a column type of Kalla: ${type}`);
  return make();
}

const UUID_METADATA = new Map([
  ['ARROW:extension:name', 'arrow.uuid'],
  ['ARROW:extension:metadata', ''],
]);

/** The Arrow schema of a list of columns; what every batch of a read carries. */
export function arrowSchemaOf(columns: readonly ColumnInfo[]): Schema {
  return new Schema(
    columns.map(
      (column) =>
        new Field(
          column.name,
          arrowTypeOf(column.type),
          column.nullable ?? true,
          column.type === 'uuid' ? UUID_METADATA : undefined,
        ),
    ),
  );
}
