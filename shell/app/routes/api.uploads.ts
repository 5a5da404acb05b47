import { pageQuerySchema } from '../server/cursor.server.ts';
import { api, json } from '../server/http/api-handler.server.ts';
import { wantsEvents } from '../server/http/follow-work.server.ts';
import { readQuery } from '../server/http/read-input.server.ts';
import { followUpload, listUploads, receiveUpload } from '../server/uploads/uploads.server.ts';

const handlers = api({
  GET: async ({ url }) => json(await listUploads(readQuery(url, pageQuerySchema))),
  POST: async ({ request }) => (wantsEvents(request) ? followUpload(request) : json(await receiveUpload(request), 201)),
});
export const loader = handlers.loader;
export const action = handlers.action;
