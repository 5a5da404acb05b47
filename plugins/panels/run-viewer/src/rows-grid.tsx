import type { ColumnInfo, Difference, JsonCell, ResultSet, RowFilter } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { Button, classNames, columnSlots, columnStarts, useColumnWindow } from '@kalla/ui';
import {
  useEffect,
  useId,
  useImperativeHandle,
  useMemo,
  useReducer,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type Ref,
} from 'react';
import { columnWidths } from './column-width.ts';
import { GridHeader } from './grid-header.tsx';
import { GridRow } from './grid-row.tsx';
import { messages } from './messages.ts';
import { differenceName } from './pair-columns.ts';
import { RowCache } from './row-cache.ts';
import { useScrollWindow } from './use-window.ts';
import { nextSort } from './view-state.ts';
import { pagesOf, scrollHeight, visibleRows } from './windowing.ts';

export const pageSize = 200;
const rowHeight = 28;
const headerHeight = 34;
/** Up to so many columns all are in the document. */
const fewColumns = 40;

export interface RowsGridHandle {
  /** Opens the row before or after the active one, where that is known. */
  step(by: 1 | -1): void;
  /** Takes the focus. */
  focus(): void;
}

export interface RowsGridProps {
  ref?: Ref<RowsGridHandle>;
  runId: string;
  set: ResultSet;
  label: string;
  sort: string | null;
  filter: RowFilter[];
  q: string;
  differences: Difference[];
  hide: readonly string[];
  /** The row that is open, by its place in the file. */
  opened: number | null;
  onSort(sort: string | null): void;
  onOpen(row: number): void;
  /** Called with the number of rows that fit and with the columns; null while they are on their way. */
  onHead(head: RowCache['head']): void;
}

/**
 * The rows of one set. Only what is on screen is in the document, and only that is fetched. It is one tab stop: the arrow
 * keys, Page Up and Down, Home and End (with Ctrl: of the table) move from cell to cell, up into the header too; Enter opens
 * the row, or sorts by the column; Ctrl+C copies the exact value.
 */
