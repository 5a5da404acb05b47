import { makeData, RecordBatch, Struct, type Data, type DataType } from 'apache-arrow';
import { arrowSchemaOf } from './arrow-schema.ts';
import { columnInfoSchema, type ColumnInfo } from './column.ts';
import { decimalOf, type ColumnType } from './column-type.ts';
import { ConnectorError } from './connector-error.ts';
import type { Batch } from './connector.ts';

/**
 * Builds an Arrow batch from texts: each cell as the API spells it, or null. For sources that answer in text (JSON, XML, CSV)
 * and for fixtures; a connector for millions of rows fills typed arrays.
 *
 * @throws ConnectorError `type` for a cell that its column cannot hold exactly: nothing is rounded, cut or wrapped around
 * @example batchOf([{ name: 'amount', type: 'decimal(12,2)' }], [['-12.50'], [null]])
 */
export function batchOf(columns: readonly ColumnInfo[], rows: readonly (readonly (string | null)[])[]): Batch {
  for (const column of columns) columnInfoSchema.parse(column);
  const schema = arrowSchemaOf(columns);
  const children = columns.map((column, index) => {
    const cells = rows.map((row) => row[index] ?? null);
    for (const cell of cells) if (cell !== null && !fits(column.type, cell)) throw misfit(column, cell);
    return dataOf(column.type, schema.fields[index]!.type, cells);
  });
  const struct = new Struct(schema.fields);
  return new RecordBatch(schema, makeData({ type: struct, length: rows.length, nullCount: 0, children }));
}

function dataOf(type: ColumnType, arrow: DataType, cells: (string | null)[]): Data {
  const length = cells.length;
  const nullCount = cells.filter((cell) => cell === null).length;
  const nullBitmap = nullCount > 0 ? bits(cells.map((cell) => cell !== null)) : undefined;
  const common = { type: arrow as never, length, nullCount, nullBitmap };
  if (type === 'text' || type === 'binary') {
    const encoded = cells.map((cell) =>
      type === 'text' ? new TextEncoder().encode(cell ?? '') : Buffer.from(cell ?? '', 'hex'),
    );
    const valueOffsets = new Int32Array(length + 1);
    encoded.forEach((bytes, index) => (valueOffsets[index + 1] = valueOffsets[index]! + bytes.length));
    return makeData({ ...common, valueOffsets, data: Buffer.concat(encoded) } as never);
  }
  if (type === 'boolean') return makeData({ ...common, data: bits(cells.map((cell) => cell === 'true')) } as never);
  if (type === 'uuid') return makeData({ ...common, data: Buffer.concat(cells.map(uuidBytes)) } as never);
  const numbers = cells.map((cell) => integerOf(type, cell));
  if (decimalOf(type)) {
    const words = new Uint32Array(length * 4);
    numbers.forEach((value, index) => {
      for (let word = 0; word < 4; word++)
        words[index * 4 + word] = Number(((value as bigint) >> BigInt(32 * word)) & 0xffffffffn);
    });
    return makeData({ ...common, data: words } as never);
  }
  const ArrayType = (arrow as { ArrayType: new (length: number) => { [index: number]: unknown } }).ArrayType;
  const wide = /64|^time/.test(type) && type !== 'float64';
  const data =
    type === 'timestamp' || type === 'timestamptz' || type === 'time'
      ? new BigInt64Array(length)
      : new ArrayType(length);
  numbers.forEach((value, index) => ((data as { [index: number]: unknown })[index] = wide ? value : Number(value)));
  return makeData({ ...common, data } as never);
}

function bits(values: boolean[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, index) => {
    if (value) bytes[index >> 3]! |= 1 << (index & 7);
  });
  return bytes;
}

const uuidBytes = (cell: string | null) => Buffer.from((cell ?? '0'.repeat(32)).replaceAll('-', ''), 'hex');

/** The number that Arrow holds for a text; floats as JavaScript numbers. */
function integerOf(type: ColumnType, cell: string | null): bigint | number {
  if (cell === null) return type.startsWith('float') ? 0 : 0n;
  const decimal = decimalOf(type);
  if (decimal) {
    const [whole, fraction = ''] = cell.split('.');
    return BigInt(whole + fraction.padEnd(decimal.scale, '0'));
  }
  if (type.startsWith('float')) return Number(cell);
  if (type === 'date') return BigInt(Date.parse(`${cell}T00:00:00Z`) / 86_400_000);
  if (type === 'time') return microseconds(`1970-01-01 ${cell}`);
  if (type === 'timestamp' || type === 'timestamptz')
    return microseconds(cell.replace('+00', '').replace('T', ' ').replace(/Z$/, ''));
  return BigInt(cell);
}

function microseconds(text: string): bigint {
  const [whole, fraction = ''] = text.split('.');
  return BigInt(Date.parse(`${whole!.replace(' ', 'T')}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'));
}

const TIME = String.raw`([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?`;
const DATE = String.raw`\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])`;
const SPELLED: Record<string, RegExp> = {
  boolean: /^(true|false)$/,
  binary: /^([0-9a-f]{2})*$/i,
  uuid: /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i,
  date: new RegExp(`^${DATE}$`),
  time: new RegExp(`^${TIME}$`),
  timestamp: new RegExp(`^${DATE}[T ]${TIME}$`),
  timestamptz: new RegExp(`^${DATE}[T ]${TIME}(Z|\\+00)$`),
};

/** True where a column of this type holds the cell exactly. */
function fits(type: ColumnType, cell: string): boolean {
  if (type === 'text') return true;
  const decimal = decimalOf(type);
  if (decimal) {
    const [, whole = '', fraction = ''] = /^-?(\d+)(?:\.(\d+))?$/.exec(cell) ?? [];
    const digits = whole.replace(/^0+/, '').length;
    return whole !== '' && fraction.length <= decimal.scale && digits <= decimal.precision - decimal.scale;
  }
  const integer = /^(u?)int(\d+)$/.exec(type);
  if (integer) return /^-?\d+$/.test(cell) && inRange(BigInt(cell), Number(integer[2]), integer[1] === 'u');
  if (type.startsWith('float')) return /^(-?\d+(\.\d+)?(e[+-]?\d+)?|NaN|-?Infinity)$/i.test(cell);
  if (!SPELLED[type]?.test(cell)) return false;
  return !/^(date|timestamp)/.test(type) || isDay(cell.slice(0, 10));
}

function inRange(value: bigint, bits: number, unsigned: boolean): boolean {
  return value === (unsigned ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value));
}

/** False for 2026-02-30, which JavaScript would take for a day in March. */
function isDay(day: string): boolean {
  const at = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
}

function misfit({ name, type }: ColumnInfo, cell: string): ConnectorError {
  const value = cell.length > 200 ? `${cell.slice(0, 200)}…` : cell;
  const message = `The column "${name}" cannot hold "${value}" as ${type}.`;
  return new ConnectorError('type', message, { faults: [{ column: name, value, message }] });
}
