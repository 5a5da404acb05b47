import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyOutputNames } from './recipe.ts';
import { accountsForEveryRow, countsSchema } from './result.ts';
import { quoteIdentifier, quoteLiteral } from './sql.ts';

test('rows are accounted for exactly where matched and unmatched add up on both sides', () => {
  const count = fc.nat(1_000_000);
  fc.assert(
    fc.property(count, count, count, count, fc.integer({ min: 1, max: 9 }), (ml, ul, mr, ur, lost) => {
      const counts = {
        left: ml + ul,
        right: mr + ur,
        matched: Math.max(ml, mr),
        unmatched_left: ul,
        unmatched_right: ur,
        matched_left_rows: ml,
        matched_right_rows: mr,
      };
      expect(accountsForEveryRow(countsSchema.parse(counts))).toBe(true);
      expect(accountsForEveryRow({ ...counts, left: counts.left + lost })).toBe(false);
      expect(accountsForEveryRow({ ...counts, unmatched_right: ur + lost })).toBe(false);
    }),
  );
});

test('a key that both sides have needs its prefix', () => {
  expect(keyOutputNames('left', 'id', true)).toEqual(['left_id']);
  expect(keyOutputNames('right', 'payment_id', false)).toEqual(['payment_id', 'right_payment_id']);
});

test('a quoted text reads back as itself and cannot end early', () => {
  const anyText = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(anyText, (text) => {
      const literal = quoteLiteral(text);
      expect(literal.slice(1, -1).replaceAll("''", '')).not.toContain("'");
      expect(literal.slice(1, -1).replaceAll("''", "'")).toBe(text);
      const identifier = quoteIdentifier(text);
      expect(identifier.slice(1, -1).replaceAll('""', '')).not.toContain('"');
      expect(identifier.slice(1, -1).replaceAll('""', '"')).toBe(text);
    }),
  );
  expect(() => quoteLiteral('a\0b')).toThrow(/NUL/);
});
