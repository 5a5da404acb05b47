import type { HttpBindings } from '@hono/node-server';
import {
  keysRequestSchema,
  normalizeRequestSchema,
  previewColumnsSchema,
  sourceRefSchema,
  validateRequestSchema,
  workerPreviewRequestSchema,
  type CheckStep,
} from '@kalla/core';
import { Hono } from 'hono';
import { z } from 'zod';
import type { Inspector } from '../processes/inspector.ts';
import { clientGone } from './client-gone.ts';
import { describeEvents } from './describe-events.ts';
import { readBody } from './read-body.ts';
import { streamEvents } from './stream-events.ts';

const SECOND = 1000;

const checkBody = z.object({
  source: sourceRefSchema,
  /** `reach`: stop after the first step. A file on the web is then asked for and not downloaded. */
  until: z.literal('reach').optional(),
});
const tablesBody = z.object({
  source: sourceRefSchema,
  q: z.string().max(200).optional(),
  cursor: z.string().max(2000).optional(),
  limit: z.number().int().min(1).max(1000).optional(),
});
const describeBody = z.object({ source: sourceRefSchema });
const previewBody = previewColumnsSchema.extend({
  source: sourceRefSchema,
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(0).max(10_000).default(100),
});

const keysBody = keysRequestSchema.extend({ source: sourceRefSchema });

/** `/inspect/*` and `/recipes/*`: what the shell asks about sources and rules before a run. */
export function inspectRoutes(inspector: Inspector): Hono<{ Bindings: HttpBindings }> {
  const routes = new Hono<{ Bindings: HttpBindings }>();

  routes.post('/inspect/normalize', async (context) => {
    const request = await readBody(context, normalizeRequestSchema);
    return context.json(
      (await inspector.run(
        { kind: 'normalize', request },
        { signal: clientGone(context), timeoutMs: 30 * SECOND },
      )) as object,
    );
  });

  routes.post('/inspect/check', async (context) => {
    const { source, until } = await readBody(context, checkBody);
    return streamEvents<CheckStep>(
      (emit, signal) =>
        inspector.run(
          { kind: 'check', source, until },
          {
            signal,
            timeoutMs: 120 * SECOND,
            onOutput: (output) => ('step' in output ? emit(output.step) : undefined),
          },
        ),
      clientGone(context),
    );
  });

  routes.post('/inspect/tables', async (context) => {
    const body = await readBody(context, tablesBody);
    return context.json(
      (await inspector.run(
        { kind: 'tables', ...body },
        { signal: clientGone(context), timeoutMs: 60 * SECOND },
      )) as object,
    );
  });

  // Describing a file reads all of it, and a file on the web is downloaded first.
  routes.post('/inspect/describe', async (context) => {
    const { source } = await readBody(context, describeBody);
    const options = { signal: clientGone(context), timeoutMs: 1800 * SECOND };
    if (context.req.header('accept')?.includes('text/event-stream')) return describeEvents(inspector, source, options);
    return context.json((await inspector.run({ kind: 'describe', source }, options)) as object);
  });

  routes.post('/inspect/preview', async (context) => {
    const body = await readBody(context, previewBody);
    return context.json(
      (await inspector.run(
        { kind: 'preview', ...body },
        { signal: clientGone(context), timeoutMs: 300 * SECOND },
      )) as object,
    );
  });

  routes.post('/inspect/keys', async (context) => {
    const body = await readBody(context, keysBody);
    return context.json(
      (await inspector.run(
        { kind: 'keys', ...body },
        { signal: clientGone(context), timeoutMs: 600 * SECOND },
      )) as object,
    );
  });

  routes.post('/recipes/validate', async (context) => {
    const request = await readBody(context, validateRequestSchema);
    return context.json(
      (await inspector.run(
        { kind: 'validate', request },
        { signal: clientGone(context), timeoutMs: 30 * SECOND },
      )) as object,
    );
  });

  routes.post('/recipes/preview', async (context) => {
    const request = await readBody(context, workerPreviewRequestSchema);
    return context.json(
      (await inspector.run(
        { kind: 'recipe-preview', request },
        { signal: clientGone(context), timeoutMs: 300 * SECOND },
      )) as object,
    );
  });

  return routes;
}
