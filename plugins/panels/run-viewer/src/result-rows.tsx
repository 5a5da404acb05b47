import { resultSetNames, type SetName } from './result-sets.ts';
import type { ColumnInfo, Run } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { ButtonLink, Count, formatCount, Tabs } from '@kalla/ui';
import { useCallback, useState } from 'react';
import { messages } from './messages.ts';
import type { RowCache } from './row-cache.ts';
import { RowsGrid } from './rows-grid.tsx';
import { RowsToolbar } from './rows-toolbar.tsx';
import type { ViewState } from './view-state.ts';

const formats = ['csv', 'parquet', 'xlsx'] as const;

/** Name of a set for people, with the alias of its side. */
export function setLabel(run: Run, set: SetName): string {
  if (set === 'matched') return messages.sets.matched;
  return messages.unmatchedIn(set === 'unmatched_left' ? run.left.alias : run.right.alias);
}

/** The three sets of rows: tabs, search and filter, table, downloads of what is shown. */
export function ResultRows({
  run,
  view,
  change,
}: {
  run: Run;
  view: ViewState;
  change(part: Partial<ViewState>): void;
}) {
  const { api, locale } = usePanelHost();
  const [columns, setColumns] = useState<ColumnInfo[]>([]);
  const [found, setFound] = useState<number | null>(null);
  const keepHead = useCallback((next: RowCache['head']) => {
    if (next) setColumns(next.columns);
    setFound(next?.total ?? null);
  }, []);
  const { set, sort, filter, q } = view;
  const all = run.counts?.[set] ?? 0;
  const narrowed = filter.length > 0 || q !== '';
  const query = { filter, q, ...(sort ? { sort } : {}) };

  return (
    <section className="k-card rv-rows" id="rows" aria-label={messages.setsLabel}>
      <Tabs
        label={messages.setsLabel}
        selected={set}
        onSelect={(id) => change({ set: id as SetName, sort: null, filter: [], q: '' })}
        tabs={resultSetNames.map((id) => ({
          id,
          label: (
            <>
              {setLabel(run, id)} <span className="rv-tab-count">{run.counts && <Count value={run.counts[id]} />}</span>
            </>
          ),
        }))}
      >
        <RowsToolbar columns={columns} filter={filter} q={q} onChange={change} />
        <RowsGrid
          key={set}
          runId={run.run_id}
          set={set}
          label={messages.grid(setLabel(run, set))}
          sort={sort}
          filter={filter}
          q={q}
          onSort={(next) => change({ sort: next })}
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
                aria-label={messages.downloadAs(setLabel(run, set), messages.formats[format])}
              >
                {messages.formats[format]}
              </ButtonLink>
            ))}
          </span>
        </div>
      </Tabs>
    </section>
  );
}
