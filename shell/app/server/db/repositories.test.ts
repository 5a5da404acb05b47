import { problem } from '@kalla/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeOnBoth } from '../../../testing/databases.ts';
import { manifest, recipe, runRow, TOKEN } from '../../../testing/rows.ts';
import {
  addRecipeVersion,
  allRecipes,
  deleteRecipe,
  findRecipe,
  insertRecipe,
  pageRecipes,
  recipeHistory,
} from '../recipes/recipe-repository.server.ts';
import { recordCallback, takeCallback } from '../runs/run-callbacks.server.ts';
import { RunEvents } from '../runs/run-events.server.ts';
import {
  changeRun,
  deleteRun,
  findRun,
  insertRun,
  lastRuns,
  openRuns,
  pageRuns,
} from '../runs/run-repository.server.ts';
import { setServices, type Services } from '../services.server.ts';
import {
  deleteSource,
  findSecrets,
  findSource,
  insertSource,
  pageSources,
  updateSource,
  type SourceRow,
} from '../sources/source-repository.server.ts';
import { findUpload, insertUpload, takeExpiredUploads, type UploadRow } from '../uploads/upload-repository.server.ts';
import { recipes, runs, sources, uploads } from './schema.server.ts';

const upload = (uploadId: string, createdAt = new Date()): UploadRow => ({
  uploadId,
  objectKey: `uploads/${uploadId}/file.csv`,
  filename: 'bank.csv',
  bytes: 5 * 1024 ** 3,
  sha256: 'a'.repeat(64),
  options: { delimiter: ';' },
  description: {
    type: 'csv',
    connector: { package: 'p', version: '1.0.0' },
    columns: [{ name: 'amount', type: 'decimal(12,2)' }],
    primary_key: null,
    key_candidates: [],
    row_count: 1,
    notes: [],
    pinned_config: { a: ['1', null] },
  },
  createdAt,
});
const source = (alias: string, createdAt = new Date('2026-01-01T00:00:00.001Z')): SourceRow => ({
  alias,
  type: 'postgres',
  uri: 'postgres://u@h/db',
  config: { host: 'h' },
  tableName: null,
  primaryKey: ['id'],
  connector: { package: 'p', version: '1.0.0' },
  secretsSet: ['password'],
  createdAt,
  updatedAt: createdAt,
});

