import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join, resolve } from 'node:path';
import { problem } from '@kalla/core';
import { openStore } from '@kalla/object-store';
import type { Logger } from 'pino';
import { createRequestHandler, type ServerBuild } from 'react-router';
import sirv from 'sirv';
import type { ViteDevServer } from 'vite';
import { prepareFolders } from './connectors/folders.server.ts';
import { InstallQueue } from './connectors/install-queue.server.ts';
import { tidyUnused } from './connectors/tidy-unused.server.ts';
import { openDatabase } from './db/database.server.ts';
import { lostDatabaseOf } from './db/lost-database.server.ts';
import type { ShellEnv } from './env.server.ts';
import { methodNotAllowed } from './http/api-handler.server.ts';
import { compress } from './http/compress.server.ts';
import { refuseForeign } from './http/guard.server.ts';
import { clientGone, sendResponse, toRequest } from './http/node-adapter.server.ts';
import { problemResponse } from './http/problems.server.ts';
import { secureHeaders } from './http/security-headers.server.ts';
import { createLog } from './log.server.ts';
import { operations } from './openapi/operations.server.ts';
import { RunEvents } from './runs/run-events.server.ts';
import { startSupervisor } from './runs/run-supervisor.server.ts';
import { ensureSample } from './sample.server.ts';
import { keyOfFolder, secretBox } from './secrets.server.ts';
import { setServices, type Services } from './services.server.ts';
import { sweepUploads } from './uploads/uploads.server.ts';
import { httpWorker } from './worker-client.server.ts';

export interface ShellOptions {
  env: ShellEnv;
  /** The `shell` folder: `drizzle`, `build` and, beside it, `samples` are found from here. */
  folder: string;
  /** The pages, where they are not to be loaded from `build`; used by tests. */
  build?: ServerBuild;
}

export interface RunningShell {
  address: string;
  services: Services;
  /** Ends streams, waits for requests, closes the database. */
  close(): Promise<void>;
}

const SWEEP_MS = 60 * 60 * 1000;

