import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, pairwiseRatio, range } from './statistics.ts';

const times = fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 20 });

describe('median', () => {
  it.each([
    [[3], 3],
    [[5, 1, 3], 3],
    [[4, 1, 3, 2], 2.5],
    [[100, 1, 1], 1],
  ])('of %j is %d', (values, expected) => expect(median(values)).toBe(expected));

  it('has as many values above as below, in any order', () => {
    fc.assert(
      fc.property(times, (values) => {
        const middle = median(values);
        expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(median(values.toReversed())).toBe(middle);
      }),
    );
  });

  it('refuses an empty list', () => expect(() => median([])).toThrow(RangeError));
});

describe('range', () => {
  it('is the extremes', () => expect(range([3, 1, 2])).toEqual([1, 3]));
  it('refuses an empty list', () => expect(() => range([])).toThrow(RangeError));
});

describe('pairwiseRatio', () => {
  it('is not moved by a machine that slows down half-way', () => {
    expect(pairwiseRatio([12, 12, 120, 120, 120], [10, 10, 100, 100, 100])).toBeCloseTo(1.2);
  });
  it('refuses unequal series', () => expect(() => pairwiseRatio([1, 2], [1])).toThrow(RangeError));
});