describeOnBoth('repositories', (db) => {
  afterEach(async () => {
    setServices(undefined);
    for (const table of [runs, recipes, sources, uploads]) await db().delete(table);
  });

  it('keeps a recipe, its versions and its order', async () => {
    const first = await insertRecipe(db(), recipe('r1'), new Date('2026-01-01T00:00:00Z'));
    expect(first).toMatchObject({ ...recipe('r1'), version: 1, created_at: '2026-01-01T00:00:00.000Z' });
    expect(await insertRecipe(db(), recipe('r1'))).toBeUndefined();
    await insertRecipe(db(), recipe('r2'), new Date('2026-01-02T00:00:00Z'));
    expect((await addRecipeVersion(db(), { ...recipe('r1'), name: 'New' }))?.version).toBe(2);
    expect(await addRecipeVersion(db(), recipe('absent'))).toBeUndefined();
    expect(await findRecipe(db(), 'r1')).toMatchObject({ name: 'New', version: 2 });
    expect((await recipeHistory(db(), 'r1')).map((one) => [one.version, one.name])).toEqual([
      [2, 'New'],
      [1, 'Invoices and payments'],
    ]);
    const page = await pageRecipes(db(), { limit: 1 });
    expect(page.items.map((one) => one.recipe_id)).toEqual(['r2']);
    const rest = await pageRecipes(db(), { limit: 1, cursor: page.next ?? '' });
    expect([rest.items.map((one) => one.recipe_id), rest.next]).toEqual([['r1'], null]);
    expect(await deleteRecipe(db(), 'r1')).toBe(true);
    expect(await deleteRecipe(db(), 'r1')).toBe(false);
    expect(await recipeHistory(db(), 'r1')).toEqual([]);
    expect((await allRecipes(db())).length).toBe(1);
  });

  it('makes two versions of two changes at once', async () => {
    await insertRecipe(db(), recipe());
    const versions = await Promise.all([1, 2, 3, 4].map(() => addRecipeVersion(db(), recipe())));
    expect(versions.map((one) => one?.version).sort()).toEqual([2, 3, 4, 5]);
  });

  it('keeps sources and their secrets apart, and deletes both', async () => {
    expect(await insertSource(db(), source('a'), 'sealed-1')).toBe(true);
    expect(await insertSource(db(), source('a'), 'sealed-2')).toBe(false);
    await insertSource(db(), source('b'), 'sealed-3');
    expect(await findSource(db(), 'a')).toEqual(source('a'));
    expect(await findSecrets(db(), 'a')).toBe('sealed-1');
    await updateSource(db(), { ...source('a'), tableName: 'public.x' }, 'sealed-4');
    expect([(await findSource(db(), 'a'))?.tableName, await findSecrets(db(), 'a')]).toEqual(['public.x', 'sealed-4']);
    // Both have the same moment: the alias decides, and no entry is lost between two pages.
    const page = await pageSources(db(), { limit: 1 });
    const rest = await pageSources(db(), { limit: 1, cursor: page.next ?? '' });
    expect([...page.items, ...rest.items].map((one) => one.alias)).toEqual(['b', 'a']);
    await deleteSource(db(), 'a');
    expect(await findSecrets(db(), 'a')).toBeUndefined();
  });

  it('takes out expired uploads, but none that a run reads', async () => {
    const old = new Date(Date.now() - 48 * 3600_000);
    await insertUpload(db(), upload('u_old', old));
    await insertUpload(db(), upload('u_used', old));
    await insertUpload(db(), upload('u_new'));
    expect(await findUpload(db(), 'u_old')).toEqual(upload('u_old', old));
    await insertRun(db(), runRow('run', { files: { payments: { upload_id: 'u_used', filename: 'x', sha256: 'y' } } }));
    const before = new Date(Date.now() - 24 * 3600_000);
    expect((await takeExpiredUploads(db(), before)).map((one) => one.uploadId)).toEqual(['u_old']);
    await changeRun(db(), 'run', () => ({ set: { status: 'failed' } }));
    expect((await takeExpiredUploads(db(), before)).map((one) => one.uploadId)).toEqual(['u_used']);
    expect(await findUpload(db(), 'u_new')).toBeDefined();
  });

  it('lists runs newest first, by recipe, and finds the last of each', async () => {
    for (let at = 0; at < 5; at++) {
      await insertRun(
        db(),
        runRow(`run-${at}`, { recipeId: at % 2 ? 'odd' : 'even', createdAt: new Date(1_700_000_000_000 + at) }),
      );
    }
    const seen: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await pageRuns(db(), { limit: 2, cursor });
      seen.push(...page.items.map((run) => run.run_id));
      if (page.next === null) break;
      cursor = page.next;
    }
    expect(seen).toEqual(['run-4', 'run-3', 'run-2', 'run-1', 'run-0']);
    expect((await pageRuns(db(), { limit: 9, recipe_id: 'odd' })).items.map((run) => run.run_id)).toEqual([
      'run-3',
      'run-1',
    ]);
    expect([...(await lastRuns(db()))].map(([id, run]) => [id, run.run_id]).sort()).toEqual([
      ['even', 'run-4'],
      ['odd', 'run-3'],
    ]);
    expect((await openRuns(db())).length).toBe(5);
    await deleteRun(db(), 'run-4');
    expect(await findRun(db(), 'run-4')).toBeUndefined();
  });

  describeCallbacks();

  function describeCallbacks(): void {
    let events: RunEvents;
    beforeEach(() => {
      events = new RunEvents();
      setServices({ db: db(), events } as Services);
    });

    it('takes callbacks in any order, at once, and tells of each change with a growing revision', async () => {
      await insertRun(db(), runRow('run'));
      const revisions: number[] = [];
      events.subscribe(
        'run',
        ({ revision }) => revisions.push(revision),
        () => undefined,
      );
      const body = { run_id: 'run', attempt: 1 };
      const sent = [5, 3, 4, 1, 2].map((seq) =>
        takeCallback(
          { kind: 'progress', body: { ...body, seq, stage: 'staging', source: 'invoices', progress: seq / 5 } },
          TOKEN,
        ),
      );
      await Promise.all(sent);
      await takeCallback(
        { kind: 'progress', body: { ...body, seq: 6, stage: 'matching', matched: 2, total_left: 3 } },
        TOKEN,
      );
      await takeCallback({ kind: 'progress', body: { ...body, seq: 7, stage: 'heartbeat' } }, TOKEN);
      const { run } = (await findRun(db(), 'run'))!;
      expect(run.status).toBe('matching');
      expect(run.progress).toEqual([
        { stage: 'staging', source: 'invoices', progress: 1 },
        { stage: 'matching', matched: 2, total_left: 3 },
      ]);
      expect(run.started_at).not.toBeNull();
      expect(new Set(revisions).size).toBe(revisions.length);

      const complete = {
        kind: 'complete' as const,
        body: { ...body, seq: 8, output_path: 'x', manifest: manifest('run') },
      };
      expect(await takeCallback(complete, TOKEN)).toEqual({ accepted: true });
      expect(await takeCallback(complete, TOKEN)).toMatchObject({ accepted: false });
      const failed = {
        kind: 'error' as const,
        body: { ...body, seq: 9, status: 'failed' as const, error: problem('timeout', 'late') },
      };
      expect(await takeCallback(failed, TOKEN)).toMatchObject({ accepted: false });
      const after = (await findRun(db(), 'run'))!.run;
      expect(after).toMatchObject({ status: 'completed', counts: manifest('run').counts, error: null });
      expect(after.finished_at).not.toBeNull();
    });

    it('refuses a callback without the token of the run, and for a run that is not there', async () => {
      await insertRun(db(), runRow('run'));
      const callback = {
        kind: 'progress' as const,
        body: { run_id: 'run', attempt: 1, seq: 1, stage: 'heartbeat' as const },
      };
      await expect(takeCallback(callback, null)).rejects.toMatchObject({ problem: { status: 401 } });
      await expect(takeCallback(callback, 'other')).rejects.toMatchObject({ problem: { status: 401 } });
      await expect(
        takeCallback({ ...callback, body: { ...callback.body, run_id: 'no' } }, TOKEN),
      ).rejects.toMatchObject({ problem: { status: 404 } });
      expect(await recordCallback(callback)).toEqual({ accepted: true });
    });
  }
});
