import type { ObjectStore } from '@kalla/core';
import type { Logger } from 'pino';
import type { InstallQueue } from './connectors/install-queue.server.ts';
import type { Db } from './db/database.server.ts';
import type { ShellEnv } from './env.server.ts';
import type { RunEvents } from './runs/run-events.server.ts';
import type { SecretBox } from './secrets.server.ts';
import type { WorkerClient } from './worker-client.server.ts';

/** Everything that lives as long as the process. */
export interface Services {
  env: ShellEnv;
  log: Logger;
  db: Db;
  store: ObjectStore;
  worker: WorkerClient;
  secrets: SecretBox;
  events: RunEvents;
  installs: InstallQueue;
  /** Where the worker calls back, for example `http://127.0.0.1:3000/api/worker/progress`. Known once the server listens. */
  callbackUrl: string;
}

/**
 * The server bundle and the page build are two bundles in one process, and in development the pages' modules are loaded
 * again after each change. So the one set of services hangs on the global object and not on a module.
 */
const holder = globalThis as { [SERVICES]?: Services };
const SERVICES = Symbol.for('kalla.shell.services');

/** Set once by the server before it listens (and by tests). */
export function setServices(all: Services | undefined): void {
  if (all) holder[SERVICES] = all;
  else delete holder[SERVICES];
}

/** The services of this process. Throws before the server has set them. */
export function services(): Services {
  const all = holder[SERVICES];
  if (!all) throw new Error('The services are not set: only server.ts and tests may load modules before that.');
  return all;
}
