import { ObjectNotFoundError, problem, resultManifestSchema } from '@kalla/core';
import { lostDatabaseOf } from '../db/lost-database.server.ts';
import { services } from '../services.server.ts';
import { recordCallback } from './run-callbacks.server.ts';
import { changeRun, openRuns, unreleasedRuns, type RunRow } from './run-repository.server.ts';
import { finishRun, releaseFromWorker } from './runs.server.ts';

export interface SupervisorTimes {
  /** Milliseconds between two rounds. */
  every: number;
  /** A run that was silent for so long is asked for. */
  silence: number;
  /** A worker that does not answer for so long has lost its runs. */
  patience: number;
}
const TIMES: SupervisorTimes = { every: 10_000, silence: 20_000, patience: 60_000 };

/** Looks after runs that the worker no longer reports on, at once and then every 10 s. Returns what stops it. */
export function startSupervisor(times: SupervisorTimes = TIMES): () => Promise<void> {
  let round: Promise<void> = Promise.resolve();
  const look = () => {
    round = round
      .then(() => superviseOnce(times))
      .catch((error: unknown) => {
        // That the database is lost has been logged, once; the next round comes all the same.
        if (!lostDatabaseOf(error)) services().log.error({ error }, 'looking after runs failed');
      });
  };
  look();
  const timer = setInterval(look, times.every);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await round;
  };
}

/** One round. A lost run fails with a sentence, unless its result is there: then only the report was lost. */
export async function superviseOnce(times: SupervisorTimes = TIMES, now = new Date()): Promise<void> {
  const { db } = services();
  for (const row of await unreleasedRuns(db)) await releaseFromWorker(row.runId);
  for (const row of await openRuns(db)) {
    const silent = now.getTime() - row.heartbeatAt.getTime();
    if (silent >= times.silence) await askFor(row, silent, times);
  }
}

async function askFor(row: RunRow, silent: number, times: SupervisorTimes): Promise<void> {
  const { db, worker, log } = services();
  let state: 'queued' | 'running' | 'finished' | 'unknown' | 'unreachable';
  try {
    state = (await worker.jobState(row.runId))?.state ?? 'unknown';
  } catch (error) {
    log.warn({ error, run_id: row.runId }, 'the worker does not say how a run goes');
    state = 'unreachable';
  }
  if (state === 'queued' || state === 'running') {
    await changeRun(db, row.runId, () => ({ set: { heartbeatAt: new Date() }, silent: true }));
    return;
  }
  // Unreachable or done without a report: the worker may be starting again, or its report is on the way.
  if (state !== 'unknown' && silent < times.patience) return;
  if (await completeFromManifest(row)) return;
  await finishRun(
    row.runId,
    'failed',
    problem(
      'worker-lost',
      'The worker stopped in the middle of this run. Nothing was lost in the sources; it can be run again.',
    ),
  );
}

/** The manifest is published last: where it is, the result is whole. */
async function completeFromManifest(row: RunRow): Promise<boolean> {
  const { store } = services();
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of store.get(`${row.outputPrefix}manifest.json`)) chunks.push(chunk);
  } catch (error) {
    if (error instanceof ObjectNotFoundError || (error as Error).name === 'ObjectNotFoundError') return false;
    throw error;
  }
  const manifest = resultManifestSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  const body = {
    run_id: row.runId,
    attempt: manifest.attempt,
    seq: 0,
    output_path: store.uri(`${row.outputPrefix}manifest.json`),
    manifest,
  };
  return (await recordCallback({ kind: 'complete', body })).accepted;
}
