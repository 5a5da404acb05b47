import type { HttpBindings } from '@hono/node-server';
import { workerCountsRequestSchema, workerSuggestRequestSchema } from '@kalla/core';
import { Hono } from 'hono';
import type { Workbench } from '../processes/workbench.ts';
import { clientGone } from './client-gone.ts';
import { readBody } from './read-body.ts';

/** A first look stages both sources, which may be databases. */
const SUGGEST_MS = 300_000;
const COUNTS_MS = 120_000;

/** `/suggestions` and `/recipes/counts`: what a recipe is made with, on sources that stay at hand between the calls. */
export function suggestRoutes(workbench: Workbench): Hono<{ Bindings: HttpBindings }> {
  const routes = new Hono<{ Bindings: HttpBindings }>();

  routes.post('/suggestions', async (context) => {
    const request = await readBody(context, workerSuggestRequestSchema);
    return context.json(
      (await workbench.run(
        { kind: 'suggest', request },
        { signal: clientGone(context), timeoutMs: SUGGEST_MS, what: 'Looking for a rule' },
      )) as object,
    );
  });

  routes.post('/recipes/counts', async (context) => {
    const request = await readBody(context, workerCountsRequestSchema);
    return context.json(
      (await workbench.run(
        { kind: 'counts', request },
        { signal: clientGone(context), timeoutMs: COUNTS_MS, what: 'Counting the matches' },
      )) as object,
    );
  });

  return routes;
}
