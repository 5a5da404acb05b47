import { api, json } from '../server/http/api-handler.server.ts';
import { runSummary } from '../server/runs/result-views.server.ts';

const handlers = api({
  GET: async ({ param }) => json(await runSummary(param('id'))),
});
export const loader = handlers.loader;
export const action = handlers.action;
