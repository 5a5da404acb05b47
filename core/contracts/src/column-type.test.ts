import { Decimal } from 'apache-arrow';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrowSchemaOf, arrowTypeOf } from './arrow.ts';
import { columnTypeOfDuckdb, columnTypeSchema, decimalOf, duckdbTypeOf, isStringInJson } from './column-type.ts';

const PLAIN = [
  ...['boolean', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float32', 'float64'],
  ...['text', 'binary', 'date', 'time', 'timestamp', 'timestamptz', 'uuid'],
];
const anyDecimal = fc
  .integer({ min: 1, max: 38 })
  .chain((precision) => fc.integer({ min: 0, max: precision }).map((scale) => `decimal(${precision},${scale})`));
const anyType = fc.oneof(fc.constantFrom(...PLAIN), anyDecimal);

test('every type goes to DuckDB and back unchanged', () => {
  fc.assert(
    fc.property(anyType, (type) => {
      expect(columnTypeSchema.parse(type)).toBe(type);
      expect(columnTypeOfDuckdb(duckdbTypeOf(type))).toBe(type);
    }),
  );
});

test('two types never share a DuckDB or an Arrow type', () => {
  const names = (print: (type: string) => string) => new Set(PLAIN.map(print));
  expect(names(duckdbTypeOf).size).toBe(PLAIN.length);
  expect(names((type) => arrowTypeOf(type).toString()).size).toBe(PLAIN.length);
});

test('a decimal keeps precision and scale in Arrow', () => {
  fc.assert(
    fc.property(anyDecimal, (type) => {
      const arrow = arrowTypeOf(type);
      expect(arrow).toBeInstanceOf(Decimal);
      const { precision, scale, bitWidth } = arrow as Decimal;
      expect({ precision, scale }).toEqual(decimalOf(type));
      expect(bitWidth).toBe(128);
    }),
  );
});

test.each(['money', 'decimal', 'decimal(39,0)', 'decimal(0,0)', 'int128', 'Decimal(1,0)', ' text', 'text[]'])(
  '"%s" is no column type',
  (type) => {
    expect(columnTypeSchema.safeParse(type).success).toBe(false);
    expect(() => arrowTypeOf(type.includes('decimal(') ? 'unknown' : type)).toThrow(/column type/);
  },
);

test.each(['HUGEINT', 'INTERVAL', 'INTEGER[]', 'STRUCT(a INTEGER)', 'TIMESTAMP_NS', 'BIT', "ENUM('a')"])(
  'DuckDB %s has no exact counterpart',
  (type) => expect(columnTypeOfDuckdb(type)).toBeNull(),
);

test('what a double cannot hold is text in JSON', () => {
  const asText = PLAIN.filter(isStringInJson);
  expect(asText).toEqual(['int64', 'uint64', 'text', 'binary', 'date', 'time', 'timestamp', 'timestamptz', 'uuid']);
  expect(isStringInJson('decimal(12,2)')).toBe(true);
});

test('a schema keeps order, names and nullability, and marks a UUID', () => {
  const schema = arrowSchemaOf([
    { name: 'id', type: 'uuid', nullable: false },
    { name: 'amount', type: 'decimal(12,2)' },
  ]);
  expect(schema.fields.map(({ name, nullable }) => [name, nullable])).toEqual([
    ['id', false],
    ['amount', true],
  ]);
  expect(schema.fields[0]?.metadata.get('ARROW:extension:name')).toBe('arrow.uuid');
});
