import { ConnectorError, decimalOf, type Batch } from '@kalla/core';
import { arrowSchemaOf } from '@kalla/core/arrow';
import { makeData, RecordBatch, Struct, type Data, type DataType } from 'apache-arrow';
import type { TableField } from './catalog.ts';
import { textData } from './column-data.ts';
import { clockText, isBareInJson, momentText } from './spell.ts';
import { isRepeated, kindOf, type PlannedColumn } from './types.ts';

/** A cell of REST: text for a scalar, `{ f }` for a STRUCT, a list of `{ v }` for an ARRAY. */
type JsonCell = string | null | JsonRow | Array<{ v: JsonCell }>;
/** A row as REST sends it. */
export interface JsonRow {
  f: Array<{ v: JsonCell }>;
}

/**
 * Makes a batch of rows that REST sent, exactly as the Arrow way would.
 *
 * @param places where the cell of each column is in a row
 * @throws ConnectorError `type` for a cell that does not fit its column
 */
export function jsonBatch(
  columns: readonly PlannedColumn[],
  places: readonly number[],
  rows: readonly JsonRow[],
  at: { table: string; before: number },
): Batch {
  const schema = arrowSchemaOf(columns.map(({ info }) => info));
  const children = columns.map((column, index) => {
    const cells = rows.map(({ f }) => f[places[index]!]!.v);
    return columnData(column, schema.fields[index]!.type, cells, at);
  });
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: rows.length, nullCount: 0, children }),
  );
}

function columnData(
  { info, field }: PlannedColumn,
  type: DataType,
  cells: JsonCell[],
  at: { table: string; before: number },
): Data {
  const { length } = cells;
  if (info.type === 'text') return textData(length, (row) => cellText(cells[row]!, field));
  const texts = cells as Array<string | null>;
  const nullBitmap = bits(texts.map((text) => text !== null));
  const nullCount = texts.filter((text) => text === null).length;
  const common = { type, length, nullCount, ...(nullCount > 0 ? { nullBitmap } : {}) };
  const fail = (row: number, value: string): never => {
    const message = `does not fit ${info.type}`;
    throw new ConnectorError('type', `Table ${at.table}, column "${info.name}": ${value} ${message}.`, {
      hint: 'Name the column in "Columns to read as text", or change "Decimal places of BIGNUMERIC".',
      faults: [{ column: info.name, row: at.before + row + 1, value: value.slice(0, 200), message }],
    });
  };
  switch (info.type) {
    case 'boolean':
      return makeData({ ...common, data: bits(texts.map((text) => text === 'true')) } as never);
    case 'float64':
      return makeData({ ...common, data: Float64Array.from(texts, (text) => floatOf(text ?? '0')) } as never);
    case 'date':
      return makeData({
        ...common,
        data: Int32Array.from(texts, (text) => (text === null ? 0 : Date.parse(`${text}T00:00:00Z`) / 86_400_000)),
      } as never);
    case 'binary': {
      const parts = texts.map((text) => Buffer.from(text ?? '', 'base64'));
      const valueOffsets = new Int32Array(length + 1);
      parts.forEach((part, row) => (valueOffsets[row + 1] = valueOffsets[row]! + part.length));
      return makeData({ ...common, valueOffsets, data: Buffer.concat(parts) } as never);
    }
  }
  const decimal = decimalOf(info.type);
  if (decimal) {
    const limit = 10n ** BigInt(decimal.precision);
    const data = new Uint32Array(length * 4);
    texts.forEach((text, row) => {
      if (text === null) return;
      const value = unscaled(text, decimal.scale);
      if (value === null || value >= limit || value <= -limit) return fail(row, text);
      for (let word = 0; word < 4; word += 1)
        data[row * 4 + word] = Number((value >> BigInt(32 * word)) & 0xffff_ffffn);
    });
    return makeData({ ...common, data } as never);
  }
  const kind = kindOf(field);
  return makeData({
    ...common,
    data: BigInt64Array.from(texts, (text) => (text === null ? 0n : wholeOf(kind, text))),
  } as never);
}

/** Whole numbers as they are; times in microseconds. */
function wholeOf(kind: string, text: string): bigint {
  if (kind === 'TIME') return microseconds('1970-01-01', text);
  if (kind === 'DATETIME') return microseconds(text.slice(0, text.search(/[T ]/)), text.slice(text.search(/[T ]/) + 1));
  return BigInt(text);
}

function microseconds(day: string, clock: string): bigint {
  const [whole, fraction = ''] = clock.split('.');
  return BigInt(Date.parse(`${day}T${whole}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}

/** The units of 10^-scale of a decimal's text; null where it has more places or is no decimal. */
function unscaled(text: string, scale: number): bigint | null {
  const match = /^(-?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match || match[4] !== undefined) return null;
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  if (fraction.length > scale) return null;
  const size = BigInt(`${match[2] || '0'}${fraction.padEnd(scale, '0')}`);
  return match[1] ? -size : size;
}

function floatOf(text: string): number {
  return text === '-Infinity' || text === '-inf'
    ? -Infinity
    : text === 'Infinity' || text === 'inf'
      ? Infinity
      : Number(text);
}

/** The same text as the Arrow way gives. */
function cellText(cell: JsonCell, field: TableField): string | null {
  if (isRepeated(field)) {
    const items = (Array.isArray(cell) ? cell : []).map(({ v }) => jsonText(v, { ...field, mode: 'NULLABLE' }));
    return `[${items.join(',')}]`;
  }
  if (cell === null) return null;
  if (typeof cell !== 'string') {
    const { f } = cell as JsonRow;
    const parts = (field.fields ?? []).map(
      (child, index) => `${JSON.stringify(child.name)}:${jsonText(f[index]!.v, child)}`,
    );
    return `{${parts.join(',')}}`;
  }
  const kind = kindOf(field);
  if (kind === 'TIMESTAMP') return `${momentText(BigInt(cell))}Z`;
  if (kind === 'DATETIME') return momentText(wholeOf(kind, cell));
  if (kind === 'TIME') return clockText(wholeOf(kind, cell));
  return cell;
}

function jsonText(cell: JsonCell, field: TableField): string {
  const text = cellText(cell, field);
  if (text === null) return 'null';
  const kind = kindOf(field);
  return isRepeated(field) || kind === 'RECORD' || isBareInJson(kind, text) ? text : JSON.stringify(text);
}

function bits(values: boolean[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, row) => {
    if (value) bytes[row >> 3]! |= 1 << (row & 7);
  });
  return bytes;
}
