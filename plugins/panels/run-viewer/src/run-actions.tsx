import type { Run } from '@kalla/core';
import { ApiError, usePanelHost } from '@kalla/core/panel';
import { Button, buttonClass, DateTime, Dialog, formatDuration, StatusBadge } from '@kalla/ui';
import { useState } from 'react';
import { messages } from './messages.ts';
import { hasEnded } from './use-run.ts';

/** State, time, and what can be done with a run: cancel while it goes on, run again after. */
export function RunActions({ run }: { run: Run }) {
  const { api, navigate, notify, locale } = usePanelHost();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const ended = hasEnded(run);
  const took = run.started_at && run.finished_at ? Date.parse(run.finished_at) - Date.parse(run.started_at) : null;

  const withFiles = run.left.upload_id !== undefined || run.right.upload_id !== undefined;
  const startPage = `/recipes/${encodeURIComponent(run.recipe_id)}/run`;

  async function attempt(work: () => Promise<void>) {
    setBusy(true);
    try {
      await work();
    } catch (error) {
      notify('error', (error as Error).message);
    } finally {
      setBusy(false);
    }
  }

  async function again() {
    try {
      const { run_id } = await api.request<{ run_id: string }>(
        'POST',
        `/api/runs/${encodeURIComponent(run.run_id)}/retry`,
      );
      navigate(`/runs/${run_id}`);
    } catch (error) {
      if (!withFiles || !(error instanceof ApiError) || error.status !== 409) throw error;
      notify('info', messages.filesGone);
      navigate(startPage);
    }
  }

  return (
    <div className="rv-actions">
      <span role="status">
        <StatusBadge status={run.status} />
      </span>
      <span className="k-soft">
        <DateTime iso={run.created_at} />
        {took !== null && ` · ${messages.took(formatDuration(took, locale))}`}
      </span>
      {run.recipe_deleted && <span className="k-soft">{messages.recipeDeleted}</span>}
      {ended ? (
        <div className="rv-actions-buttons">
          {withFiles && !run.recipe_deleted && (
            <a
              className={buttonClass()}
              href={startPage}
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                event.preventDefault();
                navigate(startPage);
              }}
            >
              {messages.otherFiles}
            </a>
          )}
          {run.status === 'completed' && <Button onClick={() => window.print()}>{messages.print}</Button>}
          {!run.recipe_deleted && (
            <Button busy={busy} onClick={() => void attempt(again)}>
              {busy ? messages.starting : messages.runAgain}
            </Button>
          )}
        </div>
      ) : (
        <div className="rv-actions-buttons">
          <Button tone="danger" busy={busy} onClick={() => setAsking(true)}>
            {messages.cancel}
          </Button>
        </div>
      )}
      <Dialog
        open={asking && !ended}
        title={messages.cancelTitle}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button onClick={() => setAsking(false)}>{messages.keepRunning}</Button>
            <Button
              tone="danger"
              onClick={() => {
                setAsking(false);
                void attempt(() => api.cancelRun(run.run_id));
              }}
            >
              {messages.cancel}
            </Button>
          </>
        }
      >
        <p>{messages.cancelText}</p>
      </Dialog>
    </div>
  );
}
