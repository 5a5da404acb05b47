import { api, json } from '../server/http/api-handler.server.ts';
import { candidatesOf } from '../server/runs/result-views.server.ts';

const handlers = api({
  GET: async ({ request, param }) => json(await candidatesOf(param('id'), param('set'), param('row'), request.signal)),
});
export const loader = handlers.loader;
export const action = handlers.action;
