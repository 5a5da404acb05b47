import { expect, test } from 'vitest';
import { roomOf } from './condition-ranges.ts';
import { decimalsOf, NO_AMOUNT, scaledOf, signed } from './scaled-amount.ts';

test.each([
  ['12.34', 2, 1234n],
  ['-12.5', 2, -1250n],
  ['-0.05', 2, -5n],
  ['7', 3, 7000n],
  ['0.123456', 2, 12n],
  ['4611686018427387903', 0, 4611686018427387903n],
  ['4611686018427387904', 0, NO_AMOUNT],
  ['99999999999999999999.99', 2, NO_AMOUNT],
  ['', 2, NO_AMOUNT],
])('%s with %i decimals', (text, scale, expected) => {
  expect(scaledOf(text, scale)).toBe(expected);
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