/** Starts everything: database, services, pages, server, and then the sample and what looks after runs. */
export async function startShell({ env, folder, build }: ShellOptions): Promise<RunningShell> {
  const log = createLog(env.logLevel);
  const database = await openDatabase({
    url: env.databaseUrl,
    dataDir: env.dataDir,
    migrationsFolder: join(folder, 'drizzle'),
    watch: (lost) =>
      lost === null
        ? log.warn('the database is reached again')
        : log.warn({ reason: lost }, 'the database cannot be reached; it is tried again with each request'),
  });
  const stop: (() => Promise<void>)[] = [database.close];
  const closeAll = async () => {
    for (const one of stop.reverse()) await one();
  };
  try {
    const store = openStore(env.raw);
    stop.push(() => store.close());
    const services: Services = {
      env,
      log,
      db: database.db,
      store,
      worker: httpWorker(env.workerUrl, env.workerToken),
      secrets: secretBox(env.secretKey ?? keyOfFolder(env.dataDir)),
      events: new RunEvents(),
      installs: new InstallQueue(),
      callbackUrl: '',
    };
    setServices(services);
    // Without an order among the installed connectors Kalla still starts: the page says what is wrong with them.
    await prepareFolders(env.dataDir)
      .then(tidyUnused)
      .catch((error: unknown) => log.error({ error }, 'the folders of installed connectors were not tidied'));
    const server = createServer();
    // An upload may take longer than node's own five minutes.
    server.requestTimeout = 0;
    const vite = env.development && !build ? await openVite(folder, server) : undefined;
    if (vite) stop.push(() => vite.close());
    server.on('request', requestListener({ env, folder, log, build, vite }));
    const port = await listen(server, env);
    stop.push(() => closeServer(server, services.events));
    const host = env.host.includes(':') ? `[${env.host}]` : env.host;
    const address = `http://${host}:${port}`;
    services.callbackUrl = `${address}/api/worker/progress`;

    stop.push(startSupervisor());
    const ending = new AbortController();
    const logged = (what: string) => (error: unknown) => {
      // That the database is lost has been logged, once.
      if (!ending.signal.aborted && !lostDatabaseOf(error)) log.error({ error }, what);
    };
    const sample = ensureSample(resolve(folder, '..', 'samples'), 60_000, ending.signal).catch(
      logged('the sample was not loaded'),
    );
    const sweep = () => void sweepUploads().catch(logged('old uploads were not deleted'));
    sweep();
    const timer = setInterval(sweep, SWEEP_MS);
    timer.unref();
    stop.push(async () => {
      clearInterval(timer);
      ending.abort();
      await Promise.race([sample, new Promise((done) => setTimeout(done, 1_000).unref())]);
    });
    return { address, services, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

interface ListenerOptions {
  env: ShellEnv;
  folder: string;
  log: Logger;
  build: ServerBuild | undefined;
  vite: ViteDevServer | undefined;
}

function requestListener({ env, folder, log, build, vite }: ListenerOptions) {
  const client = join(folder, 'build', 'client');
  const files = vite ? undefined : sirv(client, { etag: true, setHeaders: staticHeaders });
  const mode = env.development ? 'development' : 'production';
  const load = async (): Promise<ServerBuild> => {
    if (build) return build;
    if (vite) return (await vite.ssrLoadModule('virtual:react-router/server-build')) as ServerBuild;
    return (await import(join(folder, 'build', 'server', 'index.js'))) as ServerBuild;
  };
  const handler = vite ? undefined : load().then((loaded) => createRequestHandler(loaded, mode));
  handler?.catch((error: unknown) =>
    log.fatal({ error }, 'the pages are not built; run "npm run build -w @kalla/shell"'),
  );

  const answer = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const nonce = randomBytes(16).toString('base64');
    let found = refuseMalformed(message);
    if (!found) {
      const gone = clientGone(response);
      const request = toRequest(message, gone, originOf(message));
      found = refuseForeign(request, env.allowedHosts) ?? unknownMethod(request);
      if (!found) {
        const handle = (await handler) ?? createRequestHandler(await load(), mode);
        found = await handle(request, { nonce, gone } as never);
      }
    }
    const headers = new Headers(found.headers);
    secureHeaders(headers, nonce, env.development);
    await sendResponse(
      message,
      response,
      new Response(found.body, { status: found.status, statusText: found.statusText, headers }),
    );
  };

  return (message: IncomingMessage, response: ServerResponse): void => {
    const render = () =>
      void answer(message, response).catch((error: unknown) => {
        if (response.destroyed) return;
        log.error({ error, method: message.method, path: message.url?.split('?')[0] }, 'a request failed');
        if (response.headersSent) response.destroy();
        else
          void sendResponse(
            message,
            response,
            problemResponse(problem('internal', 'Something went wrong on our side. The log of the server says more.')),
          );
      });
    const fileServer = vite?.middlewares ?? files;
    const isApi = /^\/(api|healthz|panels)(\/|\?|$)/.test(message.url ?? '');
    compress(message, response, () => {
      if (!fileServer || isApi) render();
      else fileServer(message, response, render);
    });
  };
}

function staticHeaders(response: ServerResponse, path: string): void {
  response.setHeader('cache-control', path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
}

function originOf(message: IncomingMessage): string {
  return `http://${message.headers.host ?? 'localhost'}`;
}

/** Answers what cannot be a web request at all: a host that is no name, and the methods that the standard forbids. */
function refuseMalformed(message: IncomingMessage): Response | null {
  if (!URL.canParse(originOf(message))) {
    return problemResponse(problem('bad-request', 'The host name of the request is not valid.'));
  }
  const method = message.method?.toUpperCase() ?? '';
  if (!['CONNECT', 'TRACE', 'TRACK'].includes(method)) return null;
  return methodNotAllowed(method, new URL(message.url ?? '/', originOf(message)).pathname, ['GET']);
}

const KNOWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** Methods that no route ever sees, such as OPTIONS, get the same answer as a wrong one. */
function unknownMethod(request: Request): Response | null {
  if (KNOWN_METHODS.has(request.method)) return null;
  const { pathname } = new URL(request.url);
  const known = operations
    .filter(({ path }) => new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname))
    // A fixed path stands before one with a parameter, as it does for the router.
    .filter(({ path }, _, all) => path === pathname || !all.some((other) => other.path === pathname))
    .map(({ method }) => method.toUpperCase());
  return methodNotAllowed(request.method, pathname, known.length > 0 ? known : ['GET']);
}

async function openVite(folder: string, server: Server): Promise<ViteDevServer> {
  const { createServer: createVite } = await import('vite');
  return createVite({ root: folder, appType: 'custom', server: { middlewareMode: true, hmr: { server } } });
}

/** Listens on the port that is asked for, else on 3000 or the next free one. */
async function listen(server: Server, env: ShellEnv): Promise<number> {
  const first = env.port ?? 3000;
  for (let port = first; ; port++) {
    try {
      await listenOn(server, port, env.host);
      const bound = server.address();
      return typeof bound === 'object' && bound ? bound.port : port;
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (taken && env.port === null && port < first + 100) continue;
      if (taken) {
        throw Object.assign(
          new Error(
            `Port ${port} is taken by another program. Choose another PORT, or leave it unset for the next free one.`,
          ),
          { code: 'EADDRINUSE' },
        );
      }
      throw error;
    }
  }
}

function listenOn(server: Server, port: number, host: string): Promise<void> {
  return new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      done();
    });
  });
}

async function closeServer(server: Server, events: RunEvents): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => done()));
  events.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), 2_000);
  await closed;
  clearTimeout(timer);
}
