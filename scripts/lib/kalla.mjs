// @ts-check
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDataDir } from './data-dir.mjs';
import { Part, rotateLog } from './part.mjs';
import { reserveFreePort, reserveGivenPort } from './ports.mjs';
import { ensureBuilt, ensureInstalled } from './setup.mjs';
import { onShutdown } from './shutdown.mjs';
import { ADDRESS_FILE } from './with-kalla.mjs';

const LOOPBACK = '127.0.0.1';

/**
 * How Kalla runs. `development`: the shell serves its pages from their sources, and logs go to the terminal.
 * @typedef {{ development: boolean, onReady?: (parts: { worker: Part | null, shell: Part }) => void }} Mode
 */

/**
 * Starts worker and shell, prints the address, and stays until it is asked to end.
 * @param {Mode} mode
 */
export async function runKalla(mode) {
  const env = process.env;
  const host = env.HOST || LOOPBACK;
  const shellPort = env.PORT ? await reserveGivenPort(env.PORT, host) : await reserveFreePort(3000, host);
  const data = openDataDir(env.KALLA_DATA_DIR || '.kalla');
  rmSync(join(data.path, ADDRESS_FILE), { force: true });

  /** @type {Part[]} */
  const parts = [];
  let ending = false;
  /** @param {number} code */
  const end = async (code) => {
    if (ending) return;
    ending = true;
    // The shell first: it may still want to hear from the worker while it closes.
    await Promise.all(parts.map((part) => part.stop()));
    rmSync(join(data.path, ADDRESS_FILE), { force: true });
    data.release();
    process.exit(code);
  };
  onShutdown((now) => {
    if (now) {
      for (const part of parts) part.kill();
      process.exit(1);
    }
    console.log('\nStopping…');
    void end(0);
  });
  /** @param {Error} error */
  const giveUp = (error) => {
    console.error(error.message);
    void end(1);
  };

  try {
    await ensureInstalled();
    await ensureBuilt();
    if (ending) return;

    /** @param {string} name */
    const logFile = (name) => {
      if (env.KALLA_LOG === 'console' || mode.development) return null;
      const file = join(data.path, 'logs', `${name}.log`);
      rotateLog(file);
      return file;
    };
    /** @type {NodeJS.ProcessEnv} */
    const shared = {
      ...env,
      NODE_ENV: mode.development ? 'development' : 'production',
      KALLA_DATA_DIR: data.path,
      STAGING_PATH: env.STAGING_PATH || join(data.path, 'staging'),
      // Between these two only; someone who runs the worker elsewhere gives both the same token.
      WORKER_TOKEN: env.WORKER_TOKEN || (env.WORKER_URL ? undefined : randomBytes(24).toString('base64url')),
    };

    let workerUrl = env.WORKER_URL;
    /** @type {Part | null} */
    let worker = null;
    if (!workerUrl) {
      const workerPort = await reserveFreePort(9090, LOOPBACK);
      workerUrl = `http://${LOOPBACK}:${workerPort.port}`;
      worker = new Part({
        name: 'worker',
        args: ['worker/dist/index.js'],
        env: { ...shared, WORKER_HOST: LOOPBACK, WORKER_PORT: String(workerPort.port) },
        logFile: logFile('worker'),
        healthUrl: `${workerUrl}/healthz`,
        onGiveUp: giveUp,
      });
      parts.push(worker);
      await worker.start();
      workerPort.release();
    }

    const address = `http://${forUrl(host)}:${shellPort.port}`;
    const shell = new Part({
      name: 'shell',
      args: ['shell/dist/server.js', ...(mode.development ? ['--dev'] : [])],
      env: { ...shared, HOST: host, PORT: String(shellPort.port), WORKER_URL: workerUrl },
      logFile: logFile('shell'),
      healthUrl: `${address}/healthz`,
      onGiveUp: giveUp,
    });
    parts.push(shell);
    if (ending) return;
    await shell.start();
    shellPort.release();
    if (ending) return;
    mode.onReady?.({ worker, shell });
    writeFileSync(join(data.path, ADDRESS_FILE), `${address}\n`);
    console.log(`Kalla is ready: ${address}\nIts data is in ${data.path}. Ctrl-C ends it.`);
  } catch (error) {
    if (ending) return;
    ending = true;
    await Promise.all(parts.map((part) => part.stop()));
    throw error;
  }
}

/** @param {string} host an address that is listened on; the wildcards are reached through loopback */
function forUrl(host) {
  if (host === '0.0.0.0') return LOOPBACK;
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
