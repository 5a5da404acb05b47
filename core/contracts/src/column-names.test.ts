import { expect, test } from 'vitest';
import { columnsInstead, quotedNames } from './column-names.ts';

const wide = Array.from({ length: 200 }, (_, index) => `field_${index}`);

test('a few names are listed, of many the rest is counted', () => {
  expect(quotedNames(['a', 'b'])).toBe('"a", "b"');
  expect(quotedNames(wide)).toMatch(/^"field_0", .*"field_9" and 190 more$/);
});

test('a narrow table is shown whole, of a wide one what comes nearest', () => {
  expect(columnsInstead(['amont'], ['id', 'amount'])).toBe('It has: "id", "amount".');
  const found = columnsInstead(['Amont', 'booking date'], [...wide, 'booking_date', 'amount']);
  expect(found).toMatch(/^Nearest to that it has: "booking_date", "amount", /);
  expect(found).toMatch(/ and 192 more\.$/);
  expect(columnsInstead(['x'], [])).toBe('It has no columns.');
});
