import { ConnectorError } from '@kalla/core';
import { Type, type Data, type DataType, type Decimal } from 'apache-arrow';
import type { TableField } from './catalog.ts';
import { clockText, dayText, decimalText, floatText, intervalText, isBareInJson, momentText } from './spell.ts';
import { isRepeated, kindOf } from './types.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Nanoseconds of the clock part, in the bytes of an Arrow interval: months and days (32 bits each), then nanoseconds (64). */
const INTERVAL_WORDS = 4;

/**
 * One cell as text, from the bytes of the Arrow data; null where it is NULL. Scalars are spelled as BigQuery writes them,
 * STRUCT and ARRAY as JSON.
 */
export function cellText(data: Data, row: number, field: TableField): string | null {
  if (isRepeated(field)) {
    // BigQuery has no NULL array: it stores an empty one.
    const element = { ...field, mode: 'NULLABLE' };
    return isNull(data, row) ? '[]' : listText(data, row, element);
  }
  if (isNull(data, row)) return null;
  const kind = kindOf(field);
  if (kind === 'RECORD') return structText(data, row, field);
  if (kind === 'RANGE') return rangeText(data, row, field);
  return scalarText(data, row, kind);
}

/** True where the validity bitmap says so. */
export function isNull(data: Data, row: number): boolean {
  if (data.nullCount === 0 || !data.nullBitmap?.length) return false;
  const at = data.offset + row;
  return (data.nullBitmap[at >> 3]! & (1 << (at & 7))) === 0;
}

/** The whole number that a decimal of 128 or 256 bits holds. */
export function wholeOf(words: Uint32Array, row: number, bits: number): bigint {
  const count = bits / 32;
  let value = 0n;
  for (let word = count - 1; word >= 0; word -= 1) value = (value << 32n) | BigInt(words[row * count + word]!);
  return BigInt.asIntN(bits, value);
}

function jsonText(data: Data, row: number, field: TableField): string {
  const text = cellText(data, row, field);
  if (text === null) return 'null';
  const kind = kindOf(field);
  const isBare = isRepeated(field) || kind === 'RECORD' || isBareInJson(kind, text);
  return isBare ? text : JSON.stringify(text);
}

function listText(data: Data, row: number, element: TableField): string {
  const offsets = data.valueOffsets as Int32Array;
  const items = data.children[0]!;
  const parts: string[] = [];
  for (let at = offsets[row]!; at < offsets[row + 1]!; at += 1) parts.push(jsonText(items, at, element));
  return `[${parts.join(',')}]`;
}

function structText(data: Data, row: number, field: TableField): string {
  const parts = (field.fields ?? []).map(
    (child, index) => `${JSON.stringify(child.name)}:${jsonText(data.children[index]!, row, child)}`,
  );
  return `{${parts.join(',')}}`;
}

function rangeText(data: Data, row: number, field: TableField): string {
  const element: TableField = { name: '', type: field.rangeElementType?.type ?? 'DATE' };
  const [start, end] = data.children.map((child) => cellText(child, row, element) ?? 'UNBOUNDED');
  return `[${start}, ${end})`;
}

function scalarText(data: Data, row: number, kind: string): string {
  const type = data.type as DataType;
  const values = data.values as ArrayLike<unknown>;
  switch (type.typeId) {
    case Type.Utf8:
      return utf8.decode(bytesOf(data, row));
    case Type.Binary:
      return Buffer.from(bytesOf(data, row)).toString('base64');
    case Type.Bool: {
      const at = data.offset + row;
      return String(((values as Uint8Array)[at >> 3]! & (1 << (at & 7))) !== 0);
    }
    case Type.Int:
      return String(values[row]);
    case Type.Float:
      return floatText(values[row] as number);
    case Type.Decimal:
      return decimalText(wholeOf(values as Uint32Array, row, (type as Decimal).bitWidth), (type as Decimal).scale);
    case Type.Date:
      return dayText(Number(values[row]));
    case Type.Time:
      return clockText(values[row] as bigint);
    case Type.Timestamp:
      return momentText(values[row] as bigint) + (kind === 'TIMESTAMP' ? 'Z' : '');
    case Type.Interval: {
      const words = values as Int32Array;
      const at = row * INTERVAL_WORDS;
      const nanos = (BigInt(words[at + 3]!) << 32n) | BigInt(words[at + 2]! >>> 0);
      return intervalText(words[at]!, words[at + 1]!, nanos);
    }
    default:
      throw new ConnectorError('bug', `BigQuery sent ${String(type)} for a ${kind}, which is not known here.`);
  }
}

/** The bytes of a text or of binary data. */
export function bytesOf(data: Data, row: number): Uint8Array {
  const offsets = data.valueOffsets as Int32Array;
  return (data.values as Uint8Array).subarray(offsets[row], offsets[row + 1]);
}
