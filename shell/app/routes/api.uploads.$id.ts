import { api, json } from '../server/http/api-handler.server.ts';
import { getUpload, removeUpload } from '../server/uploads/uploads.server.ts';

const handlers = api({
  GET: async ({ param }) => json(await getUpload(param('id'))),
  DELETE: async ({ param }) => {
    await removeUpload(param('id'));
    return new Response(null, { status: 204 });
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
