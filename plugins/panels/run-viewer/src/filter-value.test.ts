import { expect, test } from 'vitest';
import { filterText, filterValue, valueKind } from './filter-value.ts';

const money = { type: 'decimal(12,2)' };

test.each([
  ['de-DE', '1.000,50', '1000.50'],
  ['de-DE', '-1.234.567,8', '-1234567.8'],
  ['de-DE', '1.000', '1000'],
  ['de-DE', '0,5', '0.5'],
  ['de-DE', ',5', '.5'],
  ['de-DE', '1.5', '1.5'],
  ['de-DE', '1000.5', '1000.5'],
  ['en-GB', '1,000.50', '1000.50'],
  ['en-GB', '−3', '-3'],
  ['en-GB', ' 12 ', '12'],
  ['en-IN', '12,34,567.5', '1234567.5'],
  ['de-CH', "1'000.50", '1000.50'],
  ['de-CH', '1’000.50', '1000.50'],
  ['fr-FR', '1 000,5', '1000.5'],
  ['fr-FR', '1\u202f000,5', '1000.5'],
])('%s: %s is %s', (locale, typed, value) => {
  expect(filterValue(typed, money, 'gt', locale)).toBe(value);
});

test.each([
  ['en-GB', '0,5'],
  ['en-GB', '1,00'],
  ['de-DE', '1.00,5'],
  ['de-DE', '1,5,5'],
  ['en-GB', 'abc'],
  ['en-GB', '1G000'],
  ['en-GB', '1e5'],
  ['en-GB', '-'],
  ['en-GB', ''],
])('%s: %s is no number', (locale, typed) => {
  expect(filterValue(typed, money, 'lte', locale)).toBeNull();
});

test('a whole number has no decimals, and what is looked for in a text stands as it was typed', () => {
  expect(filterValue('1.000', { type: 'int64' }, 'eq', 'de-DE')).toBe('1000');
  expect(filterValue('1,5', { type: 'int64' }, 'eq', 'de-DE')).toBeNull();
  expect(filterValue('1.000', money, 'contains', 'de-DE')).toBe('1.000');
  expect(filterValue('1.000', { type: 'text' }, 'eq', 'de-DE')).toBe('1.000');
});

test('a value is shown as the page shows the cells', () => {
  const said = (type: string, value: string, locale: string) =>
    filterText({ column: 'x', op: 'gte', value }, { type }, locale);
  expect(said('decimal(12,2)', '1000.50', 'de-DE')).toBe('x is at least 1.000,50');
  expect(said('date', '2026-03-31', 'de-DE')).toBe('x is at least 31.03.2026');
  expect(said('text', '2026-03-31', 'de-DE')).toBe('x is at least 2026-03-31');
  expect(valueKind({ type: 'date' }, 'contains')).toBe('text');
});
