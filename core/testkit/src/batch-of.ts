import { makeData, RecordBatch, Struct, type Data, type DataType } from 'apache-arrow';
import { columnInfoSchema, decimalOf, type Batch, type ColumnInfo, type ColumnType } from '@kalla/core';
import { arrowSchemaOf } from '@kalla/core/arrow';

/**
 * Builds an Arrow batch from texts: each cell as API.md or DuckDB spells it, or null. The counterpart of `spellRows`, and
 * independent of any conversion that it is used to test. For fixtures and small sources; a fast connector fills typed arrays.
 *
 * @example batchOf([{ name: 'amount', type: 'decimal(12,2)' }], [['-12.50'], [null]])
 */
export function batchOf(columns: readonly ColumnInfo[], rows: readonly (readonly (string | null)[])[]): Batch {
  for (const column of columns) columnInfoSchema.parse(column);
  const schema = arrowSchemaOf(columns);
  const children = columns.map((column, index) =>
    dataOf(
      column.type,
      schema.fields[index]!.type,
      rows.map((row) => row[index] ?? null),
    ),
  );
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
