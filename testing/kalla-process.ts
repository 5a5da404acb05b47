import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../scripts/lib/paths.mjs';

/** A Kalla that runs as `npm start` runs it, with its own data folder and port. */
export interface KallaProcess {
  /** Without a slash at the end: `http://127.0.0.1:3000`. */
  address: string;
  dataDir: string;
  child: ChildProcess;
  /** All it printed so far. */
  output(): string;
  /** Sends SIGTERM, waits for the end, and returns the exit code and the milliseconds it took. The data folder stays. */
  stop(): Promise<{ code: number | null; ms: number }>;
  /** Ends it if it still runs and removes the data folder. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts `node scripts/start.mjs` and waits for its address.
 *
 * @example
 * await using kalla = await startKalla({ KALLA_SAMPLE: '0' });
 * await fetch(`${kalla.address}/api/runs`);
 */
export async function startKalla(env: NodeJS.ProcessEnv = {}): Promise<KallaProcess> {
  const dataDir = env.KALLA_DATA_DIR ?? mkdtempSync(join(tmpdir(), 'kalla-e2e-'));
  const PORT = env.PORT ?? String(await freePort());
  const child = spawn(process.execPath, [join(ROOT, 'scripts', 'start.mjs')], {
    cwd: ROOT,
    env: { ...withoutSettings(process.env), PORT, KALLA_DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const exited = once(child, 'exit');
  const stop = async () => {
    const start = performance.now();
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      if (!(await Promise.race([exited, sleep(20_000, null, { ref: false })]))) child.kill('SIGKILL');
      await exited;
    }
    return { code: child.exitCode, ms: performance.now() - start };
  };
  const dispose = async () => {
    await stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  const deadline = Date.now() + 90_000;
  for (;;) {
    const address = /Kalla is ready: (\S+)/.exec(output)?.[1];
    if (address) return { address, dataDir, child, output: () => output, stop, [Symbol.asyncDispose]: dispose };
    if (child.exitCode !== null || Date.now() > deadline) {
      await dispose();
      throw new Error(`Kalla did not start (exit code ${child.exitCode}):\n${output}`);
    }
    await sleep(50);
  }
}

/** A port that is free at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The environment without what would change how Kalla starts, or make it believe that it runs inside vitest. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const settings =
    /^(KALLA_(?!TEST_)|WORKER_|PORT$|HOST$|DATABASE_URL$|STAGING_PATH$|NODE_ENV$|NODE_OPTIONS$|VITEST|npm_lifecycle)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !settings.test(name)));
}
