import { z } from 'zod';
import { api, json } from '../server/http/api-handler.server.ts';
import { readQuery } from '../server/http/read-input.server.ts';
import { uploadRows } from '../server/uploads/uploads.server.ts';

const query = z.object({
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(0).max(1000).default(100),
});
const handlers = api({
  GET: async ({ request, url, param }) => json(await uploadRows(param('id'), readQuery(url, query), request.signal)),
});
export const loader = handlers.loader;
export const action = handlers.action;
