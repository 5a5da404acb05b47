// @ts-check
import { Part } from './lib/part.mjs';
import { reserveFreePort, reserveGivenPort } from './lib/ports.mjs';
import { ensureBuilt, ensureInstalled } from './lib/setup.mjs';
import { onShutdown } from './lib/shutdown.mjs';
import { main } from './lib/user-error.mjs';

/** A worker alone: takes jobs over HTTP, as `npm start` would start it. */
await main(async () => {
  const host = process.env.WORKER_HOST || '127.0.0.1';
  const port = process.env.WORKER_PORT
    ? await reserveGivenPort(process.env.WORKER_PORT, host, 'WORKER_PORT')
    : await reserveFreePort(9090, host);
  await ensureInstalled();
  await ensureBuilt();
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port.port}`;
  const worker = new Part({
    name: 'worker',
    args: ['worker/dist/index.js'],
    env: { ...process.env, NODE_ENV: 'production', WORKER_HOST: host, WORKER_PORT: String(port.port) },
    logFile: null,
    healthUrl: `${url}/healthz`,
    onGiveUp: (error) => {
      console.error(error.message);
      process.exit(1);
    },
  });
  onShutdown((now) => {
    if (now) worker.kill();
    void worker.stop().then(() => process.exit(now ? 1 : 0));
  });
  await worker.start();
  port.release();
  console.log(`The worker is ready: ${url}`);
});
