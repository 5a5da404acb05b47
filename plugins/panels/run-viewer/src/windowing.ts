/**
 * Which rows of a very long table are on screen.
 *
 * Browsers cap the height of an element (Chromium near 33 million px, Firefox near 17), and 5 million rows of 28 px are 140
 * million. So the scrolled element is at most `maxHeight` tall, and the position in the table (`top`, in px of the full
 * height) is kept apart from the scroll bar: small movements (wheel, touch, arrow on the bar) move the table by the same
 * number of pixels, while dragging the bar moves it in proportion.
 */
export interface Extent {
  rows: number;
  rowHeight: number;
  /** Height of what is visible, without the header. */
  viewport: number;
}

export const maxHeight = 8_000_000;

/** Height of all rows in px. */
export function fullHeight({ rows, rowHeight }: Extent): number {
  return rows * rowHeight;
}

/** Height of the element that is scrolled. */
export function scrollHeight(extent: Extent): number {
  return Math.min(fullHeight(extent), maxHeight);
}

/** The largest `top`. */
export function maxTop(extent: Extent): number {
  return Math.max(0, fullHeight(extent) - extent.viewport);
}

/** `top` within its bounds. */
export function clampTop(extent: Extent, top: number): number {
  return Math.min(Math.max(0, top), maxTop(extent));
}

function maxScroll(extent: Extent): number {
  return Math.max(0, scrollHeight(extent) - extent.viewport);
}

/** Where the scroll bar stands for a position. */
export function scrollOf(extent: Extent, top: number): number {
  const most = maxTop(extent);
  return most === 0 ? 0 : (clampTop(extent, top) / most) * maxScroll(extent);
}

/** The position that a place of the scroll bar stands for. */
export function topOf(extent: Extent, scroll: number): number {
  const most = maxScroll(extent);
  return most === 0 ? 0 : clampTop(extent, (scroll / most) * maxTop(extent));
}

/** The position after the scroll bar went from `before` to `after`, when it was at `top`. */
export function topAfterScroll(extent: Extent, top: number, before: number, after: number): number {
  const moved = after - before;
  const atEnd = after <= 0 || after >= maxScroll(extent);
  if (fullHeight(extent) <= maxHeight || atEnd || Math.abs(moved) > extent.viewport) return topOf(extent, after);
  return clampTop(extent, top + moved);
}

/** The position that shows row `row` (0-based) with as little movement as possible. */
export function topShowing(extent: Extent, top: number, row: number): number {
  const above = row * extent.rowHeight;
  const below = above + extent.rowHeight - extent.viewport;
  return clampTop(extent, Math.max(Math.min(top, above), below));
}

/** Rows to draw: from `first` to before `end`, with `spare` more on either side. */
export function visibleRows(extent: Extent, top: number, spare = 4): { first: number; end: number } {
  const first = Math.max(0, Math.floor(top / extent.rowHeight) - spare);
  const end = Math.min(extent.rows, Math.ceil((top + extent.viewport) / extent.rowHeight) + spare);
  return { first: Math.min(first, end), end };
}

/** Numbers of the pages of `pageSize` rows that hold the rows from `first` to before `end`. */
export function pagesOf(first: number, end: number, pageSize: number): number[] {
  if (end <= first) return [];
  const from = Math.floor(first / pageSize);
  const to = Math.floor((end - 1) / pageSize);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
