import type { HttpBindings } from '@hono/node-server';
import { jobPayloadSchema, problem, ProblemError, type ConnectorInfo } from '@kalla/core';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Inspector } from '../processes/inspector.ts';
import type { ResultReader } from '../processes/result-reader.ts';
import type { Workbench } from '../processes/workbench.ts';
import { connectorRoutes } from './connector-routes.ts';
import { guard } from './guard.ts';
import { inspectRoutes } from './inspect-routes.ts';
import { errorResponse, problemResponse } from './problem-response.ts';
import { readBody } from './read-body.ts';
import { resultsRoutes } from './results-routes.ts';
import { suggestRoutes } from './suggest-routes.ts';

/** The largest JSON body. A job names its data and does not hold it. */
const MAX_BODY = 8 * 1024 * 1024;

export interface AppServices {
  token: string | undefined;
  version: string;
  log: Logger;
  metrics: Metrics;
  jobs: JobQueue;
  inspector: Inspector;
  exporter: Inspector;
  reader: ResultReader;
  workbench: Workbench;
  connectors(): Promise<ConnectorInfo[]>;
}

type App = Hono<{ Bindings: HttpBindings }>;

/** The worker's HTTP interface, as `worker-api.ts` of @kalla/core lays it down. */
export function createApp(services: AppServices): App {
  const { jobs, log, metrics } = services;
  const app: App = new Hono();
  app.onError((error, context) => errorResponse(error, context, log));
  app.use(guard(services.token));
  app.use(
    bodyLimit({
      maxSize: MAX_BODY,
      onError: () => problemResponse(problem('too-large', `A request body has at most ${MAX_BODY} bytes.`)),
    }),
  );

  app.get('/healthz', (context) =>
    context.json({ status: 'ok', version: services.version, running: jobs.running, queued: jobs.depth }),
  );
  app.get('/metrics', async (context) => {
    context.header('content-type', metrics.registry.contentType);
    return context.body(await metrics.registry.metrics());
  });
  app.get('/connectors', async (context) => context.json({ connectors: await services.connectors() }));

  app.route('/', connectorRoutes(services.inspector));

  app.post('/jobs', async (context) => {
    const payload = await readBody(context, jobPayloadSchema);
    assertJob(payload);
    jobs.submit(payload);
    return context.json({ run_id: payload.run_id }, 202);
  });
  app.get('/jobs/:run_id', (context) => {
    const status = jobs.status(context.req.param('run_id'));
    if (!status) throw unknownRun(context.req.param('run_id'));
    return context.json(status);
  });
  app.delete('/jobs/:run_id', (context) => {
    const runId = context.req.param('run_id');
    if (!jobs.cancel(runId)) throw unknownRun(runId);
    return context.json({ run_id: runId }, 202);
  });

  app.route('/', inspectRoutes(services.inspector));
  app.route('/', suggestRoutes(services.workbench));
  app.route('/', resultsRoutes(services.reader, services.exporter));

  // A path that is known with another method is told apart from one that is not known at all.
  const known = app.routes.filter((route) => route.method !== 'ALL');
  app.notFound((context) => {
    const allowed = new Set(
      known.filter((route) => matches(route.path, context.req.path)).map((route) => route.method),
    );
    if (allowed.size === 0) return problemResponse(problem('not-found', 'The worker has no such path.'));
    const names = [...allowed].sort().join(', ');
    const response = problemResponse(problem('method-not-allowed', `This path answers to ${names}.`));
    response.headers.set('allow', names);
    return response;
  });
  return app;
}

function matches(pattern: string, path: string): boolean {
  const parts = path.split('/');
  const wanted = pattern.split('/');
  return parts.length === wanted.length && wanted.every((part, at) => part.startsWith(':') || part === parts[at]);
}

/** What the schema of a job cannot say. */
function assertJob(payload: {
  callback_url: string;
  sources: { alias: string }[];
  primary_keys: Record<string, string[]>;
}): void {
  const { protocol } = new URL(payload.callback_url);
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new ProblemError('validation', '"callback_url" has to be an http or https address.', [
      { field: 'callback_url', message: 'not http or https' },
    ]);
  }
  const [left, right] = payload.sources;
  if (left?.alias === right?.alias) {
    throw new ProblemError('validation', 'The two sources need different aliases.', [
      { field: 'sources.1.alias', message: 'the same as the first' },
    ]);
  }
  for (const { alias } of payload.sources) {
    if (Object.hasOwn(payload.primary_keys, alias)) continue;
    throw new ProblemError('validation', `"primary_keys" does not name the key of "${alias}".`, [
      { field: `primary_keys.${alias}`, message: 'missing' },
    ]);
  }
}

function unknownRun(runId: string): ProblemError {
  return new ProblemError('not-found', `This worker knows no run "${runId.slice(0, 80)}".`);
}
