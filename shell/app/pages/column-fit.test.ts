import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnFit, editDistance, nearest } from './column-fit.ts';

const upload = (...names: string[]) => ({ columns: names.map((name) => ({ name, type: 'text' })) });
const source = { alias: 'bank', type: 'file', schema: ['ref', 'amount', 'booking_date'], primary_key: ['ref'] };

describe('columnFit', () => {
  it('is content with more columns than needed, in any order', () => {
    expect(columnFit(source, upload('x', 'booking_date', 'amount', 'ref'))).toEqual({ missing: [], near: [] });
  });
  it('names what is missing and what was probably meant', () => {
    expect(columnFit(source, upload('Ref', 'amount', 'Booking date', 'colour'))).toEqual({
      missing: ['ref', 'booking_date'],
      near: [
        { missing: 'ref', found: 'Ref' },
        { missing: 'booking_date', found: 'Booking date' },
      ],
    });
    expect(columnFit(source, upload('ref', 'amount', 'zzz')).near).toEqual([]);
  });
});

describe('nearest', () => {
  it('takes the closest and nothing that is far', () => {
    expect(nearest('amount', ['amout', 'amounts_total'])).toBe('amout');
    expect(nearest('id', ['amount'])).toBeNull();
  });
});

describe('editDistance', () => {
  it('is a distance', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (a, b, c) => {
        expect(editDistance(a, a)).toBe(0);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
    );
    expect(editDistance('kitten', 'sitting')).toBe(3);
  });
});
