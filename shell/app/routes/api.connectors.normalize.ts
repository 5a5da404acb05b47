import { addressSchema } from '@kalla/core';
import { api, json } from '../server/http/api-handler.server.ts';
import { readJson } from '../server/http/read-input.server.ts';
import { readAddress } from '../server/sources/source-drafts.server.ts';

const handlers = api({
  POST: async ({ request }) => {
    const { uri, type } = await readJson(request, addressSchema);
    return json(await readAddress(uri, type));
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
