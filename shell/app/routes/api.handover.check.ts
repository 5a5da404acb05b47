import { handoverSettingsSchema } from '@kalla/core';
import { api, eventStream } from '../server/http/api-handler.server.ts';
import { readJson } from '../server/http/read-input.server.ts';
import { checkHandover } from '../server/sources/handed-over.server.ts';

const handlers = api({
  POST: async ({ request }) => {
    const { token, config } = await readJson(request, handoverSettingsSchema);
    return eventStream(await checkHandover(token, config, request.signal));
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
