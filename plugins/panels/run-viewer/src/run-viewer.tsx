import type { RunViewProps } from '@kalla/core/panel';
import { ProblemNotice, Skeleton } from '@kalla/ui';
import { LiveProgress } from './live-progress.tsx';
import { messages } from './messages.ts';
import { Remarks } from './remarks.tsx';
import { ResultRows } from './result-rows.tsx';
import type { SetName } from './result-sets.ts';
import { RunActions } from './run-actions.tsx';
import './run-viewer.css';
import { Summary } from './summary.tsx';
import { SumsTable } from './sums-table.tsx';
import { hasEnded, useRun } from './use-run.ts';
import { useView } from './use-view.ts';

/** The panel API this panel was written for. */
export const apiVersion = 1;

/** Shows one run: live while it goes on, then its counts, amounts and rows, or why it failed. */
export default function RunViewer({ runId, initialRun }: RunViewProps) {
  const run = useRun(runId, initialRun);
  const [view, change] = useView();
  if (!run) return <Skeleton lines={6} />;

  function show(set: SetName) {
    change({ set, sort: null, filter: [], q: '' });
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
          <div className="rv-top">
            <Summary run={run} counts={run.counts} onShow={show} />
            {run.sums && <SumsTable run={run} sums={run.sums} onShow={show} />}
          </div>
          <Remarks run={run} />
          <ResultRows run={run} view={view} change={change} />
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
