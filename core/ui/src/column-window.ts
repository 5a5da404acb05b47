import type { ColumnInfo, JsonCell } from '@kalla/core';
import { typeInWords } from './type-in-words.ts';
import { visibleText } from './visible-text.ts';

/** What stands in a row of a wide table: a column, or room for `columns` of them, `width` px. */
export type Slot = { column: number } | { gap: number; columns: number };

/** Columns `first` to `end` (exclusive) are on screen or near it. */
export interface ColumnRange {
  first: number;
  end: number;
}

/**
 * A width in px for a column, from its name, its type in words and the rows at hand: wide enough to read, bounded so that many
 * fit. Only tables of many columns use it; the browser measures the others itself.
 */
export function columnWidth(column: ColumnInfo, rows: readonly Record<string, JsonCell>[]): number {
  const longest = rows.slice(0, 30).reduce((most, row) => Math.max(most, String(row[column.name] ?? '').length), 0);
  const text = Math.max(visibleText(column.name).length * 8.5, typeInWords(column.type).length * 7, longest * 8);
  return Math.min(250, Math.max(80, Math.ceil(text) + 30));
}

/** Where each column begins, px; one more entry than there are columns: the last is the whole width. */
export function columnStarts(widths: readonly number[]): number[] {
  const starts = [0];
  for (const width of widths) starts.push((starts.at(-1) ?? 0) + width);
  return starts;
}

/**
 * The columns that a view of `width` px at `left` shows, a part of a column counted as one.
 *
 * @example columnsAt(columnStarts([100, 100, 100]), 150, 100) // { first: 1, end: 3 }
 */
export function columnsAt(starts: readonly number[], left: number, width: number): ColumnRange {
  const count = starts.length - 1;
  // The last that begins at `left` or before it.
  const first = Math.min(Math.max(0, indexAfter(starts, left) - 1), Math.max(0, count - 1));
  const end = Math.min(count, Math.max(first + 1, indexAfter(starts, left + width - 0.5)));
  return { first, end };
}

/** Index of the first start that lies behind `place`. */
function indexAfter(starts: readonly number[], place: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * What a row is made of: the columns of the range and those that must stay (that has the focus, that is dragged), with room
 * for the others between them.
 *
 * @example columnSlots(columnStarts([10, 10, 10, 10]), { first: 2, end: 3 }, [0]) // 0, gap of 10, 2, gap of 10
 */
export function columnSlots(starts: readonly number[], range: ColumnRange, kept: readonly number[]): Slot[] {
  const count = starts.length - 1;
  const inside = Array.from({ length: Math.max(0, range.end - range.first) }, (_, offset) => range.first + offset);
  const shown = [...new Set([...inside, ...kept])]
    .filter((index) => index >= 0 && index < count)
    .sort((one, other) => one - other);
  const slots: Slot[] = [];
  let next = 0;
  const room = (to: number) => {
    if (to > next) slots.push({ gap: (starts[to] ?? 0) - (starts[next] ?? 0), columns: to - next });
  };
  for (const column of shown) {
    room(column);
    slots.push({ column });
    next = column + 1;
  }
  room(count);
  return slots;
}
