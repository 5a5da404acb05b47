import { sourceDraftSchema } from '@kalla/core';
import { z } from 'zod';
import { api, json } from '../server/http/api-handler.server.ts';
import { readJson } from '../server/http/read-input.server.ts';
import { services } from '../server/services.server.ts';
import { draftRef } from '../server/sources/source-drafts.server.ts';

const body = z.object({
  source: sourceDraftSchema,
  q: z.string().max(200).optional(),
  cursor: z.string().max(2000).optional(),
  limit: z.number().int().min(1).max(500).optional(),
});
const handlers = api({
  POST: async ({ request }) => {
    const { source, ...query } = await readJson(request, body);
    return json(await services().worker.tables(await draftRef(source), query, request.signal));
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
