import { handoverSettingsSchema } from '@kalla/core';
import { api, json } from '../server/http/api-handler.server.ts';
import { readJson } from '../server/http/read-input.server.ts';
import { saveHandover } from '../server/sources/handed-over.server.ts';

const handlers = api({
  POST: async ({ request }) => {
    const { token, config } = await readJson(request, handoverSettingsSchema);
    return json(await saveHandover(token, config));
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
