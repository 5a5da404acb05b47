import type { ColumnInfo, JsonCell } from '@kalla/core';
import {
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import { classNames } from './class-names.ts';
import { ColumnBar } from './column-bar.tsx';
import { columnSlots, columnStarts, columnWidth, type ColumnRange, type Slot } from './column-window.ts';
import { messages } from './messages.ts';
import { useColumnWindow } from './use-column-window.ts';

/** From this many columns on they are searched. */
const MANY = 12;
/** From this many columns on only those near the screen are in the document. */
const TOO_MANY = 40;

/** To be put on what can be pressed in the head of a column: one of all heads is a tab stop, the arrow keys go to the others. */
export interface HeadPlace {
  tabIndex: 0 | -1;
  'data-head': number;
  onFocus(): void;
}

export interface WideTableProps {
  /** The name of the table. */
  label: string;
  columns: readonly ColumnInfo[];
  rows: readonly Record<string, JsonCell>[];
  /** Classes of the frame that scrolls, and of the table. */
  className?: string;
  tableClassName?: string;
  /** Columns that stay in the document wherever the table is moved to, as one that is being dragged. */
  keep?: readonly string[];
  /** What stands between the search and the table; it is told which columns are found and, of them, seen. */
  bar?(view: { found: readonly ColumnInfo[]; seen: ColumnRange }): ReactNode;
  head(column: ColumnInfo, place: HeadPlace): ReactNode;
  headClass?(column: ColumnInfo): string | undefined;
  cell(column: ColumnInfo, row: Record<string, JsonCell>): { text: ReactNode; title?: string; className?: string };
}

/**
 * A few rows of any number of columns. A dozen and more are searched; above 40 only those near the screen are in the document,
 * in widths that are reckoned before, so that a thousand scroll as ten do. `aria-colcount` and `aria-colindex` say which they
 * are. Home and End go to the first and the last column.
 */
export function WideTable(props: WideTableProps) {
  const { label, columns: all, rows, className, tableClassName, keep = [], bar, head, headClass, cell } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [search, setSearch] = useState('');
  const [active, setActive] = useState<string | null>(null);
  const focusing = useRef<number | null>(null);

  const wanted = all.length > MANY ? search.trim().toLowerCase() : '';
  const columns = useMemo(
    () => (wanted ? all.filter(({ name }) => name.toLowerCase().includes(wanted)) : all),
    [all, wanted],
  );
  const starts = useMemo(() => columnStarts(columns.map((column) => columnWidth(column, rows))), [columns, rows]);
  const view = useColumnWindow(scroller, starts);
  const windowed = columns.length > TOO_MANY;
  const laidOut = windowed && view.measured;
  const place = (name: string) => columns.findIndex((column) => column.name === name);
  const stop = active === null ? -1 : place(active);
  const slots: Slot[] = windowed
    ? columnSlots(starts, view.range, [...(stop < 0 ? [] : [stop]), ...keep.map(place)])
    : columns.map((_, column) => ({ column }));

  useEffect(() => {
    if (focusing.current === null) return;
    const target = scroller.current?.querySelector<HTMLElement>(`[data-head="${focusing.current}"]`);
    if (!target) return;
    focusing.current = null;
    target.focus({ preventScroll: true });
  });

  // Other rows have other widths: the column that was seen first stays where it is.
  const laid = useRef({ columns, starts, first: 0 });
  useLayoutEffect(() => {
    const before = laid.current;
    if (before.columns === columns && before.starts !== starts && windowed) view.keep(before.first, before.starts);
    laid.current = { columns, starts, first: view.seen.first };
  });

  function goTo(column: number) {
    const name = columns[column]?.name;
    if (name === undefined) return;
    focusing.current = column;
    setActive(name);
    view.show(column);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const last = columns.length - 1;
    const at = (event.target as Element).closest('[data-head]')?.getAttribute('data-head');
    if (event.target === scroller.current && (event.key === 'Home' || event.key === 'End')) {
      view.show(event.key === 'Home' ? 0 : last);
    } else if (at !== null && at !== undefined) {
      const from = Number(at);
      const to = { ArrowRight: from + 1, ArrowLeft: from - 1, Home: 0, End: last }[event.key];
      if (to === undefined) return;
      goTo(Math.min(Math.max(0, to), last));
    } else return;
    event.preventDefault();
  }

  return (
    <div className="k-wide">
      {all.length > MANY && (
        <ColumnBar
          search={search}
          onSearch={setSearch}
          count={columns.length}
          seen={laidOut ? { from: view.seen.first + 1, to: view.seen.end } : null}
          controls={id}
          onPage={view.page}
        />
      )}
      {bar?.({ found: columns, seen: view.seen })}
      {columns.length === 0 && <p className="k-soft">{messages.noColumn(search)}</p>}
      {/* It scrolls by keys, so it has the focus, and the keys of its heads come up to it. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        ref={scroller}
        id={id}
        hidden={columns.length === 0}
        className={classNames('k-table-scroll', className)}
        tabIndex={0}
        role="group"
        aria-label={label}
        onScroll={windowed ? view.onScroll : undefined}
        onKeyDown={onKeyDown}
      >
        <table
          className={classNames('k-table', tableClassName, laidOut && 'k-table-laid-out')}
          aria-colcount={windowed ? columns.length : undefined}
          style={laidOut ? { width: starts.at(-1) } : undefined}
        >
          {laidOut && (
            <colgroup>
              {slots.map((slot) => (
                <col
                  key={slotKey(slot)}
                  style={{ width: 'column' in slot ? widthOf(starts, slot.column) : slot.gap }}
                />
              ))}
            </colgroup>
          )}
          <thead>
            <tr>
              {slots.map((slot, index) => {
                const column = 'column' in slot ? columns[slot.column] : undefined;
                if (!column || !('column' in slot)) return <td key={`gap:${index}`} aria-hidden="true" />;
                const isStop = stop < 0 ? slot.column === view.seen.first : slot.column === stop;
                return (
                  <th
                    key={`column:${column.name}`}
                    scope="col"
                    className={headClass?.(column)}
                    aria-colindex={windowed ? slot.column + 1 : undefined}
                  >
                    {head(column, {
                      tabIndex: isStop ? 0 : -1,
                      'data-head': slot.column,
                      onFocus: () => setActive(column.name),
                    })}
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={index}>
                {slots.map((slot, at) => {
                  const column = 'column' in slot ? columns[slot.column] : undefined;
                  if (!column || !('column' in slot)) return <td key={`gap:${at}`} aria-hidden="true" />;
                  const { text, title, className: cellClass } = cell(column, row);
                  return (
                    <td
                      key={`column:${column.name}`}
                      title={title}
                      suppressHydrationWarning
                      className={cellClass}
                      aria-colindex={windowed ? slot.column + 1 : undefined}
                    >
                      {text}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

const widthOf = (starts: readonly number[], column: number) => (starts[column + 1] ?? 0) - (starts[column] ?? 0);
const slotKey = (slot: Slot) => ('column' in slot ? `c${slot.column}` : `g${slot.gap}-${slot.columns}`);
