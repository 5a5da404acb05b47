import { randomBytes, randomUUID } from 'node:crypto';
import { isFinished, problem, ProblemError, type JobPayloadInput, type Problem, type Run } from '@kalla/core';
import type { PageQuery } from '../cursor.server.ts';
import type { RunFile } from '../db/schema.server.ts';
import { problemOfAny } from '../http/problems.server.ts';
import { streamBytes } from '../http/stream-bytes.server.ts';
import { resolveSides, type ResolvedSide } from '../recipes/recipe-sources.server.ts';
import { getRecipe } from '../recipes/recipes.server.ts';
import { services } from '../services.server.ts';
import { hashToken } from './run-callbacks.server.ts';
import {
  changeRun,
  deleteRun,
  findRun,
  findRunRow,
  insertRun,
  pageRuns,
  type RunRow,
} from './run-repository.server.ts';

/**
 * Starts a run: checks the files and addresses, writes the run, then hands it to the worker. A worker that cannot take it
 * makes the run fail with the reason; the run is there in any case.
 */
export async function startRun(input: { recipe_id: string; files: Record<string, string> }): Promise<Run> {
  const { db, store } = services();
  const { version, created_at: _created, updated_at: _updated, ...recipe } = await getRecipe(input.recipe_id);
  const sides = await resolveSides(recipe, input.files);
  await assertReachable(sides.left);
  await assertReachable(sides.right);

  const now = new Date();
  const runId = randomUUID();
  const token = randomBytes(24).toString('base64url');
  const files: Record<string, RunFile> = {};
  for (const side of [sides.left, sides.right]) if (side.file) files[side.alias] = side.file;
  const row: RunRow = {
    runId,
    recipeId: recipe.recipe_id,
    recipeVersion: version,
    recipe,
    status: 'queued',
    attempt: 1,
    revision: 1,
    tokenHash: hashToken(token),
    outputPrefix: `results/${runId}/`,
    files,
    left: sides.left.shown,
    right: sides.right.shown,
    counts: null,
    sums: null,
    outputs: null,
    warnings: [],
    error: null,
    releasePending: false,
    createdAt: now,
    startedAt: null,
    finishedAt: null,
    heartbeatAt: now,
  };
  const run = await insertRun(db, row);
  const payload: JobPayloadInput = {
    run_id: runId,
    callback_url: services().callbackUrl,
    callback_token: token,
    attempt: 1,
    match_sql: recipe.match_sql,
    sources: [sides.left.ref, sides.right.ref],
    primary_keys: { [sides.left.alias]: sides.left.primaryKey, [sides.right.alias]: sides.right.primaryKey },
    ...(recipe.rule ? { rule: recipe.rule } : {}),
    output_path: store.uri(`results/${runId}/x`).replace(/x$/, ''),
    recipe: { recipe_id: recipe.recipe_id, version },
  };
  return (await dispatch(payload)) ?? run;
}

/** Hands the job over. On failure the run is failed with the reason, and is returned so. */
async function dispatch(payload: JobPayloadInput): Promise<Run | undefined> {
  const { worker, log } = services();
  try {
    await worker.startJob(payload);
    return undefined;
  } catch (error) {
    const found = problemOfAny(error);
    // A mistake of the user is said to the user; its sentence may hold cells and addresses.
    if (found.status < 500) log.info({ problem: found.type, run_id: payload.run_id }, 'a run was refused');
    else log.error({ error, run_id: payload.run_id }, 'the worker did not take a run');
    return finishRun(payload.run_id, 'failed', problem(kindOf(found), `The run was not started. ${found.detail}`));
  }
}

function kindOf(found: Problem): 'worker-unreachable' | 'busy' | 'internal' {
  const kind = found.type.split('/').at(-1);
  return kind === 'worker-unreachable' || kind === 'busy' ? kind : 'internal';
}

