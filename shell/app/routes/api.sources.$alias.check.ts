import { api } from '../server/http/api-handler.server.ts';
import { checkSource } from '../server/sources/sources.server.ts';

/** The steps of a check as they happen. */
const handlers = api({
  POST: async ({ request, param }) =>
    new Response(await checkSource(param('alias'), request.signal), {
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      },
    }),
});
export const loader = handlers.loader;
export const action = handlers.action;
