import { api, json } from '../server/http/api-handler.server.ts';
import { readQuery } from '../server/http/read-input.server.ts';
import { selectionSummary } from '../server/runs/result-views.server.ts';
import { resultQuerySchema } from '../server/runs/results.server.ts';

const querySchema = resultQuerySchema.pick({ filter: true, q: true, differences: true });
const handlers = api({
  GET: async ({ request, url, param }) =>
    json(await selectionSummary(param('id'), param('set'), readQuery(url, querySchema), request.signal)),
});
export const loader = handlers.loader;
export const action = handlers.action;
