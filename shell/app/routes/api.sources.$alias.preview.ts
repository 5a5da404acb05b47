import { z } from 'zod';
import { api, json } from '../server/http/api-handler.server.ts';
import { readQuery } from '../server/http/read-input.server.ts';
import { sourcePreview } from '../server/sources/sources.server.ts';

const query = z.object({ limit: z.coerce.number().int().min(0).max(1000).default(20) });
const handlers = api({
  GET: async ({ request, url, param }) =>
    json(await sourcePreview(param('alias'), readQuery(url, query).limit, request.signal)),
});
export const loader = handlers.loader;
export const action = handlers.action;
