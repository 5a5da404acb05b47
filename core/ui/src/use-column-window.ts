import { useCallback, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { columnsAt, type ColumnRange } from './column-window.ts';

export interface ColumnWindow {
  /** What is to be in the document: what is seen, and as much again on both sides. */
  range: ColumnRange;
  /** What is seen. */
  seen: ColumnRange;
  /** False until the place on the page has been measured: on the server, and in the first pass. */
  measured: boolean;
  onScroll(): void;
  /** Moves as little as is needed to show the column. */
  show(column: number): void;
  /** Keeps a column in its place on the screen, although the columns began elsewhere before. */
  keep(column: number, before: readonly number[]): void;
  /** Moves on or back by what fits. */
  page(by: 1 | -1): void;
}

/** So many are in the document before the width of the page is known. */
const UNMEASURED = 12;

/** Ties the horizontal position of `scroller` to the columns that begin at `starts` px. */
export function useColumnWindow(scroller: RefObject<HTMLElement | null>, starts: readonly number[]): ColumnWindow {
  const [view, setView] = useState({ left: 0, width: 0 });
  const frame = useRef(0);

  const measure = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const next = { left: element.scrollLeft, width: element.clientWidth };
    setView((before) => (before.left === next.left && before.width === next.width ? before : next));
  }, [scroller]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame.current);
    };
  }, [scroller, measure]);
  // Other columns after a search: the browser has moved the position into them by now.
  useLayoutEffect(measure, [starts, measure]);

  const seen =
    view.width > 0
      ? columnsAt(starts, view.left, view.width)
      : { first: 0, end: Math.min(UNMEASURED, starts.length - 1) };
  const range = view.width > 0 ? columnsAt(starts, view.left - view.width, view.width * 3) : seen;

  return {
    range,
    seen,
    measured: view.width > 0,
    onScroll() {
      // More than one event a frame is more than anyone sees.
      cancelAnimationFrame(frame.current);
      frame.current = requestAnimationFrame(measure);
    },
    show(column) {
      const element = scroller.current;
      if (!element) return;
      const [from = 0, to = 0] = [starts[column], starts[column + 1]];
      if (from < element.scrollLeft) element.scrollLeft = from;
      else if (to > element.scrollLeft + element.clientWidth) element.scrollLeft = to - element.clientWidth;
      measure();
    },
    keep(column, before) {
      const element = scroller.current;
      if (!element) return;
      element.scrollLeft += (starts[column] ?? 0) - (before[column] ?? 0);
      measure();
    },
    page(by) {
      const element = scroller.current;
      if (!element) return;
      // On: what is cut off at the right is the first then. Back: what is cut off at the left is the last then.
      const on = Math.max(starts[Math.max(seen.first + 1, seen.end - 1)] ?? 0, element.scrollLeft + 1);
      const back = (starts[seen.first + 1] ?? 0) - element.clientWidth;
      element.scrollLeft = by > 0 ? on : Math.max(0, Math.min(back, element.scrollLeft - 1));
      measure();
    },
  };
}
