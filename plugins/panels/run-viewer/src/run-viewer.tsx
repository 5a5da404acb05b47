import type { RowFilter, RunSummary } from '@kalla/core';
import { usePanelHost, type RunViewProps } from '@kalla/core/panel';
import { ProblemNotice, Skeleton } from '@kalla/ui';
import { LiveProgress } from './live-progress.tsx';
import { messages } from './messages.ts';
import { MoneyPicture } from './money-picture.tsx';
import { PrintFacts } from './print-facts.tsx';
import { Remarks } from './remarks.tsx';
import { ResultRows } from './result-rows.tsx';
import type { SetName } from './result-sets.ts';
import { RunActions } from './run-actions.tsx';
import './run-viewer.css';
import { Summary } from './summary.tsx';
import { useLoaded } from './use-loaded.ts';
import { hasEnded, useRun } from './use-run.ts';
import { useView } from './use-view.ts';
import { plainView } from './view-state.ts';

/** The panel API this panel was written for. */
export const apiVersion = 1;

/** Shows one run: live while it goes on, then its counts, amounts and rows, or why it failed. */
export default function RunViewer({ runId, initialRun }: RunViewProps) {
  const { api } = usePanelHost();
  const run = useRun(runId, initialRun);
  const [view, change] = useView();
  const path = `/api/runs/${encodeURIComponent(runId)}/summary`;
  const loaded = useLoaded(run?.status === 'completed' ? path : null, (signal) =>
    api.request<RunSummary>('GET', path, undefined, signal),
  );
  if (!run) return <Skeleton lines={6} />;
  const summary = loaded && 'value' in loaded ? loaded.value : null;

  function show(set: SetName, currency?: string | null) {
    const column = summary?.sets[set].currency_column ?? null;
    const filter: RowFilter[] =
      column === null || currency === undefined
        ? []
        : [currency === null ? { column, op: 'is_null' } : { column, op: 'eq', value: currency }];
    change({ ...plainView, set, filter });
    document.getElementById('rows')?.scrollIntoView({ block: 'start' });
    document.querySelector<HTMLElement>('#rows [role="tab"][aria-selected="true"]')?.focus({ preventScroll: true });
  }

  return (
    <div className="rv">
      <RunActions run={run} />
      {!hasEnded(run) && <LiveProgress run={run} />}
      {run.status === 'cancelled' && <p className="k-notice">{messages.cancelled}</p>}
      {run.error && run.status === 'failed' && <ProblemNotice title={messages.failedTitle} problem={run.error} />}
      {run.status === 'completed' && run.counts && (
        <>
          <PrintFacts run={run} />
          <Summary run={run} counts={run.counts} onShow={show} />
          {loaded && 'error' in loaded && <p className="k-notice k-notice-warn">{messages.moneyFailed}</p>}
          {loaded && <MoneyPicture run={run} summary={summary} onShow={show} />}
          <Remarks run={run} />
          {loaded ? (
            <ResultRows run={run} matchedColumns={summary?.sets.matched.columns ?? []} view={view} change={change} />
          ) : (
            <Skeleton lines={10} label={messages.loadingRows} />
          )}
        </>
      )}
      <details className="k-card rv-how">
        <summary>{messages.how}</summary>
        <p>{run.match_description}</p>
        <pre tabIndex={0} role="group" aria-label={messages.sql}>
          {run.match_sql}
        </pre>
      </details>
    </div>
  );
}
