import { createHash, timingSafeEqual } from 'node:crypto';
import { ProblemError, type ResultManifest, type Run } from '@kalla/core';
import { services } from '../services.server.ts';
import { changeRun, findRunRow, type RunRow } from './run-repository.server.ts';
import { applyCallback, type Callback } from './run-state.server.ts';

/** What a worker hears back. `accepted: false` is no error and is not to be tried again. */
export interface CallbackAnswer {
  accepted: boolean;
  reason?: string;
}

/** Takes a callback of a worker. `token` is the bearer token of its request. Throws `not-found`, `unauthorized`. */
export async function takeCallback(callback: Callback, token: string | null): Promise<CallbackAnswer> {
  const { db } = services();
  const { run_id: runId } = callback.body;
  const row = await findRunRow(db, runId);
  if (!row) throw new ProblemError('not-found', `There is no run "${runId}".`);
  if (!token || !sameHash(hashToken(token), row.tokenHash)) {
    throw new ProblemError('unauthorized', 'The callback token is not the one of this run.');
  }
  return recordCallback(callback);
}

/** Applies a callback that is known to be genuine, and tells those who watch. */
export async function recordCallback(callback: Callback): Promise<CallbackAnswer> {
  const { db, events } = services();
  let reason: string | undefined;
  const changed = await changeRun(db, callback.body.run_id, (row, state) => {
    const applied = applyCallback(state, callback);
    if ('ignored' in applied) {
      reason = applied.ignored;
      // Even a late one shows that the worker lives.
      return { set: { heartbeatAt: new Date() }, silent: true };
    }
    const { change } = applied;
    const silent =
      callback.kind === 'progress' && callback.body.stage === 'heartbeat' && change.attempt === row.attempt;
    return { set: columnsOf(row, change), ...(change.parts ? { parts: change.parts } : {}), silent };
  });
  if (changed) events.publish({ revision: changed.row.revision, run: changed.run });
  return reason === undefined ? { accepted: true } : { accepted: false, reason };
}

function columnsOf(
  row: RunRow,
  change: Exclude<ReturnType<typeof applyCallback>, { ignored: string }>['change'],
): Partial<RunRow> {
  const now = new Date();
  const set: Partial<RunRow> = { heartbeatAt: now };
  if (change.attempt !== undefined) set.attempt = change.attempt;
  if (change.status !== undefined) set.status = change.status;
  if (change.status && change.status !== 'queued' && !row.startedAt) set.startedAt = now;
  if (change.error) Object.assign(set, { error: change.error, finishedAt: now });
  if (change.complete) Object.assign(set, { finishedAt: now, ...resultColumns(row, change.complete.manifest) });
  return set;
}

function resultColumns(row: RunRow, manifest: ResultManifest): Partial<RunRow> {
  const side = (shown: Run['left'], found: ResultManifest['left']): Run['left'] => ({
    ...shown,
    type: found.type,
    columns: found.columns,
    keys: found.keys,
    notes: found.notes,
  });
  return {
    counts: manifest.counts,
    sums: manifest.sums,
    outputs: manifest.outputs,
    warnings: manifest.warnings,
    left: side(row.left, manifest.left),
    right: side(row.right, manifest.right),
  };
}

/** What is stored of a callback token. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Compares two hashes in a time that says nothing about where they differ. */
export function sameHash(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
