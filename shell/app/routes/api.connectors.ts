import { api, json } from '../server/http/api-handler.server.ts';
import { services } from '../server/services.server.ts';

const handlers = api({
  GET: async ({ request }) => json({ connectors: await services().worker.connectors(request.signal) }),
});
export const loader = handlers.loader;
export const action = handlers.action;
