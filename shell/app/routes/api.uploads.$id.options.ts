import { uploadOptionsSchema } from '@kalla/core';
import { api, json } from '../server/http/api-handler.server.ts';
import { readJson } from '../server/http/read-input.server.ts';
import { changeUploadOptions } from '../server/uploads/uploads.server.ts';

const handlers = api({
  POST: async ({ request, param }) =>
    json(await changeUploadOptions(param('id'), await readJson(request, uploadOptionsSchema), request.signal)),
});
export const loader = handlers.loader;
export const action = handlers.action;
