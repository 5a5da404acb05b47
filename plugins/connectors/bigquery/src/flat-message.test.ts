import {
  Binary,
  Bool,
  DateDay,
  Decimal,
  Field,
  Float64,
  Int32,
  Int64,
  List,
  makeData,
  RecordBatch,
  RecordBatchReader,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimeMicrosecond,
  TimestampMicrosecond,
  Utf8,
  vectorFromArray,
  type Data,
  type DataType,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlatMessages, type FlatColumns } from './flat-message.ts';

const TYPES: DataType[] = [
  new Utf8(),
  new Binary(),
  new Bool(),
  new Int64(),
  new Int32(),
  new Float64(),
  new Decimal(9, 38, 128),
  new Decimal(38, 76, 256),
  new DateDay(),
  new TimeMicrosecond(),
  new TimestampMicrosecond('UTC'),
];

/** A column whose bytes are anything: every bit of it has to arrive. */
const column = (rows: number) =>
  fc
    .record({
      type: fc.constantFrom(...TYPES),
      bytes: fc.uint8Array({ minLength: rows * 32, maxLength: rows * 32 }),
      texts: fc.array(fc.string({ unit: 'grapheme', maxLength: 9 }), { minLength: rows, maxLength: rows }),
      validity: fc.option(fc.uint8Array({ minLength: Math.ceil(rows / 8), maxLength: Math.ceil(rows / 8) })),
    })
    .map(({ type, bytes, texts, validity }): Data => {
      const nulls = validity ? { nullBitmap: validity, nullCount: -1 } : { nullCount: 0 };
      if (!(type instanceof Utf8 || type instanceof Binary))
        return makeData({ type, length: rows, ...nulls, data: new type.ArrayType(bytes.slice().buffer) } as never);
      const encoded = texts.map((text) => new TextEncoder().encode(text));
      const valueOffsets = Int32Array.from({ length: rows + 1 }, (_, row) =>
        encoded.slice(0, row).reduce((sum, { length }) => sum + length, 0),
      );
      return makeData({ type, length: rows, ...nulls, valueOffsets, data: Buffer.concat(encoded) } as never);
    });

const batch = fc.nat({ max: 40 }).chain((rows) =>
  fc.record({
    children: fc.array(column(rows), { minLength: 1, maxLength: 4 }),
    from: fc.nat({ max: rows }),
    to: fc.nat({ max: rows }),
    /** Where the message lies in memory: behind something of any length. */
    before: fc.nat({ max: 17 }),
    isMarked: fc.boolean(),
  }),
);

describe('messages of plain columns', () => {
  it('have the cells that Arrow’s own reader finds, wherever they lie', () => {
    fc.assert(
      fc.property(batch, ({ children, from, to, before, isMarked }) => {
        const { message, whole, types } = messageOf(children, [Math.min(from, to), Math.max(from, to)], isMarked);
        const moved = new Uint8Array(before + message.length + 3);
        moved.set(message, before);
        const found = FlatMessages.of(types)!.read(moved.subarray(before, before + message.length));
        moved.fill(0xee);
        const [wanted] = [...RecordBatchReader.from(whole)];
        const read = wanted?.data.children ?? children.map((data) => data.slice(0, 0));
        // Arrow's writer leaves out the bits of booleans that are all NULL, which no other writer does.
        const isLeft = read.some(
          ({ type, length, nullCount }) => type instanceof Bool && length > 0 && nullCount === length,
        );
        if (isLeft) expect(found).toBeNull();
        else expect(cellsOf(found!)).toEqual(cellsOf({ rows: wanted?.numRows ?? 0, columns: read }));
      }),
      { numRuns: 400 },
    );
  });

  it('are left to Arrow’s reader where they are cut off, or others than said', () => {
    const text = vectorFromArray(['a', null, 'ccc'], new Utf8()).data[0]!;
    const number = vectorFromArray([1n, 2n, 3n], new Int64()).data[0]!;
    const { message, types, header } = messageOf([text, number], [0, 3], false);
    expect(FlatMessages.of(types)!.read(message)?.rows).toBe(3);
    for (let length = 0; length < message.length; length += 1)
      expect(FlatMessages.of(types)!.read(message.subarray(0, length))).toBeNull();
    expect(FlatMessages.of(types)!.read(Buffer.concat([message, message]))).toBeNull();
    expect(FlatMessages.of(types)!.read(header)).toBeNull();
    for (const others of [
      types.slice(1),
      types.slice(0, 1),
      [...types, types[0]!],
      [types[1]!, types[0]!],
      [types[0]!, new Decimal(0, 38, 128)],
    ])
      expect(FlatMessages.of(others)!.read(message)).toBeNull();
  });

  it('are no messages with columns that are nested', () => {
    expect(FlatMessages.of([new Int64(), new List(new Field('item', new Int64(), true))])).toBeNull();
  });
});

/** Some rows of the columns as a stream of Arrow, and the message of its batch alone. */
function messageOf(children: Data[], [from, to]: [number, number], isMarked: boolean) {
  const schema = new Schema(children.map(({ type }, index) => new Field(`c${index}`, type as DataType, true)));
  const length = children[0]!.length;
  const all = new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }));
  const writer = new RecordBatchStreamWriter();
  writer.write(all.slice(from, to));
  writer.finish();
  const whole = writer.toUint8Array(true);
  const start = 8 + new DataView(whole.buffer, whole.byteOffset).getInt32(4, true);
  // The writer ends a stream with eight bytes.
  const message = whole.slice(start, whole.length - (isMarked ? 0 : 8));
  return { whole, header: whole.slice(0, start), message, types: schema.fields.map(({ type }) => type as DataType) };
}

/** The bytes of each cell; null for NULL. */
function cellsOf({ rows, columns }: FlatColumns): unknown[][] {
  return columns.map((data) =>
    Array.from({ length: rows }, (_, row) => {
      if (!data.getValid(row)) return null;
      const { type, stride, valueOffsets: offsets } = data;
      const values = data.values as Uint8Array;
      if (type instanceof Bool) return (values[(data.offset + row) >> 3]! >> ((data.offset + row) & 7)) & 1;
      const isText = type instanceof Utf8 || type instanceof Binary;
      const cell = isText
        ? values.subarray(offsets[row], offsets[row + 1])
        : values.subarray(row * stride, (row + 1) * stride);
      return [...new Uint8Array(cell.buffer, cell.byteOffset, cell.byteLength)].join(' ');
    }),
  );
}
