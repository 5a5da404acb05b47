import type { ColumnInfo, ResultSet, RowFilter } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { Button, classNames, formatCell, isNumeric } from '@kalla/ui';
import { useEffect, useId, useMemo, useReducer, useRef, useState, type KeyboardEvent } from 'react';
import { columnWidths } from './column-width.ts';
import { messages } from './messages.ts';
import { RowCache } from './row-cache.ts';
import { useScrollWindow } from './use-window.ts';
import { nextSort, sortOf } from './view-state.ts';
import { pagesOf, scrollHeight, visibleRows } from './windowing.ts';

export const pageSize = 200;
const rowHeight = 28;
const headerHeight = 34;

export interface RowsGridProps {
  runId: string;
  set: ResultSet;
  label: string;
  sort: string | null;
  filter: RowFilter[];
  q: string;
  onSort(sort: string | null): void;
  /** Called with the number of rows that fit and with the columns; null while they are on their way. */
  onHead(head: RowCache['head']): void;
}

/**
 * The rows of one set. Only what is on screen is in the document, and only that is fetched. It is one tab stop: the arrow
 * keys, Page Up and Down, Home and End (with Ctrl: of the table) move from cell to cell, Ctrl+C copies the exact value.
 */
export function RowsGrid({ runId, set, label, sort, filter, q, onSort, onHead }: RowsGridProps) {
  const { api, locale, notify } = usePanelHost();
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const [version, changed] = useReducer((count: number) => count + 1, 0);
  const [active, setActive] = useState({ row: 0, column: 0 });

  const filterKey = JSON.stringify(filter);
  const cache = useMemo(
    () =>
      new RowCache(
        (page, signal) =>
          api.rows(runId, set, {
            offset: page * pageSize,
            limit: pageSize,
            filter: JSON.parse(filterKey) as RowFilter[],
            q,
            signal,
            ...(sort ? { sort } : {}),
          }),
        changed,
      ),
    [api, runId, set, sort, filterKey, q],
  );
  useEffect(() => () => cache.close(), [cache]);
  const { head } = cache;
  useEffect(() => onHead(head), [head, onHead]);

  // The columns of a set are the same whatever is selected from it, so the header stays while other rows are on their way.
  const known = useRef<ColumnInfo[]>([]);
  if (head) known.current = head.columns;
  const columns = known.current;
  const rows = head?.total ?? 0;
  const { extent, top, onScroll, show } = useScrollWindow(scroller, rows, rowHeight, headerHeight);
  const { first, end } = visibleRows(extent, top);
  const pages = head ? pagesOf(first, end, pageSize) : [0];
  const wanted = pages.join();
  useEffect(() => {
    // While the bar is dragged the wish changes at every frame; only where it rests for a moment is anything fetched.
    const numbers = wanted ? wanted.split(',').map(Number) : [];
    const timer = setTimeout(() => cache.want(numbers), cache.head ? 40 : 0);
    return () => clearTimeout(timer);
  }, [cache, wanted, version]);

  const firstPage = cache.get(pages[0] ?? 0);
  const sample = firstPage && typeof firstPage === 'object' && 'rows' in firstPage ? firstPage.rows : [];
  const widths = useStableWidths(`${set} ${columns.map((column) => column.name).join('\0')}`, columns, sample);
  const template = widths.map((width) => `${width}px`).join(' ');
  const width = widths.reduce((sum, each) => sum + each, 0);

  const failed = pages.map((page) => cache.get(page)).find((state) => typeof state === 'object' && 'error' in state);
  const cellId = (row: number, column: number) => `${id}-${row}-${column}`;
  const activeShown = active.row >= first && active.row < end;

  function moveTo(row: number, column: number) {
    const to = {
      row: Math.min(Math.max(0, row), Math.max(0, rows - 1)),
      column: Math.min(Math.max(0, column), Math.max(0, columns.length - 1)),
    };
    setActive(to);
    show(to.row);
    const left = widths.slice(0, to.column).reduce((sum, each) => sum + each, 0);
    const right = left + (widths[to.column] ?? 0);
    const element = scroller.current;
    if (!element) return;
    if (left < element.scrollLeft) element.scrollLeft = left;
    else if (right > element.scrollLeft + element.clientWidth) element.scrollLeft = right - element.clientWidth;
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.target !== scroller.current) return;
    const { row, column } = active;
    const page = Math.max(1, Math.floor(extent.viewport / rowHeight) - 1);
    const control = event.ctrlKey || event.metaKey;
    const moves: Record<string, [number, number]> = {
      ArrowDown: [row + 1, column],
      ArrowUp: [row - 1, column],
      ArrowRight: [row, column + 1],
      ArrowLeft: [row, column - 1],
      PageDown: [row + page, column],
      PageUp: [row - page, column],
      Home: control ? [0, 0] : [row, 0],
      End: control ? [rows - 1, columns.length - 1] : [row, columns.length - 1],
    };
    const to = moves[event.key];
    if (to) {
      event.preventDefault();
      moveTo(...to);
    } else if (control && event.key === 'c' && !window.getSelection()?.toString()) {
      const name = columns[column]?.name;
      const value = name === undefined ? undefined : rowAt(cache, row)?.[name];
      void navigator.clipboard.writeText(String(value ?? '')).then(() => notify('info', messages.copied));
    }
  }

  return (
    <div className="rv-grid-frame">
      {failed && typeof failed === 'object' && 'error' in failed && (
        <div className="k-notice k-notice-bad" role="alert">
          <p>
            {messages.rowsFailed} {failed.error.message}
          </p>
          <Button small onClick={() => cache.retry()}>
            {messages.retry}
          </Button>
        </div>
      )}
      {head && rows === 0 && <p className="rv-none">{q || filter.length > 0 ? messages.noneFound : messages.noRows}</p>}
      <div
        ref={scroller}
        className={classNames('rv-grid', head && rows === 0 && 'rv-grid-empty')}
        role="grid"
        tabIndex={0}
        aria-label={label}
        aria-rowcount={rows + 1}
        aria-colcount={columns.length}
        aria-busy={!head}
        aria-activedescendant={activeShown && rows > 0 ? cellId(active.row, active.column) : undefined}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
      >
        <div role="rowgroup" className="rv-head" style={{ width }}>
          <div role="row" aria-rowindex={1} className="rv-row" style={{ gridTemplateColumns: template }}>
            {columns.map((column, index) => {
              const direction = sortOf(sort, column.name);
              return (
                <div
                  key={column.name}
                  role="columnheader"
                  aria-colindex={index + 1}
                  aria-sort={direction}
                  className={classNames('rv-cell', isNumeric(column.type) && 'rv-cell-number')}
                >
                  <button
                    type="button"
                    className="rv-sort"
                    title={`${messages.sortBy(column.name)} (${column.type})`}
                    onClick={() => onSort(nextSort(sort, column.name))}
                  >
                    <span className="rv-sort-name">{column.name}</span>
                    <span aria-hidden="true">{{ ascending: '▲', descending: '▼', none: '' }[direction]}</span>
                  </button>
                </div>
              );
            })}
          </div>
        </div>
        <div role="rowgroup" className="rv-body" style={{ width, height: scrollHeight(extent) }}>
          <div className="rv-window" role="presentation" style={{ top: headerHeight }}>
            {Array.from({ length: end - first }, (_, offset) => {
              const row = first + offset;
              const cells = rowAt(cache, row);
              return (
                <div
                  key={row}
                  role="row"
                  aria-rowindex={row + 2}
                  className={classNames('rv-row', row % 2 === 1 && 'rv-row-odd')}
                  style={{ gridTemplateColumns: template, transform: `translateY(${row * rowHeight - top}px)`, width }}
                >
                  {columns.map((column, index) => {
                    const cell = formatCell(cells?.[column.name], column.type, locale);
                    const isActive = row === active.row && index === active.column;
                    return (
                      <div
                        key={column.name}
                        id={isActive ? cellId(row, index) : undefined}
                        role="gridcell"
                        aria-colindex={index + 1}
                        title={cell.exact || undefined}
                        className={classNames(
                          'rv-cell',
                          isNumeric(column.type) && 'rv-cell-number',
                          cell.negative && 'k-negative',
                          isActive && 'rv-cell-active',
                          !cells && 'rv-cell-waiting',
                        )}
                        onMouseDown={() => setActive({ row, column: index })}
                      >
                        {cells ? cell.text : <span className="rv-placeholder" />}
                      </div>
                    );
                  })}
                </div>
              );
            })}
          </div>
        </div>
      </div>
      {!head && !failed && <p role="status">{messages.loadingRows}</p>}
    </div>
  );
}

function rowAt(cache: RowCache, row: number) {
  const page = cache.get(Math.floor(row / pageSize));
  return page && typeof page === 'object' && 'rows' in page ? page.rows[row % pageSize] : undefined;
}

/** Widths are decided once per set, when its first rows are there: columns that move while one scrolls are hard to read. */
function useStableWidths(
  key: string,
  columns: Parameters<typeof columnWidths>[0],
  rows: Parameters<typeof columnWidths>[1],
) {
  const decided = useRef<{ key: string; widths: number[] } | null>(null);
  if (decided.current?.key === key) return decided.current.widths;
  const widths = columnWidths(columns, rows);
  if (rows.length > 0) decided.current = { key, widths };
  return widths;
}
