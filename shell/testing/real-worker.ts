import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..', '..');
const entry = join(root, 'worker', 'dist', 'index.js');

/** True where the worker and the connectors that the tests read with are built. */
export const workerIsBuilt =
  existsSync(entry) &&
  ['csv', 'parquet', 'postgres'].every((name) => existsSync(join(root, 'plugins/connectors', name, 'dist/index.js')));

/** The built worker on a free port, over the given data folder. */
export async function startWorker(
  dataDir: string,
): Promise<{ env: Record<string, string>; process: ChildProcess; stop(): Promise<void> }> {
  const port = await freePort();
  const token = randomBytes(24).toString('hex');
  const child = spawn(process.execPath, [entry], {
    env: {
      ...process.env,
      WORKER_HOST: '127.0.0.1',
      WORKER_PORT: String(port),
      WORKER_TOKEN: token,
      KALLA_DATA_DIR: dataDir,
      STAGING_PATH: join(dataDir, 'staging'),
    },
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    const up = await fetch(`${url}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
    if (up) break;
    if (tries > 150 || child.exitCode !== null) throw new Error('The worker did not start.');
    await new Promise((done) => setTimeout(done, 100));
  }
  return {
    env: { WORKER_URL: url, WORKER_TOKEN: token },
    process: child,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}
