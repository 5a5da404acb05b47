import { previewColumnsSchema, sourceDraftSchema } from '@kalla/core';
import { z } from 'zod';
import { api, json } from '../server/http/api-handler.server.ts';
import { readJson } from '../server/http/read-input.server.ts';
import { services } from '../server/services.server.ts';
import { draftRef } from '../server/sources/source-drafts.server.ts';

const body = previewColumnsSchema.extend({
  source: sourceDraftSchema,
  limit: z.number().int().min(0).max(1000).default(20),
});
const handlers = api({
  POST: async ({ request }) => {
    const { source, ...part } = await readJson(request, body);
    return json(await services().worker.preview(await draftRef(source), { offset: 0, ...part }, request.signal));
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
