import { runInputSchema } from '@kalla/core';
import { pageQuerySchema } from '../server/cursor.server.ts';
import { api, json } from '../server/http/api-handler.server.ts';
import { readJson, readQuery } from '../server/http/read-input.server.ts';
import { listRuns, startRun } from '../server/runs/runs.server.ts';
import { z } from 'zod';

const query = pageQuerySchema.extend({ recipe_id: z.string().optional() });
const handlers = api({
  GET: async ({ url }) => json(await listRuns(readQuery(url, query))),
  POST: async ({ request }) => {
    const run = await startRun(await readJson(request, runInputSchema));
    return json({ run_id: run.run_id, status: run.status }, 202, { location: `/api/runs/${run.run_id}` });
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
