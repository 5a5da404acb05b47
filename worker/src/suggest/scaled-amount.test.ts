import { expect, test } from 'vitest';
import { roomOf } from './condition-ranges.ts';
import { decimalsOf, NO_AMOUNT, scaledOf, signed } from './scaled-amount.ts';

test.each([
  ['12.34', 2, 1234n],
  ['-12.5', 2, -1250n],
  ['-0.05', 2, -5n],
  ['7', 3, 7000n],
  ['0.123456', 2, 12n],
  ['999999999999999999', 0, 999999999999999999n],
  ['-0009999999999999999.99', 2, -999999999999999999n],
  ['1000000000000000000', 0, NO_AMOUNT],
  ['100000000000000000', 1, NO_AMOUNT],
  ['0', 2, 0n],
  ['-0.00', 2, 0n],
  ['99999999999999999999.99', 2, NO_AMOUNT],
  ['', 2, NO_AMOUNT],
])('%s with %i decimals', (text, scale, expected) => {
  const column = {
    text: `${text}|${text}`,
    starts: Int32Array.from([0, text.length + 1]),
    ends: Int32Array.from([text.length, 2 * text.length + 1]),
    nulls: 0,
  };
  expect([...scaledOf(column, scale)]).toEqual([expected, expected]);
});

test('decimals of types', () => {
  expect(['int64', 'decimal(18,4)', 'float64'].map(decimalsOf)).toEqual([0, 4, 9]);
});

test('signs aside, opposite, as they are; no amount stays none', () => {
  const values = BigInt64Array.from([5n, -5n, 0n, NO_AMOUNT]);
  expect([...signed(values, 'same')]).toEqual([5n, -5n, 0n, NO_AMOUNT]);
  expect([...signed(values, 'opposite')]).toEqual([-5n, 5n, 0n, NO_AMOUNT]);
  expect([...signed(values, 'any')]).toEqual([5n, 5n, 0n, NO_AMOUNT]);
});

test('tolerances in the last decimal', () => {
  expect(roomOf({ kind: 'none' }, 2)(500n)).toBe(0n);
  expect(roomOf({ kind: 'absolute', value: '0.05' }, 2)(500n)).toBe(5n);
  expect(roomOf({ kind: 'absolute', value: '20' }, 4)(500n)).toBe(200_000n);
  expect(roomOf({ kind: 'percent', value: '0.5' }, 2)(10_000n)).toBe(50n);
  expect(roomOf({ kind: 'percent', value: '10' }, 2)(999n)).toBe(99n);
});
