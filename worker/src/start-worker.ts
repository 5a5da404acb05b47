import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { openStore } from '@kalla/object-store';
import { parseEnv } from './env.ts';
import { createApp } from './http/app.ts';
import { JobQueue } from './jobs/job-queue.ts';
import { createLog } from './log.ts';
import { Metrics } from './metrics.ts';
import { discoverConnectors } from './plugins/discover.ts';
import { Inspector } from './processes/inspector.ts';
import { ProcessPool } from './processes/process-pool.ts';
import { ResultReader } from './processes/result-reader.ts';
import { Workbench } from './processes/workbench.ts';
import { Scratch } from './scratch.ts';

/** What is left of the five seconds to tell the shell about runs that did not end. */
const FAREWELL_MS = 2_500;

export interface RunningWorker {
  /** `http://127.0.0.1:9090` */
  url: string;
  /** Ends children, tells of unfinished runs, removes scratch files; within 5 seconds. */
  close(): Promise<void>;
}

/**
 * Starts a worker: HTTP server, queue and child processes.
 *
 * @param childEntry Path of the child processes' program.
 */
export async function startWorker(variables: NodeJS.ProcessEnv, childEntry: string): Promise<RunningWorker> {
  const env = parseEnv(variables);
  const log = createLog(env.logLevel);
  // Opened for its complaint: a store that cannot be had must be known at the start and not at the first run.
  await openStore(variables).close();
  const scratch = await Scratch.open(env.stagingPath);
  const pool = new ProcessPool({ entry: childEntry, variables, log });
  const metrics: Metrics = new Metrics({
    depth: () => jobs.depth,
    running: () => jobs.running,
    processes: () => pool.size,
  });
  const jobs: JobQueue = new JobQueue({ pool, scratch, log, metrics, limit: env.maxRuns });
  const discovery = { pluginsDir: env.pluginsDir, dataDir: env.dataDir };
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const app = createApp({
    token: env.token,
    version,
    log,
    metrics,
    jobs,
    inspector: new Inspector({ pool, scratch, log, limit: Math.max(2, env.maxRuns) }),
    // Downloads take as long as the reader's network does; they must not hold up a check.
    exporter: new Inspector({ pool, scratch, log, limit: 4 }),
    reader: new ResultReader({ pool, scratch, log }),
    workbench: new Workbench({ pool, scratch, log }),
    connectors: async () =>
      (await discoverConnectors(discovery)).filter((one) => !one.superseded).map((one) => one.info),
  });

  const server = createAdaptorServer({ fetch: app.fetch });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(env.port, env.host, resolve);
    });
  } catch (error) {
    await pool.close();
    await scratch.close();
    throw error;
  }
  const { address, port, family } = server.address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  log.info({ url, max_runs: env.maxRuns, memory_bytes: env.memoryBytes, pid: process.pid }, `worker listens on ${url}`);

  let closing: Promise<void> | undefined;
  return {
    url,
    close() {
      closing ??= (async () => {
        server.close();
        const told = jobs.close(FAREWELL_MS);
        await pool.close();
        await told;
        if ('closeAllConnections' in server) server.closeAllConnections();
        await scratch.close();
        log.info('worker stopped');
      })();
      return closing;
    },
  };
}
