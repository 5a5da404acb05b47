import { spellRows } from '@kalla/testkit';
import {
  Decimal,
  Field,
  Int32,
  Int64,
  IntervalMonthDayNano,
  List,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Utf8,
  type Data,
  type DataType,
} from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { ArrowBatches } from './arrow-batches.ts';
import type { TableField } from './catalog.ts';
import type { BigQueryConfig } from './config.ts';
import { planColumn } from './types.ts';

/**
 * Arrow bytes as Google documents them and local-bigquery does not send them: BIGNUMERIC as decimal256(76,38), NUMERIC(p,s) as
 * a decimal of so many places, INTERVAL as months, days and nanoseconds.
 */
const CONFIG: BigQueryConfig = { project: 'acme-finance', credentials: { kind: 'none' }, connect_timeout: 10 };

describe('Arrow messages of the Storage Read API', () => {
  it('spells a BIGNUMERIC of 76 digits exactly', () => {
    const most = '578960446186580977117854925043439539266.34992332820282019728792003956564819967';
    const cells = [most, `-${most}`, '0', '-0.00000000000000000000000000000000000001', '1200', null];
    expect(read({ name: 'b', type: 'BIGNUMERIC' }, new Decimal(38, 76, 256), wide(cells, 38))).toEqual({
      type: 'text',
      cells: [most, `-${most}`, '0', '-0.00000000000000000000000000000000000001', '1200', null],
    });
  });

  it('makes a decimal of BIGNUMERIC(38,10), whatever the width of its bytes', () => {
    const cells = ['1234567890123456789012345678.0123456789', '-0.5', null];
    const field = { name: 'b', type: 'BIGNUMERIC', precision: '38', scale: '10' };
    expect(read(field, new Decimal(10, 38, 256), wide(cells, 10))).toEqual({
      type: 'decimal(38,10)',
      cells: ['1234567890123456789012345678.0123456789', '-0.5000000000', null],
    });
  });

  it('reads a BIGNUMERIC with the places that the settings say, and names the first value that does not fit', () => {
    const config = { ...CONFIG, bignumeric_places: 2 };
    const field = { name: 'b', type: 'BIGNUMERIC' };
    const type = new Decimal(38, 76, 256);
    expect(read(field, type, wide(['-12.50', '99999999999999999999999999999999999.99'], 38), config).cells).toEqual([
      '-12.50',
      '99999999999999999999999999999999999.99',
    ]);
    expect(() => read(field, type, wide(['1', '12.345'], 38), config)).toThrow(
      expect.objectContaining({
        kind: 'type',
        message: 'Table ledger.bills, column "b": 12.345 needs more digits than decimal(38,2) has.',
        faults: [expect.objectContaining({ column: 'b', row: 2, value: '12.345' })],
      }),
    );
    expect(() => read(field, type, wide(['1000000000000000000000000000000000000'], 38), config)).toThrow(
      /needs more digits/,
    );
  });

  it('keeps the bytes of a NUMERIC(p,s) whose scale is as declared, and rescales another', () => {
    const field = { name: 'n', type: 'NUMERIC', precision: '12', scale: '2' };
    expect(read(field, new Decimal(2, 12, 128), wide(['-0.01', '1.00'], 2, 4))).toEqual({
      type: 'decimal(12,2)',
      cells: ['-0.01', '1.00'],
    });
    expect(read(field, new Decimal(9, 38, 128), wide(['-0.01', '1.00'], 9, 4)).cells).toEqual(['-0.01', '1.00']);
    expect(() => read(field, new Decimal(9, 38, 128), wide(['0.001'], 9, 4))).toThrow(/needs more digits/);
  });

  it('writes STRUCT and ARRAY as JSON whose numbers keep all their digits', () => {
    const decimals = wide(['79228162514264337593543950336.123456789', '-0.1'], 9, 4);
    const n = makeData({ type: new Decimal(9, 38, 128), length: 2, nullCount: 0, data: decimals.words } as never);
    const s = makeData({
      type: new Utf8(),
      length: 2,
      nullCount: 1,
      nullBitmap: Uint8Array.of(1),
      valueOffsets: Int32Array.of(0, 7, 7),
      data: new TextEncoder().encode('a"\n𝔸'),
    } as never);
    const i = makeData({
      type: new Int64(),
      length: 2,
      nullCount: 0,
      data: BigInt64Array.of(9007199254740993n, -1n),
    } as never);
    const struct = new Struct([
      new Field('n', n.type, true),
      new Field('s', s.type, true),
      new Field('i', i.type, true),
    ]);
    const items = makeData({ type: struct, length: 2, nullCount: 0, children: [n, s, i] } as never);
    const type = new List(new Field('item', struct, true));
    const data = makeData({
      type,
      length: 2,
      nullCount: 0,
      valueOffsets: Int32Array.of(0, 2, 2),
      child: items,
    } as never);
    const fields = [
      { name: 'n', type: 'NUMERIC' },
      { name: 's', type: 'STRING' },
      { name: 'i', type: 'INTEGER' },
    ];
    const found = readData({ name: 'lines', type: 'RECORD', mode: 'REPEATED', fields }, data as Data);
    expect(found.cells[1]).toBe('[]');
    expect(found.cells[0]).toBe(
      '[{"n":79228162514264337593543950336.123456789,"s":"a\\"\\n𝔸","i":9007199254740993},{"n":-0.1,"s":null,"i":-1}]',
    );
  });

  it('writes an INTERVAL as BigQuery does', () => {
    const data = Int32Array.of(14, -3, 0, 0, -1, 0, 0, 0);
    const nanos = new BigInt64Array(data.buffer);
    nanos[1] = 3_723_000_001_000n;
    nanos[3] = -1_000_000_000n;
    const column = makeData({ type: new IntervalMonthDayNano(), length: 2, nullCount: 0, data } as never);
    expect(readData({ name: 'iv', type: 'INTERVAL' }, column as Data).cells).toEqual([
      '1-2 -3 1:2:3.000001',
      '-0-1 0 -0:0:1',
    ]);
  });

  it('says that a column is another one than planned', () => {
    const column = makeData({
      type: new Utf8(),
      length: 1,
      nullCount: 0,
      valueOffsets: Int32Array.of(0, 1),
      data: Uint8Array.of(65),
    } as never);
    expect(() => readData({ name: 'id', type: 'INTEGER' }, column as Data)).toThrow(
      expect.objectContaining({ kind: 'schema-changed' }),
    );
    const renamed = makeData({ type: new Int32(), length: 1, nullCount: 0, data: Int32Array.of(1) } as never);
    expect(() => readData({ name: 'id', type: 'INTEGER' }, renamed as Data, CONFIG, 'number')).toThrow(
      /has no column "id" any more/,
    );
  });

  it.for([true, false])('reads one message after the other, each ended by the mark of the end: %s', (marked) => {
    const field = { name: 'id', type: 'INTEGER' };
    const parts = [[1n, 2n], [], [3n], [4n, 5n, 6n]].map((ids) => messageOf(field.name, integers(ids), marked));
    const column = planColumn(field, CONFIG);
    const batches = new ArrowBatches(parts[0]!.header, [column], 'ledger.bills');
    const found = parts.map(({ message, rows }) => spellRows(batches.decode(message, rows), [column.info.type]).flat());
    expect(found).toEqual([['1', '2'], [], ['3'], ['4', '5', '6']]);
  });

  it('says that a message is cut off, wherever', () => {
    const field = { name: 'id', type: 'INTEGER' };
    const { header, message, rows } = messageOf(field.name, integers([1n, 2n, 3n]), false);
    for (let length = 0; length < message.length; length += 1) {
      const batches = new ArrowBatches(header, [planColumn(field, CONFIG)], 'ledger.bills');
      expect(() => batches.decode(message.subarray(0, length), rows)).toThrow(
        // What Arrow itself said is kept for the log, where it said anything: of too few bytes for a length it says nothing.
        expect.objectContaining({
          kind: 'transient',
          ...(length > 8 ? { cause: expect.any(Error) as Error } : {}),
        }) as Error,
      );
    }
  });
});

