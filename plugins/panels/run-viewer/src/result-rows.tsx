import type { ColumnInfo, Run } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { Button, ButtonLink, Count, formatCount, Tabs, useHeldFocus } from '@kalla/ui';
import { useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import { ColumnsPanel } from './columns-panel.tsx';
import { messages } from './messages.ts';
import { differenceName, suggestDifferences } from './pair-columns.ts';
import { resultSetNames, type SetName } from './result-sets.ts';
import type { RowCache } from './row-cache.ts';
import { RowSheet } from './row-sheet.tsx';
import { RowsGrid, type RowsGridHandle } from './rows-grid.tsx';
import { RowsToolbar } from './rows-toolbar.tsx';
import { SelectionTotals } from './selection-totals.tsx';
import { plainView, type ViewState } from './view-state.ts';

const formats = ['csv', 'parquet', 'xlsx'] as const;

/** Name of a set for people, with the alias of its side. */
export function setLabel(run: Run, set: SetName): string {
  if (set === 'matched') return messages.sets.matched;
  return messages.unmatchedIn(set === 'unmatched_left' ? run.left.alias : run.right.alias);
}

export interface ResultRowsProps {
  run: Run;
  /** Columns of the matched set, from which differences suggest themselves. */
  matchedColumns: readonly ColumnInfo[];
  view: ViewState;
  change(part: Partial<ViewState>): void;
}

/** The three sets of rows: tabs, search and filter, columns, table, sums and downloads of what is shown, the row that is open. */
export function ResultRows({ run, matchedColumns, view, change }: ResultRowsProps) {
  const { api, locale } = usePanelHost();
  const [columns, setColumns] = useState<ColumnInfo[]>([]);
  const [found, setFound] = useState<number | null>(null);
  const [choosing, setChoosing] = useState(false);
  const choosingId = useId();
  const whole = useRef<HTMLElement>(null);
  useHeldFocus(whole);
  const grid = useRef<RowsGridHandle>(null);
  const [stepping, setStepping] = useState<number | null>(null);
  const keepHead = useCallback((next: RowCache['head']) => {
    if (next) setColumns(next.columns);
    setFound(next?.total ?? null);
  }, []);
  const { set, sort, filter, q, hide, row } = view;
  // A row that a link opened was opened from nowhere, so that its sheet has no place to give the focus back to.
  const wasOpen = useRef(row !== null);
  useEffect(() => {
    const active = document.activeElement;
    const nowhere = !active || active === document.body || active.closest('dialog:not([open])') !== null;
    if (wasOpen.current && row === null && nowhere) grid.current?.focus();
    wasOpen.current = row !== null;
  }, [row]);
  const suggested = useMemo(
    () => suggestDifferences(matchedColumns, run.left, run.right),
    [matchedColumns, run.left, run.right],
  );
  const differences = view.differences ?? (set === 'matched' ? suggested : []);
  const all = run.counts?.[set] ?? 0;
  const narrowed = filter.length > 0 || q !== '';
  const query = { filter, q, differences, ...(sort ? { sort } : {}) };
  const label = setLabel(run, set);

  /** What sorts, filters or hides a difference goes with it. */
  function setDifferences(next: typeof differences) {
    const kept = next.map(differenceName);
    const gone = differences.map(differenceName).filter((name) => !kept.includes(name));
    change({
      differences: next,
      filter: filter.filter(({ column }) => !gone.includes(column)),
      hide: hide.filter((name) => !gone.includes(name)),
      ...(sort && gone.includes(sort.replace(/^-/, '')) ? { sort: null } : {}),
    });
  }

  return (
    <section ref={whole} className="k-card rv-rows" id="rows" aria-label={messages.setsLabel}>
      <Tabs
        label={messages.setsLabel}
        selected={set}
        onSelect={(id) => change({ ...plainView, set: id as SetName })}
        tabs={resultSetNames.map((id) => ({
          id,
          label: (
            <>
              {setLabel(run, id)} <span className="rv-tab-count">{run.counts && <Count value={run.counts[id]} />}</span>
            </>
          ),
        }))}
      >
        <RowsToolbar
          columns={columns}
          filter={filter}
          q={q}
          onChange={change}
          tools={
            <Button
              small
              aria-expanded={choosing}
              aria-controls={choosing ? choosingId : undefined}
              onClick={() => setChoosing(!choosing)}
            >
              {hide.length > 0 ? messages.columnsHidden(formatCount(hide.length, locale)) : messages.columnsButton}
            </Button>
          }
        />
        {choosing && (
          <ColumnsPanel
            key={set}
            id={choosingId}
            columns={columns}
            hide={hide}
            differences={differences}
            onHide={(next) => change({ hide: next })}
            onDifferences={setDifferences}
          />
        )}
        <RowsGrid
          key={set}
          ref={grid}
          runId={run.run_id}
          set={set}
          label={messages.grid(label)}
          sort={sort}
          filter={filter}
          q={q}
          differences={differences}
          hide={hide}
          opened={row}
          onSort={(next) => change({ sort: next })}
          onOpen={(next) => {
            setStepping(next);
            change({ row: next });
          }}
          onHead={keepHead}
        />
        <div className="rv-foot">
          <span className="k-number" role="status">
            {!narrowed && messages.shown(formatCount(all, locale))}
            {narrowed &&
              (found === null
                ? messages.finding
                : messages.shownOf(formatCount(found, locale), formatCount(all, locale)))}
          </span>
          <span className="rv-downloads">
            {messages.download}
            {formats.map((format) => (
              <ButtonLink
                key={format}
                small
                download
                href={api.downloadUrl(run.run_id, set, format, query)}
                aria-label={messages.downloadAs(label, messages.formats[format])}
              >
                {messages.formats[format]}
              </ButtonLink>
            ))}
          </span>
        </div>
        <SelectionTotals
          runId={run.run_id}
          set={set}
          columns={columns}
          filter={filter}
          q={q}
          differences={differences}
        />
      </Tabs>
      <RowSheet
        run={run}
        set={set}
        setLabel={label}
        row={row}
        differences={differences}
        canStep={row !== null && row === stepping}
        onStep={(by) => grid.current?.step(by)}
        onClose={() => change({ row: null })}
        change={change}
      />
    </section>
  );
}