/** Before a run starts, the worker has to reach a file that lies on another machine. */
async function assertReachable(side: ResolvedSide): Promise<void> {
  if (!side.isUrl) return;
  const steps = await services().worker.check(side.ref, AbortSignal.timeout(30_000), 'reach');
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of streamBytes(steps)) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines.filter((one) => one.startsWith('data:'))) {
      const step = JSON.parse(line.slice(5)) as { ok?: boolean; message?: string; hint?: string };
      if (step.ok !== false) continue;
      throw new ProblemError(
        'source-unreachable',
        `Source "${side.alias}": ${[step.message, step.hint].filter(Boolean).join(' ')}`,
        [{ field: `sources.${side.alias}`, message: step.message ?? 'cannot be read' }],
      );
    }
  }
}

/** Starts a run of the same recipe, in its present version, with the same files. Throws `conflict` where a file is gone. */
export async function retryRun(runId: string): Promise<Run> {
  const row = await findRunRow(services().db, runId);
  if (!row) throw runNotFound(runId);
  const files = Object.fromEntries(Object.entries(row.files).map(([alias, file]) => [alias, file.upload_id]));
  try {
    return await startRun({ recipe_id: row.recipeId, files });
  } catch (error) {
    const gone = Object.entries(row.files).find(([alias]) =>
      problemOfAny(error).errors?.some((item) => item.field === `files.${alias}` && item.message === 'no such upload'),
    );
    if (!gone) throw error;
    throw new ProblemError(
      'conflict',
      `The file "${gone[1].filename}" is no longer kept (files stay for 24 hours). Start a new run and give it again.`,
      undefined,
      error,
    );
  }
}

/** One run with its progress; throws `not-found`. */
export async function getRun(runId: string): Promise<Run> {
  const found = await findRun(services().db, runId);
  if (!found) throw runNotFound(runId);
  return found.run;
}

export async function listRuns(
  query: PageQuery & { recipe_id?: string | undefined },
): Promise<{ runs: Run[]; next: string | null }> {
  const page = await pageRuns(services().db, query);
  return { runs: page.items, next: page.next };
}

/** Cancels a run that is going; deletes a finished one with its results. */
export async function removeRun(runId: string): Promise<void> {
  const { db, store } = services();
  const row = await findRunRow(db, runId);
  if (!row) throw runNotFound(runId);
  if (isFinished(row.status)) {
    await store.deletePrefix(row.outputPrefix);
    await deleteRun(db, runId);
    return;
  }
  // Final at once: whatever the worker reports from now on changes nothing.
  await finishRun(runId, 'cancelled', problem('cancelled', 'The run was cancelled. It can be run again.'), true);
  await releaseFromWorker(runId);
}

/** Has the worker let go of a run; what it does not hear now, the supervisor tells it again. */
export async function releaseFromWorker(runId: string): Promise<void> {
  const { worker, db, log, store } = services();
  try {
    await worker.cancelJob(runId);
  } catch (error) {
    log.warn({ error, run_id: runId }, 'the worker did not hear of a cancelled run; it is told again');
    return;
  }
  await changeRun(db, runId, () => ({ set: { releasePending: false }, silent: true }));
  const row = await findRunRow(db, runId);
  if (row?.status === 'cancelled') await store.deletePrefix(row.outputPrefix);
}

/** Ends a run that has not ended, and tells those who watch. Undefined where it had ended before. */
export async function finishRun(
  runId: string,
  status: 'failed' | 'cancelled',
  error: Problem,
  releasePending = false,
): Promise<Run | undefined> {
  const { db, events } = services();
  const changed = await changeRun(db, runId, (row) =>
    isFinished(row.status) ? null : { set: { status, error, finishedAt: new Date(), releasePending } },
  );
  if (changed) events.publish({ revision: changed.row.revision, run: changed.run });
  return changed?.run;
}

export function runNotFound(runId: string): ProblemError {
  return new ProblemError('not-found', `There is no run "${runId}".`);
}
