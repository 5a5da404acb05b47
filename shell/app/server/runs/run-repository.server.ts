import type { Run } from '@kalla/core';
import { and, desc, eq, inArray, lt, notInArray, or } from 'drizzle-orm';
import { pageOf, placeOf, type PageQuery } from '../cursor.server.ts';
import type { Db } from '../db/database.server.ts';
import { recipes, runProgress, runs } from '../db/schema.server.ts';
import type { RunState } from './run-state.server.ts';

export type RunRow = typeof runs.$inferSelect;
type ProgressRow = typeof runProgress.$inferSelect;

const FINAL = ['completed', 'failed', 'cancelled'] as const;

export async function insertRun(db: Db, row: RunRow): Promise<Run> {
  await db.insert(runs).values(row);
  return toRun(row, []);
}

export async function findRunRow(db: Db, runId: string): Promise<RunRow | undefined> {
  const [row] = await db.select().from(runs).where(eq(runs.runId, runId));
  return row;
}

export async function findRun(db: Db, runId: string): Promise<{ run: Run; row: RunRow } | undefined> {
  const row = await findRunRow(db, runId);
  if (!row) return undefined;
  const run = toRun(row, await progressOf(db, [runId]));
  const [recipe] = await db.select({ id: recipes.recipeId }).from(recipes).where(eq(recipes.recipeId, row.recipeId));
  return { row, run: recipe ? run : { ...run, recipe_deleted: true } };
}

export async function pageRuns(
  db: Db,
  query: PageQuery & { recipe_id?: string | undefined },
): Promise<{ items: Run[]; next: string | null }> {
  const place = placeOf(query.cursor);
  const rows = await db
    .select()
    .from(runs)
    .where(
      and(
        query.recipe_id === undefined ? undefined : eq(runs.recipeId, query.recipe_id),
        place && or(lt(runs.createdAt, place.at), and(eq(runs.createdAt, place.at), lt(runs.runId, place.id))),
      ),
    )
    .orderBy(desc(runs.createdAt), desc(runs.runId))
    .limit(query.limit + 1);
  const page = pageOf(rows, query.limit, (row) => ({ at: row.createdAt, id: row.runId }));
  return { items: await toRuns(db, page.items), next: page.next };
}

/** The newest run of each recipe, by recipe id. */
export async function lastRuns(db: Db): Promise<Map<string, Run>> {
  const rows = await db
    .selectDistinctOn([runs.recipeId])
    .from(runs)
    .orderBy(runs.recipeId, desc(runs.createdAt), desc(runs.runId));
  return new Map((await toRuns(db, rows)).map((run) => [run.recipe_id, run]));
}

/** The newest run of a recipe that came to its end. */
export async function lastCompletedRun(db: Db, recipeId: string): Promise<RunRow | undefined> {
  const [row] = await db
    .select()
    .from(runs)
    .where(and(eq(runs.recipeId, recipeId), eq(runs.status, 'completed')))
    .orderBy(desc(runs.createdAt), desc(runs.runId))
    .limit(1);
  return row;
}

/** Runs that are still going. */
export async function openRuns(db: Db): Promise<RunRow[]> {
  return db
    .select()
    .from(runs)
    .where(notInArray(runs.status, [...FINAL]));
}

/** Cancelled runs that the worker may still be busy with. */
export async function unreleasedRuns(db: Db): Promise<RunRow[]> {
  return db.select().from(runs).where(eq(runs.releasePending, true));
}

/**
 * Changes a run under a lock on its row. `decide` sees the present state and gives back what changes, or null for nothing;
 * `parts`, where given, replaces the whole progress. Undefined where there is no such run, null where nothing changed.
 */
export async function changeRun(
  db: Db,
  runId: string,
  decide: (
    row: RunRow,
    state: RunState,
  ) => { set: Partial<RunRow>; parts?: RunState['parts']; silent?: boolean } | null,
): Promise<{ run: Run; row: RunRow } | null | undefined> {
  return db.transaction(async (tx) => {
    const [row] = await tx.select().from(runs).where(eq(runs.runId, runId)).for('update');
    if (!row) return undefined;
    const progress = await progressOf(tx, [runId]);
    const parts = Object.fromEntries(progress.map(({ part, seq, body }) => [part, { seq, body }]));
    const change = decide(row, { status: row.status, attempt: row.attempt, parts });
    if (!change) return null;
    const next: RunRow = { ...row, ...change.set, revision: change.silent ? row.revision : row.revision + 1 };
    await tx.update(runs).set(next).where(eq(runs.runId, runId));
    const rows = change.parts ? await replaceParts(tx, runId, parts, change.parts) : progress;
    return change.silent ? null : { row: next, run: toRun(next, rows) };
  });
}

async function replaceParts(
  tx: Db,
  runId: string,
  before: RunState['parts'],
  after: RunState['parts'],
): Promise<ProgressRow[]> {
  const gone = Object.keys(before).filter((part) => !(part in after));
  if (gone.length > 0)
    await tx.delete(runProgress).where(and(eq(runProgress.runId, runId), inArray(runProgress.part, gone)));
  const rows = Object.entries(after).map(([part, { seq, body }]) => ({ runId, part, seq, body }));
  for (const row of rows.filter(({ part, seq }) => before[part]?.seq !== seq)) {
    await tx
      .insert(runProgress)
      .values(row)
      .onConflictDoUpdate({ target: [runProgress.runId, runProgress.part], set: { seq: row.seq, body: row.body } });
  }
  return rows;
}

export async function deleteRun(db: Db, runId: string): Promise<void> {
  await db.delete(runs).where(eq(runs.runId, runId));
}

async function progressOf(db: Db, runIds: string[]): Promise<ProgressRow[]> {
  if (runIds.length === 0) return [];
  return db.select().from(runProgress).where(inArray(runProgress.runId, runIds));
}

async function toRuns(db: Db, rows: RunRow[]): Promise<Run[]> {
  const progress = await progressOf(
    db,
    rows.map((row) => row.runId),
  );
  return rows.map((row) =>
    toRun(
      row,
      progress.filter((one) => one.runId === row.runId),
    ),
  );
}

function toRun(row: RunRow, progress: ProgressRow[]): Run {
  const order = [`staging:${row.left.alias}`, `staging:${row.right.alias}`, 'matching'];
  return {
    run_id: row.runId,
    recipe_id: row.recipeId,
    recipe_name: row.recipe.name,
    recipe_version: row.recipeVersion,
    match_description: row.recipe.match_description,
    match_sql: row.recipe.match_sql,
    status: row.status,
    progress: [...progress].sort((a, b) => order.indexOf(a.part) - order.indexOf(b.part)).map((one) => one.body),
    counts: row.counts,
    sums: row.sums,
    left: row.left,
    right: row.right,
    warnings: row.warnings,
    error: row.error,
    created_at: row.createdAt.toISOString(),
    started_at: row.startedAt?.toISOString() ?? null,
    finished_at: row.finishedAt?.toISOString() ?? null,
    attempt: row.attempt,
  };
}
