import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { giveDatabase } from '../../testing/made-database.ts';

const root = path.resolve(import.meta.dirname, '../../..');

export interface RunningKalla {
  /** `http://127.0.0.1:PORT` */
  address: string;
  /** All that worker and shell have written to their logs. */
  output(): string;
  stop(): Promise<void>;
}

/** Starts the built worker and shell on free ports with a data folder of their own; with the sample unless said otherwise. */
export async function startKalla(environment: Record<string, string> = {}): Promise<RunningKalla> {
  for (const file of ['worker/dist/index.js', 'shell/dist/server.js', 'shell/build/server/index.js']) {
    if (!existsSync(path.join(root, file)))
      throw new Error(`${file} is missing: run "npm run build" before this test.`);
  }
  const data = mkdtempSync(path.join(tmpdir(), 'kalla-e2e-'));
  const [workerPort, shellPort] = [await freePort(), await freePort()];
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    KALLA_DATA_DIR: data,
    STAGING_PATH: path.join(data, 'staging'),
    WORKER_HOST: '127.0.0.1',
    WORKER_PORT: String(workerPort),
    WORKER_URL: `http://127.0.0.1:${workerPort}`,
    HOST: '127.0.0.1',
    PORT: String(shellPort),
    DATABASE_URL: '',
    LOG_LEVEL: 'warn',
    ...environment,
  };
  if (!env.DATABASE_URL) await giveDatabase(env.KALLA_DATA_DIR);
  const parts = [run('worker/dist/index.js', env), run('shell/dist/server.js', env)];
  const stop = async () => {
    await Promise.all(parts.map((part) => part.stop()));
    rmSync(data, { recursive: true, force: true });
  };
  const address = `http://127.0.0.1:${shellPort}`;
  try {
    for (const part of [`${env.WORKER_URL}/healthz`, `${address}/healthz`])
      await untilHealthy(part, () => parts.map((each) => each.output()).join('\n'));
  } catch (error) {
    await stop();
    throw error;
  }
  return { address, stop, output: () => parts.map((part) => part.output()).join('\n') };
}

function run(file: string, env: NodeJS.ProcessEnv) {
  const child: ChildProcess = spawn(process.execPath, [file], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    output: () => output,
    async stop() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(late);
    },
  };
}

async function untilHealthy(url: string, output: () => string): Promise<void> {
  const until = Date.now() + 100_000;
  for (;;) {
    const healthy = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (healthy) return;
    if (Date.now() > until) throw new Error(`${url} does not answer.\n${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
