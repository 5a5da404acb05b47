import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clampTop,
  fullHeight,
  maxHeight,
  maxTop,
  pagesOf,
  scrollHeight,
  scrollOf,
  topAfterScroll,
  topOf,
  topShowing,
  visibleRows,
} from './windowing.ts';

const extents = fc.record({
  rows: fc.integer({ min: 0, max: 6_000_000 }),
  rowHeight: fc.integer({ min: 20, max: 40 }),
  viewport: fc.integer({ min: 50, max: 2_000 }),
});
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('windowing', () => {
  it('draws every row that is on screen, and few more', () => {
    fc.assert(
      fc.property(extents, share, (extent, at) => {
        const top = at * maxTop(extent);
        const { first, end } = visibleRows(extent, top);
        const firstSeen = Math.floor(top / extent.rowHeight);
        const lastSeen = Math.min(extent.rows, Math.ceil((top + extent.viewport) / extent.rowHeight));
        expect(first).toBeLessThanOrEqual(Math.min(firstSeen, end));
        expect(end).toBeGreaterThanOrEqual(lastSeen);
        expect(end - first).toBeLessThanOrEqual(extent.viewport / extent.rowHeight + 11);
      }),
    );
  });
  it('never asks for an element taller than browsers draw', () => {
    fc.assert(
      fc.property(extents, (extent) => {
        expect(scrollHeight(extent)).toBeLessThanOrEqual(maxHeight);
      }),
    );
  });
  it('reaches both ends with the scroll bar', () => {
    fc.assert(
      fc.property(extents, (extent) => {
        expect(topOf(extent, 0)).toBe(0);
        expect(topOf(extent, scrollOf(extent, maxTop(extent)))).toBeCloseTo(maxTop(extent), 3);
        const end = Math.max(0, scrollHeight(extent) - extent.viewport);
        expect(topAfterScroll(extent, 0, end - 1, end)).toBeCloseTo(maxTop(extent), 3);
      }),
    );
  });
  it('goes back and forth between position and scroll bar', () => {
    fc.assert(
      fc.property(extents, share, (extent, at) => {
        const top = at * maxTop(extent);
        expect(Math.abs(topOf(extent, scrollOf(extent, top)) - top)).toBeLessThan(0.01);
      }),
    );
  });
  it('moves by as many pixels as the wheel, even in 5 million rows', () => {
    const extent = { rows: 5_000_000, rowHeight: 28, viewport: 600 };
    expect(topAfterScroll(extent, 70_000_000, 4_000_000, 4_000_100)).toBe(70_000_100);
    expect(topAfterScroll(extent, 70_000_000, 4_000_000, 6_000_000)).toBeCloseTo(topOf(extent, 6_000_000));
  });
  it('is plain scrolling where the rows fit', () => {
    const extent = { rows: 2_000, rowHeight: 28, viewport: 600 };
    expect(topAfterScroll(extent, 100, 100, 340)).toBeCloseTo(340, 6);
    expect(scrollHeight(extent)).toBe(fullHeight(extent));
  });
  it('brings any row on screen and does not move for one that is', () => {
    fc.assert(
      fc.property(
        extents.filter((extent) => extent.rows > 0 && extent.viewport >= extent.rowHeight),
        share,
        share,
        (extent, at, which) => {
          const row = Math.min(extent.rows - 1, Math.floor(which * extent.rows));
          const before = at * maxTop(extent);
          const top = topShowing(extent, before, row);
          expect(row * extent.rowHeight).toBeGreaterThanOrEqual(top - 0.01);
          expect((row + 1) * extent.rowHeight).toBeLessThanOrEqual(top + extent.viewport + 0.01);
          expect(topShowing(extent, top, row)).toBeCloseTo(top, 3);
          expect(clampTop(extent, top)).toBe(top);
        },
      ),
    );
  });
  it('names exactly the pages of the rows', () => {
    expect(pagesOf(0, 0, 100)).toEqual([]);
    expect(pagesOf(99, 101, 100)).toEqual([0, 1]);
    expect(pagesOf(100, 200, 100)).toEqual([1]);
  });
});
