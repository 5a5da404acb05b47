import { api, json } from '../server/http/api-handler.server.ts';
import { sourceEstimate } from '../server/sources/sources.server.ts';

const handlers = api({
  GET: async ({ request, param }) => json(await sourceEstimate(param('alias'), request.signal)),
});
export const loader = handlers.loader;
export const action = handlers.action;