function integers(values: bigint[]): Data {
  return makeData({
    type: new Int64(),
    length: values.length,
    nullCount: 0,
    data: BigInt64Array.from(values),
  } as never);
}

/** Whole numbers of so many 32-bit words, and which of them are NULL. */
function wide(cells: Array<string | null>, scale: number, words = 8) {
  const data = new Uint32Array(cells.length * words);
  const nullBitmap = new Uint8Array(8);
  cells.forEach((cell, row) => {
    if (cell === null) return;
    nullBitmap[0]! |= 1 << row;
    const [whole = '', fraction = ''] = cell.split('.');
    const value = BigInt(whole + fraction.padEnd(scale, '0'));
    for (let word = 0; word < words; word += 1)
      data[row * words + word] = Number((value >> BigInt(32 * word)) & 0xffff_ffffn);
  });
  return { words: data, nullBitmap, length: cells.length, nullCount: cells.filter((cell) => cell === null).length };
}

function read(field: TableField, type: DataType, { words, ...rest }: ReturnType<typeof wide>, config = CONFIG) {
  return readData(field, makeData({ type, ...rest, data: words } as never) as Data, config);
}

/** A column as bytes, as the service sends it: schema and batch are messages of their own. */
function messageOf(name: string, data: Data, marked: boolean) {
  const schema = new Schema([new Field(name, data.type as DataType, true)]);
  const batch = new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: data.length, nullCount: 0, children: [data] }),
  );
  const writer = new RecordBatchStreamWriter();
  writer.write(batch);
  writer.finish();
  const bytes = writer.toUint8Array(true);
  const header = 8 + new DataView(bytes.buffer, bytes.byteOffset).getInt32(4, true);
  // The writer ends a stream with eight bytes.
  const message = bytes.slice(header, bytes.length - (marked ? 0 : 8));
  return { header: bytes.slice(0, header), message, rows: data.length };
}

function readData(field: TableField, data: Data, config = CONFIG, name = field.name) {
  const { header, message, rows } = messageOf(name, data, false);
  const column = planColumn(field, config);
  const batches = new ArrowBatches(header, [column], 'ledger.bills').decode(message, rows);
  return { type: column.info.type, cells: spellRows(batches, [column.info.type]).map(([cell]) => cell) };
}
