import {
  accountsForEveryRow,
  isFinished,
  problem,
  type CompleteCallback,
  type ErrorCallback,
  type Progress,
  type ProgressCallback,
  type RunStatus,
} from '@kalla/core';

/** The part of a run that callbacks change. */
export interface RunState {
  status: RunStatus;
  attempt: number;
  /** By part: `staging:<alias>` or `matching`. */
  parts: Record<string, { seq: number; body: Progress }>;
}

export type Callback =
  | { kind: 'progress'; body: ProgressCallback }
  | { kind: 'complete'; body: CompleteCallback }
  | { kind: 'error'; body: ErrorCallback };

/** What became of a callback. `ignored` is no error: callbacks come late, twice, or in another order. */
export type Applied =
  { change: Partial<RunState> & { error?: ErrorCallback['error']; complete?: CompleteCallback } } | { ignored: string };

const RANK: Record<RunStatus, number> = { queued: 0, staging: 1, matching: 2, completed: 3, failed: 3, cancelled: 3 };

/**
 * What a callback does to a run. Whatever the order and however often: a finished run never changes, a status never goes
 * back within an attempt, and each part of the progress shows the callback with the highest `seq`.
 */
export function applyCallback(state: RunState, callback: Callback): Applied {
  if (isFinished(state.status)) return { ignored: `the run is ${state.status} already` };
  const { attempt } = callback.body;
  if (attempt < state.attempt) return { ignored: `attempt ${state.attempt} has taken over` };
  // A new attempt begins from nothing: what the one before it reported is gone with it.
  const before: RunState = attempt > state.attempt ? { status: 'queued', attempt, parts: {} } : state;

  if (callback.kind === 'error') {
    return { change: { attempt, parts: before.parts, status: callback.body.status, error: callback.body.error } };
  }
  if (callback.kind === 'complete') {
    if (!accountsForEveryRow(callback.body.manifest.counts)) {
      const error = problem(
        'internal',
        'The result does not account for every row of both sources, so it is not shown. Run it again; if it happens again, tell the operator.',
      );
      return { change: { attempt, parts: before.parts, status: 'failed', error } };
    }
    return { change: { attempt, parts: before.parts, status: 'completed', complete: callback.body } };
  }
  return applyProgress(before, callback.body);
}

function applyProgress(before: RunState, callback: ProgressCallback): Applied {
  const { attempt, seq } = callback;
  if (callback.stage === 'heartbeat') return { change: { attempt, parts: before.parts, status: before.status } };
  const body = progressOf(callback);
  const part = body.stage === 'staging' ? `staging:${body.source}` : 'matching';
  const seen = before.parts[part];
  if (seen && seen.seq >= seq) return { ignored: 'a later one of this part has come before' };
  const status: RunStatus = RANK[body.stage] > RANK[before.status] ? body.stage : before.status;
  return { change: { attempt, status, parts: { ...before.parts, [part]: { seq, body } } } };
}

function progressOf(callback: Exclude<ProgressCallback, { stage: 'heartbeat' }>): Progress {
  const { run_id: _run, attempt: _attempt, seq: _seq, ...body } = callback;
  return body;
}
