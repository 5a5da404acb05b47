// @ts-check
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openDataDir } from './data-dir.mjs';
import { Part } from './part.mjs';
import { ownerOf } from './pid-lock.mjs';
import { reserveFreePort } from './ports.mjs';
import { ensureBuilt, ensureInstalled } from './setup.mjs';
import { onShutdown } from './shutdown.mjs';
import { UserError } from './user-error.mjs';

const LOOPBACK = '127.0.0.1';
/** In the data folder: where the Kalla that runs on it listens. */
export const ADDRESS_FILE = 'kalla.address';

/**
 * Does something with the Kalla that runs on the data folder of this environment. Where none runs, one is started on ports of its
 * own, without the sample, and ended afterwards.
 *
 * @template T
 * @param {(address: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withKalla(work) {
  const folder = resolve(process.env.KALLA_DATA_DIR || '.kalla');
  if (ownerOf(join(folder, 'kalla.lock')) !== null) return work(addressIn(folder));

  const data = openDataDir(folder);
  /** @type {Part[]} */
  const parts = [];
  const end = async () => {
    await Promise.all(parts.map((part) => part.stop()));
    data.release();
  };
  onShutdown(() => void end().then(() => process.exit(1)));
  try {
    await ensureInstalled();
    await ensureBuilt();
    return await work(await startQuietly(data.path, parts));
  } finally {
    await end();
  }
}

/** @param {string} folder */
function addressIn(folder) {
  const file = join(folder, ADDRESS_FILE);
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  throw new UserError('Kalla is just starting, or ending. Wait a moment, then try again.');
}

/** @param {string} dataDir @param {Part[]} parts */
async function startQuietly(dataDir, parts) {
  const shared = {
    ...process.env,
    NODE_ENV: 'production',
    KALLA_DATA_DIR: dataDir,
    KALLA_SAMPLE: '0',
    STAGING_PATH: process.env.STAGING_PATH || join(dataDir, 'staging'),
    WORKER_TOKEN:
      process.env.WORKER_TOKEN || (process.env.WORKER_URL ? undefined : randomBytes(24).toString('base64url')),
  };
  /** @param {string} name @param {string} entry @param {string} url @param {NodeJS.ProcessEnv} env */
  const start = async (name, entry, url, env) => {
    const part = new Part({
      name,
      args: [entry],
      env: { ...shared, ...env },
      logFile: join(dataDir, 'logs', `connector-${name}.log`),
      healthUrl: `${url}/healthz`,
      onGiveUp: (error) => console.error(error.message),
    });
    parts.push(part);
    await part.start();
  };
  let workerUrl = process.env.WORKER_URL;
  if (!workerUrl) {
    const { port, release } = await reserveFreePort(9190, LOOPBACK);
    workerUrl = `http://${LOOPBACK}:${port}`;
    await start('worker', 'worker/dist/index.js', workerUrl, { WORKER_HOST: LOOPBACK, WORKER_PORT: String(port) });
    release();
  }
  const { port, release } = await reserveFreePort(3100, LOOPBACK);
  const address = `http://${LOOPBACK}:${port}`;
  await start('shell', 'shell/dist/server.js', address, { HOST: LOOPBACK, PORT: String(port), WORKER_URL: workerUrl });
  release();
  return address;
}
