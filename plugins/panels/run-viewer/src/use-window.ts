import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { clampTop, scrollHeight, scrollOf, topAfterScroll, topShowing, type Extent } from './windowing.ts';

/** How long after the last movement the scroll bar is put where the position is, in ms. */
const settleTime = 150;

export interface ScrollWindow {
  extent: Extent;
  /** Position in px of the full height. */
  top: number;
  onScroll(): void;
  /** Moves as little as is needed to show the row. */
  show(row: number): void;
}

/** Ties the scroll bar of `scroller` to a position in a table of `rows` rows; see `windowing.ts`. */
export function useScrollWindow(
  scroller: RefObject<HTMLElement | null>,
  rows: number,
  rowHeight: number,
  headerHeight: number,
): ScrollWindow {
  const [viewport, setViewport] = useState(400);
  const extent: Extent = { rows, rowHeight, viewport };
  const [top, setTop] = useState(0);
  const topNow = useRef(0);
  const scrolled = useRef(0);
  const settling = useRef<ReturnType<typeof setTimeout>>(undefined);

  const move = useCallback((to: number) => {
    topNow.current = to;
    setTop(to);
  }, []);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const measure = () => setViewport(Math.max(rowHeight, element.clientHeight - headerHeight));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, rowHeight, headerHeight]);

  const placeBar = useCallback(
    (of: Extent) => {
      const element = scroller.current;
      if (!element) return;
      element.scrollTop = scrollOf(of, topNow.current);
      scrolled.current = element.scrollTop;
    },
    [scroller],
  );

  // Fewer rows after a filter: the position must lie within them, and the bar must say so.
  useLayoutEffect(() => {
    const of = { rows, rowHeight, viewport };
    const within = clampTop(of, topNow.current);
    if (within !== topNow.current) move(within);
    placeBar(of);
  }, [rows, rowHeight, viewport, move, placeBar]);
  useEffect(() => () => clearTimeout(settling.current), []);

  return {
    extent,
    top: clampTop(extent, top),
    onScroll() {
      const element = scroller.current;
      if (!element) return;
      const after = element.scrollTop;
      if (Math.abs(after - scrolled.current) < 0.5) return;
      move(topAfterScroll(extent, topNow.current, scrolled.current, after));
      scrolled.current = after;
      clearTimeout(settling.current);
      if (scrollHeight(extent) < rows * rowHeight) settling.current = setTimeout(() => placeBar(extent), settleTime);
    },
    show(row) {
      move(topShowing(extent, topNow.current, row));
      placeBar(extent);
    },
  };
}
