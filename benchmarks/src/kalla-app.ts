import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openAsBlob } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import type { Recipe } from '@kalla/core';
import { z } from 'zod';
import { freePort } from './postgres-server.ts';
import { sampleRss } from './rss-sampler.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** Milliseconds between two questions whether a run has ended. */
const POLL_MS = 10;
const START_MS = 240_000;

const runSchema = z.object({
  status: z.string(),
  counts: z.record(z.string(), z.number()).nullable(),
  error: z.object({ detail: z.string().optional(), title: z.string().optional() }).nullable(),
});

/** What a run came to, and how long it took from its POST until its end could be read. */
export interface FinishedRun {
  ms: number;
  counts: Record<string, number>;
}

/** A Kalla of its own, as `npm start` starts it, spoken to over its API. */
export interface KallaApp extends AsyncDisposable {
  /** Uploads a file and gives its upload id. */
  upload(path: string): Promise<string>;
  saveRecipe(recipe: Recipe): Promise<void>;
  /** Runs a saved recipe to its end. Throws the run's own sentence where it fails. */
  run(recipeId: string, files: Record<string, string>, timeoutMs: number): Promise<FinishedRun>;
  /** Highest memory of shell, worker and all that they started so far, in bytes. */
  peakBytes(): number;
}

/** Starts Kalla with an empty data folder below `scratch`, on a free port, and waits until it answers. */
export async function startKalla(scratch: string, env: NodeJS.ProcessEnv = {}): Promise<KallaApp> {
  const port = await freePort();
  const dataDir = join(scratch, 'kalla');
  await mkdir(dataDir, { recursive: true });
  const {
    DATABASE_URL: _database,
    WORKER_URL: _worker,
    NATS_URL: _nats,
    STAGING_PATH: _staging,
    ...inherited
  } = process.env;
  const child = spawn(process.execPath, [join(ROOT, 'scripts/start.mjs')], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...inherited, PORT: String(port), HOST: '127.0.0.1', KALLA_DATA_DIR: dataDir, KALLA_SAMPLE: '0', ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4000)));
  }
  const exited = once(child, 'exit');
  const sampler = sampleRss(child.pid as number);
  const base = `http://127.0.0.1:${port}`;

  const stop = async () => {
    await sampler.stop();
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      const ended = await Promise.race([exited.then(() => true), setTimeout(15_000, false, { ref: false })]);
      if (!ended) child.kill('SIGKILL');
      await exited;
    }
  };

  const call = async (path: string, init?: RequestInit): Promise<unknown> => {
    const response = await fetch(base + path, init);
    const text = await response.text();
    if (!response.ok)
      throw new Error(`${init?.method ?? 'GET'} ${path} answered ${response.status}: ${text.slice(0, 1000)}`);
    return JSON.parse(text);
  };
  const post = (path: string, body: unknown) =>
    call(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

  try {
    const deadline = performance.now() + START_MS;
    while (!(await answers(`${base}/healthz`))) {
      if (child.exitCode !== null) throw new Error(`Kalla ended while it was starting:\n${output.trim()}`);
      if (performance.now() > deadline)
        throw new Error(`Kalla did not answer within ${START_MS / 1000} s:\n${output.trim()}`);
      await setTimeout(100);
    }
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    async upload(path) {
      const form = new FormData();
      form.set('file', await openAsBlob(path), basename(path));
      return z.object({ upload_id: z.string() }).parse(await call('/api/uploads', { method: 'POST', body: form }))
        .upload_id;
    },
    async saveRecipe(recipe) {
      await post('/api/recipes', recipe);
    },
    async run(recipeId, files, timeoutMs) {
      const start = performance.now();
      const { run_id: runId } = z
        .object({ run_id: z.string() })
        .parse(await post('/api/runs', { recipe_id: recipeId, files }));
      for (;;) {
        const run = runSchema.parse(await call(`/api/runs/${runId}`));
        const ms = performance.now() - start;
        if (run.status === 'completed') return { ms, counts: run.counts ?? {} };
        if (run.status === 'failed' || run.status === 'cancelled') {
          throw new Error(`The run ${run.status}: ${run.error?.detail ?? run.error?.title ?? 'no reason given'}`);
        }
        if (ms > timeoutMs) throw new Error(`The run was still ${run.status} after ${timeoutMs / 1000} s.`);
        await setTimeout(POLL_MS);
      }
    },
    peakBytes: () => sampler.peak(),
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    // Nobody listens yet, or the answer takes too long: asked again until the time is over.
    return false;
  }
}
