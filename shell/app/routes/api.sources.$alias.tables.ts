import { z } from 'zod';
import { api, json } from '../server/http/api-handler.server.ts';
import { readQuery } from '../server/http/read-input.server.ts';
import { sourceTables } from '../server/sources/sources.server.ts';

const query = z.object({
  q: z.string().optional(),
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
});
const handlers = api({
  GET: async ({ request, url, param }) =>
    json(await sourceTables(param('alias'), readQuery(url, query), request.signal)),
});
export const loader = handlers.loader;
export const action = handlers.action;
