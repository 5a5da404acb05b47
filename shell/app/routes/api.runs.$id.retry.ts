import { api, json } from '../server/http/api-handler.server.ts';
import { retryRun } from '../server/runs/runs.server.ts';

const handlers = api({
  POST: async ({ param }) => {
    const run = await retryRun(param('id'));
    return json({ run_id: run.run_id, status: run.status }, 202, { location: `/api/runs/${run.run_id}` });
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
