import { keysRequestSchema } from '@kalla/core';
import { api, json } from '../server/http/api-handler.server.ts';
import { readJson } from '../server/http/read-input.server.ts';
import { sourceKeys } from '../server/sources/sources.server.ts';

const handlers = api({
  POST: async ({ request, param }) => {
    const { columns } = await readJson(request, keysRequestSchema);
    return json(await sourceKeys(param('alias'), columns, request.signal));
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
