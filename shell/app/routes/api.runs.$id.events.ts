import { api } from '../server/http/api-handler.server.ts';
import { runEventStream } from '../server/runs/run-stream.server.ts';

const handlers = api({
  GET: ({ request, param }) => runEventStream(param('id'), request.headers.get('last-event-id'), request.signal),
});
export const loader = handlers.loader;
export const action = handlers.action;
