import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { KallaClient } from './kalla-client.ts';
import { freePort } from './postgres-server.ts';
import { childrenOf } from './process-tree.ts';
import { sampleRss, type RssSampler } from './rss-sampler.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const START_MS = 240_000;

/** A Kalla of its own, as `npm start` starts it. */
export interface KallaApp extends AsyncDisposable {
  client: KallaClient;
  /** Highest memory of shell, worker and all that they started so far, in bytes. */
  peakBytes(): number;
  /** Watches the memory of the worker and all that it started from now on. */
  watchWorker(): Promise<RssSampler>;
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
    client: new KallaClient(base),
    peakBytes: () => sampler.peak(),
    async watchWorker() {
      const children = await childrenOf(child.pid as number);
      const worker = children.find(({ command }) => /\bworker[/\\]dist[/\\]/.test(command));
      if (!worker) throw new Error(`No worker among what Kalla started: ${children.map(({ command }) => command)}`);
      return sampleRss(worker.pid);
    },
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
