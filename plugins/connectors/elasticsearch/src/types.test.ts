import { describe, expect, it } from 'vitest';
import { isDayFormat } from './date-formats.ts';
import { mergeMappings, type FieldMapping } from './mapping.ts';
import { readAnswer } from './testing/answer.ts';
import { mapLeaf, placesOf } from './types.ts';

// scaled_float and unsigned_long are not in the server of the tests: they are tested on mappings and documents as it sends them.

const sources = (...documents: string[]) => documents.map((source) => ({ source }));
const plain = { odd_numbers: 'refuse', nanoseconds: 'text' } as const;

describe('scaled_float', () => {
  const amount = { type: 'scaled_float', scaling_factor: 100 };

  it('is a decimal of the places of its factor, with every digit of the document', () => {
    const { columns, rows } = readAnswer(
      { amount },
      sources(
        '{"amount":12.3}',
        '{"amount":-0.01}',
        '{"amount":90071992547409.93}',
        '{"amount":"1204.50"}',
        '{"amount":1e2}',
        '{"amount":null}',
        '{"amount":[]}',
        '{"amount":""}',
        '{}',
        '{"amount":0}',
        '{"amount":-92233720368547758.08}',
      ),
    );
    expect(columns[0]?.type).toBe('decimal(19,2)');
    expect(rows.flat()).toEqual([
      '12.30',
      '-0.01',
      '90071992547409.93',
      '1204.50',
      '100.00',
      null,
      null,
      null,
      null,
      '0.00',
      '-92233720368547758.08',
    ]);
  });

  it('refuses more places with the document, the field and what to do; or rounds as the server does', () => {
    const read = (odd_numbers: 'refuse' | 'round', ...values: string[]) =>
      readAnswer({ amount }, sources(...values.map((value) => `{"amount":${value}}`)), { ...plain, odd_numbers });
    expect(() => read('refuse', '1', '12.345')).toThrow(
      expect.objectContaining({
        kind: 'type',
        message:
          '"i", document "2", field "amount": 12.345 has more than the 2 decimal places of its field, and is read as decimal(19,2).',
        hint: expect.stringContaining('Fields to read as text'),
      }),
    );
    expect(read('round', '12.345', '-12.345', '0.30000000000000004', '-0.004').rows.flat()).toEqual([
      '12.35',
      '-12.34',
      '0.30',
      '0.00',
    ]);
    expect(() => read('refuse', '123456789012345678.00')).toThrow(/more than the 19 digits/);
    expect(() => read('refuse', '"twelve"')).toThrow(/twelve is not a number/);
    expect(() => read('refuse', '[1,2]')).toThrow(/\[1,2\] holds a list/);
  });

  it('finds the places of any factor, and says where there are none', () => {
    expect([1, 10, 100, 1e6, 4, 20, 0.25, 0.01, 1e-3].map((factor) => placesOf(factor))).toEqual([
      0, 1, 2, 6, 2, 2, 0, 0, 0,
    ]);
    expect([3, 60, 0, -1, undefined].map((factor) => placesOf(factor))).toEqual([null, null, null, null, null]);
    const { columns, notes, rows } = readAnswer(
      { third: { type: 'scaled_float', scaling_factor: 3 } },
      sources('{"third":0.3333333333333333333}'),
    );
    expect([columns[0]?.type, rows[0]?.[0], notes[0]]).toEqual([
      'text',
      '0.3333333333333333333',
      expect.stringContaining('no decimal holds'),
    ]);
  });
});

describe('whole numbers', () => {
  it('keep every digit to the ends of their range, and refuse what is beyond', () => {
    const big: FieldMapping = { type: 'unsigned_long' };
    const { columns, rows } = readAnswer(
      { big, long: { type: 'long' }, small: { type: 'byte' } },
      sources(
        '{"big":18446744073709551615,"long":9223372036854775807,"small":-128}',
        '{"big":"9007199254740993","long":-9223372036854775808,"small":"127"}',
        '{"big":0,"long":9007199254740993.0,"small":1e1}',
      ),
    );
    expect(columns.map(({ type }) => type)).toEqual(['uint64', 'int64', 'int8']);
    expect(rows).toEqual([
      ['18446744073709551615', '9223372036854775807', '-128'],
      ['9007199254740993', '-9223372036854775808', '127'],
      ['0', '9007199254740993', '10'],
    ]);
    const one = (type: string, value: string, odd_numbers: 'refuse' | 'round' = 'refuse') =>
      readAnswer({ a: { type } }, sources(`{"a":${value}}`), { ...plain, odd_numbers }).rows[0]?.[0];
    expect(() => one('unsigned_long', '-1')).toThrow(/does not fit/);
    expect(() => one('unsigned_long', '18446744073709551616')).toThrow(/does not fit/);
    expect(() => one('long', '9223372036854775808')).toThrow(/does not fit/);
    expect(() => one('integer', '2147483648')).toThrow(/does not fit/);
    expect(() => one('long', '1.5')).toThrow(/not a whole number/);
    expect(one('long', '-1.5', 'round')).toBe('-1');
  });
});

