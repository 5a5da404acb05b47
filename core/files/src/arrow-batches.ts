import {
  type DuckDBBlobValue,
  type DuckDBDateValue,
  type DuckDBDecimalValue,
  type DuckDBTimestampTZValue,
  type DuckDBTimestampValue,
  type DuckDBTimeValue,
  DuckDBUUIDValue,
} from '@duckdb/node-api';
import { ConnectorError, decimalOf, type ColumnInfo, type ColumnType } from '@kalla/core';
import { makeData, RecordBatch, Struct, type Data, type DataType, type Schema } from 'apache-arrow';

/**
 * One Arrow batch from the values of DuckDB's columns, bit for bit: no amount passes through a JS number.
 */
export function batchOf(schema: Schema, columns: readonly ColumnInfo[], values: readonly unknown[][]): RecordBatch {
  const rows = values[0]?.length ?? 0;
  const children = schema.fields.map((field, index) =>
    columnData(field.type as DataType, columns[index]?.type ?? 'text', values[index] ?? []),
  );
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: rows, nullCount: 0, children }));
}

function columnData(type: DataType, kind: ColumnType, values: readonly unknown[]): Data {
  const length = values.length;
  const bits = new Uint8Array(Math.ceil(length / 64) * 8);
  let nullCount = 0;
  for (let i = 0; i < length; i++) {
    if (values[i] === null) nullCount++;
    else bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  }
  const nullBitmap = nullCount ? bits : null;
  const make = (buffers: object): Data => makeData({ type, length, nullCount, nullBitmap, ...buffers } as never);
  if (kind === 'text' || kind === 'binary') return make(bytesOf(kind, values));
  if (kind === 'boolean') {
    const data = new Uint8Array(bits.length);
    for (let i = 0; i < length; i++) if (values[i] === true) data[i >> 3] = (data[i >> 3] ?? 0) | (1 << (i & 7));
    return make({ data });
  }
  if (decimalOf(kind)) return make({ data: wideData(values, (value) => (value as DuckDBDecimalValue).value) });
  if (kind === 'uuid') {
    const data = new Uint8Array(length * 16);
    values.forEach((value, i) => {
      if (value instanceof DuckDBUUIDValue) data.set(Buffer.from(value.toString().replaceAll('-', ''), 'hex'), i * 16);
    });
    return make({ data });
  }
  const { array, read } = plainArray(kind, length);
  for (let i = 0; i < length; i++) if (values[i] !== null) array[i] = read(values[i]) as never;
  return make({ data: array });
}

/** 128-bit two's complement, little-endian, as 32-bit words. */
function wideData(values: readonly unknown[], read: (value: unknown) => bigint): Uint32Array {
  const words = new BigUint64Array(values.length * 2);
  values.forEach((value, i) => {
    if (value === null) return;
    const whole = read(value);
    words[i * 2] = BigInt.asUintN(64, whole);
    words[i * 2 + 1] = BigInt.asUintN(64, whole >> 64n);
  });
  return new Uint32Array(words.buffer);
}

function bytesOf(kind: 'text' | 'binary', values: readonly unknown[]): { valueOffsets: Int32Array; data: Uint8Array } {
  const valueOffsets = new Int32Array(values.length + 1);
  const parts = values.map((value) => {
    if (value === null) return Buffer.alloc(0);
    return kind === 'text' ? Buffer.from(value as string, 'utf8') : Buffer.from((value as DuckDBBlobValue).bytes);
  });
  parts.forEach((part, i) => (valueOffsets[i + 1] = (valueOffsets[i] ?? 0) + part.length));
  return { valueOffsets, data: Buffer.concat(parts) };
}

type PlainArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

const same = (value: unknown) => value;
const PLAIN: Record<string, [new (length: number) => PlainArray, (value: unknown) => unknown]> = {
  int8: [Int8Array, same],
  int16: [Int16Array, same],
  int32: [Int32Array, same],
  int64: [BigInt64Array, same],
  uint8: [Uint8Array, same],
  uint16: [Uint16Array, same],
  uint32: [Uint32Array, same],
  uint64: [BigUint64Array, same],
  float32: [Float32Array, same],
  float64: [Float64Array, same],
  date: [Int32Array, (value) => (value as DuckDBDateValue).days],
  time: [BigInt64Array, (value) => (value as DuckDBTimeValue).micros],
  timestamp: [BigInt64Array, (value) => (value as DuckDBTimestampValue).micros],
  timestamptz: [BigInt64Array, (value) => (value as DuckDBTimestampTZValue).micros],
};

function plainArray(kind: ColumnType, length: number): { array: PlainArray; read: (value: unknown) => unknown } {
  const plain = PLAIN[kind];
  if (!plain) throw new ConnectorError('bug', `There is no Arrow layout for "${kind}".`);
  return { array: new plain[0](length), read: plain[1] };
}
