import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnSlots, columnsAt, columnStarts, columnWidth } from './column-window.ts';

describe('columnWidth', () => {
  it('is bounded for names and values of any length', () => {
    expect(columnWidth({ name: 'a', type: 'text', nullable: true }, [])).toBe(80);
    const long = 'x'.repeat(5000);
    expect(columnWidth({ name: long, type: 'text', nullable: true }, [{ [long]: long }])).toBe(250);
  });

  it('leaves room for the longest value', () => {
    const column = { name: 'ref', type: 'text', nullable: true } as const;
    expect(columnWidth(column, [{ ref: 'INV-2026-000042' }])).toBeGreaterThan(columnWidth(column, [{ ref: 'INV-2' }]));
  });
});

describe('columnsAt', () => {
  const starts = columnStarts([100, 50, 100]);

  it('counts a column of which a part is seen', () => {
    expect(columnsAt(starts, 0, 100)).toEqual({ first: 0, end: 1 });
    expect(columnsAt(starts, 99, 2)).toEqual({ first: 0, end: 2 });
    expect(columnsAt(starts, 120, 130)).toEqual({ first: 1, end: 3 });
  });

  it('has a column at every place, and none where there are none', () => {
    expect(columnsAt(starts, 10_000, 100)).toEqual({ first: 2, end: 3 });
    expect(columnsAt(starts, -50, 10)).toEqual({ first: 0, end: 1 });
    expect(columnsAt(columnStarts([]), 0, 100)).toEqual({ first: 0, end: 0 });
  });
});

describe('columnSlots', () => {
  it('keeps every column in its place and order, whatever is shown', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 1200 }),
        fc.nat(200_000),
        fc.integer({ min: 1, max: 3000 }),
        fc.array(fc.nat(1300), { maxLength: 3 }),
        (widths, left, width, kept) => {
          const starts = columnStarts(widths);
          const range = columnsAt(starts, left, width);
          let place = 0;
          let index = 0;
          const shown: number[] = [];
          for (const slot of columnSlots(starts, range, kept)) {
            if ('column' in slot) {
              expect(slot.column).toBe(index);
              expect(place).toBe(starts[index]);
              shown.push(index);
              place += widths[index] ?? 0;
              index += 1;
            } else {
              expect(slot.columns).toBeGreaterThan(0);
              place += slot.gap;
              index += slot.columns;
            }
          }
          expect(index).toBe(widths.length);
          expect(place).toBe(starts.at(-1));
          for (let each = range.first; each < range.end; each += 1) expect(shown).toContain(each);
          for (const each of kept) if (each < widths.length) expect(shown).toContain(each);
        },
      ),
    );
  });
});
