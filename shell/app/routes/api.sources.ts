import { sourceInputSchema } from '@kalla/core';
import { pageQuerySchema } from '../server/cursor.server.ts';
import { api, json } from '../server/http/api-handler.server.ts';
import { readJson, readQuery } from '../server/http/read-input.server.ts';
import { createSource, listSources } from '../server/sources/sources.server.ts';

const handlers = api({
  GET: async ({ url }) => json(await listSources(readQuery(url, pageQuerySchema))),
  POST: async ({ request }) => json(await createSource(await readJson(request, sourceInputSchema)), 201),
});
export const loader = handlers.loader;
export const action = handlers.action;
