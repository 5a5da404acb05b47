import { uploadOptionsSchema } from '@kalla/core';
import { api, json } from '../server/http/api-handler.server.ts';
import { wantsEvents } from '../server/http/follow-work.server.ts';
import { readJson } from '../server/http/read-input.server.ts';
import { changeUploadOptions, followOptions } from '../server/uploads/uploads.server.ts';

const handlers = api({
  POST: async ({ request, param }) => {
    const options = await readJson(request, uploadOptionsSchema);
    if (wantsEvents(request)) return followOptions(param('id'), options, request.signal);
    return json(await changeUploadOptions(param('id'), options, request.signal));
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
