import { api, eventStream } from '../server/http/api-handler.server.ts';
import { checkSource } from '../server/sources/sources.server.ts';

/** The steps of a check as they happen. */
const handlers = api({
  POST: async ({ request, param }) => eventStream(await checkSource(param('alias'), request.signal)),
});
export const loader = handlers.loader;
export const action = handlers.action;
