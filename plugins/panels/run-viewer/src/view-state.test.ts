import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextSort, readView, sortOf, writeView, type ViewState } from './view-state.ts';

/** Lone surrogates cannot stand in an address, so they are left out. */
const wellFormed = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !/\p{Surrogate}/u.test(text));
const view: fc.Arbitrary<ViewState> = fc.record({
  set: fc.constantFrom('matched' as const, 'unmatched_left' as const, 'unmatched_right' as const),
  sort: fc.option(wellFormed),
  filter: fc.array(
    fc.oneof(
      fc.record({
        op: fc.constantFrom('eq' as const, 'gte' as const, 'contains' as const),
        column: wellFormed,
        value: wellFormed,
      }),
      fc.record({ op: fc.constantFrom('is_null' as const, 'not_null' as const), column: wellFormed }),
    ),
    { maxLength: 4 },
  ),
  q: wellFormed,
  hide: fc.array(wellFormed, { maxLength: 3 }),
  differences: fc.option(fc.array(fc.tuple(wellFormed, wellFormed), { maxLength: 3 })),
  row: fc.option(fc.nat({ max: 5_000_000 })),
});

describe('view state in the address', () => {
  it('comes back as it was, whatever the columns are called', () => {
    fc.assert(
      fc.property(view, (state) => {
        expect(readView(writeView(state))).toEqual(state);
      }),
    );
  });
  it('is empty for the usual view', () => {
    expect(writeView(readView(''))).toBe('');
  });
  it('leaves out what it does not understand', () => {
    expect(
      readView('?set=all&filter=drop:x&filter=eq:%25E0=1&filter=eq:amount=5&row=-1&diff=a&diff=%25E0~b&diff=a~b'),
    ).toEqual({
      set: 'matched',
      sort: null,
      filter: [{ op: 'eq', column: 'amount', value: '5' }],
      q: '',
      hide: [],
      differences: [['a', 'b']],
      row: null,
    });
  });
  it('sorts up, down, not at all', () => {
    expect([nextSort(null, 'a'), nextSort('a', 'a'), nextSort('-a', 'a'), nextSort('b', 'a')]).toEqual([
      'a',
      '-a',
      null,
      'a',
    ]);
    expect([sortOf('a', 'a'), sortOf('-a', 'a'), sortOf('b', 'a')]).toEqual(['ascending', 'descending', 'none']);
  });
});
