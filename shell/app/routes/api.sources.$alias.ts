import { sourcePatchSchema } from '@kalla/core';
import { api, json } from '../server/http/api-handler.server.ts';
import { readJson } from '../server/http/read-input.server.ts';
import { getSource, patchSource, removeSource } from '../server/sources/sources.server.ts';

const handlers = api({
  GET: async ({ param }) => json(await getSource(param('alias'))),
  PATCH: async ({ request, param }) =>
    json(await patchSource(param('alias'), await readJson(request, sourcePatchSchema))),
  DELETE: async ({ param }) => {
    await removeSource(param('alias'));
    return new Response(null, { status: 204 });
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