export function RowsGrid(props: RowsGridProps) {
  const { ref, runId, set, label, sort, filter, q, differences, hide, opened, onSort, onOpen, onHead } = props;
  const { api, locale, notify } = usePanelHost();
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const [version, changed] = useReducer((count: number) => count + 1, 0);
  // Row -1 is the header.
  const [active, setActive] = useState({ row: 0, column: 0 });

  const key = JSON.stringify({ filter, differences });
  const cache = useMemo(
    () =>
      new RowCache(
        (page, signal) =>
          api.rows(runId, set, {
            offset: page * pageSize,
            limit: pageSize,
            ...(JSON.parse(key) as Pick<RowsGridProps, 'filter' | 'differences'>),
            q,
            signal,
            ...(sort ? { sort } : {}),
          }),
        changed,
      ),
    [api, runId, set, sort, key, q],
  );
  useEffect(() => () => cache.close(), [cache]);
  const { head } = cache;
  useEffect(() => onHead(head), [head, onHead]);

  // The columns of a set are the same whatever is selected from it, so the header stays while other rows are on their way.
  const known = useRef<ColumnInfo[]>([]);
  if (head) known.current = head.columns;
  const hidden = new Set(hide);
  const columns = known.current.filter(({ name }) => !hidden.has(name));
  const made = differences.map(differenceName);
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
  const starts = useMemo(() => columnStarts(widths), [widths]);
  const across = useColumnWindow(scroller, starts);
  // Of many columns those near the screen are in the document, with empty tracks in place of the others.
  const slots = columnSlots(starts, columns.length > fewColumns ? across.range : { first: 0, end: columns.length }, []);
  const shown = slots.flatMap((slot, at) => ('column' in slot ? [{ column: slot.column, line: at + 1 }] : []));
  const template = slots.map((slot) => `${'column' in slot ? (widths[slot.column] ?? 0) : slot.gap}px`).join(' ');
  const width = starts.at(-1) ?? 0;

  const failed = pages.map((page) => cache.get(page)).find((state) => typeof state === 'object' && 'error' in state);
  const cellId = (row: number, column: number) => `${id}-${row}-${column}`;
  const column = Math.min(active.column, Math.max(0, columns.length - 1));
  const activeShown =
    (active.row === -1 || (active.row >= first && active.row < end)) && shown.some((one) => one.column === column);

  function moveTo(row: number, to: number) {
    const next = {
      row: Math.min(Math.max(-1, row), Math.max(0, rows - 1)),
      column: Math.min(Math.max(0, to), Math.max(0, columns.length - 1)),
    };
    setActive(next);
    if (next.row >= 0) show(next.row);
    across.show(next.column);
  }

  function open(row: number) {
    const number = rowAt(cache, row)?.number;
    if (number !== undefined) onOpen(number);
  }

  useImperativeHandle(ref, () => ({
    step(by) {
      if (rowAt(cache, active.row)?.number !== opened) return;
      const to = Math.min(Math.max(0, active.row + by), rows - 1);
      moveTo(to, column);
      open(to);
    },
    focus: () => scroller.current?.focus(),
  }));

  function onKeyDown(event: KeyboardEvent) {
    if (event.target !== scroller.current) return;
    const { row } = active;
    const page = Math.max(1, Math.floor(extent.viewport / rowHeight) - 1);
    const control = event.ctrlKey || event.metaKey;
    const moves: Record<string, [number, number]> = {
      ArrowDown: [row + 1, column],
      ArrowUp: [row - 1, column],
      ArrowRight: [row, column + 1],
      ArrowLeft: [row, column - 1],
      PageDown: [row + page, column],
      PageUp: [Math.max(0, row - page), column],
      Home: control ? [0, 0] : [row, 0],
      End: control ? [rows - 1, columns.length - 1] : [row, columns.length - 1],
    };
    const to = moves[event.key];
    if (to) {
      event.preventDefault();
      moveTo(...to);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const name = columns[column]?.name;
      if (row >= 0) open(row);
      else if (name !== undefined) onSort(nextSort(sort, name));
    } else if (control && event.key === 'c' && !window.getSelection()?.toString()) {
      const name = columns[column]?.name;
      const value = name === undefined ? undefined : rowAt(cache, row)?.cells[name];
      void navigator.clipboard.writeText(String(value ?? '')).then(() => notify('info', messages.copied));
    }
  }

  function onClick(event: MouseEvent) {
    const row = (event.target as Element).closest('.rv-window [role="row"]');
    // A text that was just marked with the mouse is to be copied.
    if (row && !window.getSelection()?.toString()) open(Number(row.getAttribute('aria-rowindex')) - 2);
  }

  return (
    <div className="rv-grid-frame">
      <span id={`${id}-hint`} className="k-visually-hidden">
        {messages.openRow}
      </span>
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
        aria-describedby={`${id}-hint`}
        // -1 says that the number is not known yet.
        aria-rowcount={head ? rows + 1 : -1}
        aria-colcount={columns.length}
        aria-busy={!head}
        aria-activedescendant={activeShown ? cellId(active.row, column) : undefined}
        onScroll={() => {
          onScroll();
          across.onScroll();
        }}
        onKeyDown={onKeyDown}
        onClick={onClick}
      >
        <GridHeader
          columns={columns}
          shown={shown}
          sort={sort}
          template={template}
          width={width}
          active={active.row === -1 ? column : null}
          cellId={cellId}
          onSort={(name) => onSort(nextSort(sort, name))}
        />
        <div role="rowgroup" className="rv-body" style={{ width, height: scrollHeight(extent) }}>
          <div className="rv-window" role="presentation" style={{ top: headerHeight }}>
            {Array.from({ length: end - first }, (_, offset) => {
              const row = first + offset;
              const found = rowAt(cache, row);
              return (
                <GridRow
                  key={row}
                  row={row}
                  top={row * rowHeight - top}
                  columns={columns}
                  shown={shown}
                  cells={found?.cells}
                  made={made}
                  template={template}
                  width={width}
                  locale={locale}
                  active={row === active.row ? column : null}
                  opened={opened !== null && found?.number === opened}
                  cellId={cellId}
                  onActivate={(to) => setActive({ row, column: to })}
                />
              );
            })}
          </div>
        </div>
      </div>
      {!head && !failed && <p role="status">{messages.loadingRows}</p>}
    </div>
  );
}

function rowAt(
  cache: RowCache,
  row: number,
): { cells: Record<string, JsonCell>; number: number | undefined } | undefined {
  const page = cache.get(Math.floor(row / pageSize));
  if (!page || typeof page !== 'object' || !('rows' in page)) return undefined;
  const cells = page.rows[row % pageSize];
  return cells && { cells, number: page.numbers[row % pageSize] };
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