describe('other types', () => {
  it('reads money in floating-point fields digit by digit where it is named', () => {
    const { columns, rows } = readAnswer(
      { a: { type: 'float' }, b: { type: 'double' } },
      sources('{"a":1234567.89,"b":0.1}'),
      { ...plain, decimal_fields: ['a:2'] },
    );
    expect(columns.map(({ type }) => type)).toEqual(['decimal(38,2)', 'float64']);
    expect(rows[0]).toEqual(['1234567.89', '0.1']);
  });

  it('reads dotted names, objects, lists of objects and one-item lists alike', () => {
    const { columns, rows } = readAnswer(
      {
        a: { properties: { b: { type: 'long' }, c: { properties: { d: { type: 'keyword' } } } } },
        'x.y': { type: 'keyword' },
      },
      sources(
        '{"a":{"b":1,"c":{"d":"deep"}},"x.y":"k"}',
        '{ "a.b" : [ 2 ] , "a" : { "c.d" : "é\\u00e9\\n" , "other" : { "b" : [1,{"b":"}"}] } } }',
        '{"a.c.d":"flat","a":null,"x":{"y":["one"]}}',
        '{"a":[{"b":4},{"c":{"d":"p"}},{"c":{"d":["q",null,"r"]}}]}',
      ),
    );
    expect(columns.map(({ name }) => name)).toEqual(['a.b', 'a.c.d', 'x.y']);
    expect(rows).toEqual([
      ['1', 'deep', 'k'],
      ['2', 'éé\n', null],
      [null, 'flat', 'one'],
      ['4', '["p","q",null,"r"]', null],
    ]);
  });

  it('reads what has no counterpart as JSON, byte by byte, with a note', () => {
    const source = '{"lines":[{"n":12345678901234567.890}],"geo":{"lat":1.10,"lon":2},"one":"x","odd":7}';
    const { rows, notes } = readAnswer(
      {
        lines: { type: 'nested', properties: { n: { type: 'double' } } },
        geo: { type: 'geo_point' },
        one: { type: 'flattened' },
        odd: { type: 'invented' },
      },
      sources(source, '{}'),
    );
    expect(rows).toEqual([
      ['[{"n":12345678901234567.890}]', '{"lat":1.10,"lon":2}', 'x', '7'],
      [null, null, null, null],
    ]);
    expect(notes.every(Boolean)).toBe(true);
  });

  it('reads dates as the server writes them for us, to the ends of the calendar', () => {
    const { columns, rows } = readAnswer(
      { at: { type: 'date' }, ns: { type: 'date_nanos' }, day: { type: 'date', format: 'yyyy/MM/dd||basic_date' } },
      [
        { source: '{}', fields: '{"at":["1769846400001"],"ns":["1769846400123.456789"],"day":["1769817600000"]}' },
        { source: '{}', fields: '{"at":["-1"],"ns":["0"],"day":["-62135596800000"]}' },
        { source: '{}', fields: '{"at":["253402300799999"]}' },
      ],
    );
    expect(columns.map(({ type }) => type)).toEqual(['timestamptz', 'text', 'date']);
    expect(rows).toEqual([
      ['2026-01-31T08:00:00.001Z', '2026-01-31T08:00:00.123456789Z', '2026-01-31'],
      ['1969-12-31T23:59:59.999Z', '1970-01-01T00:00:00.000000000Z', '0001-01-01'],
      ['9999-12-31T23:59:59.999Z', null, null],
    ]);
    const micros = readAnswer(
      { ns: { type: 'date_nanos' } },
      [{ source: '{}', fields: '{"ns":["1769846400123.456789"]}' }],
      { ...plain, nanoseconds: 'microseconds' },
    );
    expect(micros.rows[0]?.[0]).toBe('2026-01-31T08:00:00.123456Z');
    expect(isDayFormat("yyyy-MM-dd'T'HH:mm")).toBe(false);
    expect(isDayFormat('yyyy-MM||yyyy-MM-dd')).toBe(false);
    expect(isDayFormat("dd.MM.uuuu||yyyy-MM-dd['th']")).toBe(true);
  });

  it('makes one column of indices that define a field differently, never a wrong one', () => {
    const typeOf = (...fields: FieldMapping[]) => {
      const [leaf] = mergeMappings(fields.map((field) => ({ properties: { f: field } }))).leaves;
      return mapLeaf(leaf!, { config: plain, lists: new Map() }).type;
    };
    expect(typeOf({ type: 'integer' }, { type: 'long' })).toBe('int64');
    expect(typeOf({ type: 'long' }, { type: 'unsigned_long' })).toBe('text');
    expect(typeOf({ type: 'long' }, { type: 'float' })).toBe('text');
    expect(typeOf({ type: 'keyword' }, { type: 'text' })).toBe('text');
    expect(typeOf({ type: 'date' }, { type: 'date', format: 'yyyy-MM-dd' })).toBe('timestamptz');
    expect(typeOf({ type: 'scaled_float', scaling_factor: 100 }, { type: 'scaled_float', scaling_factor: 10000 })).toBe(
      'decimal(21,4)',
    );
  });
});
