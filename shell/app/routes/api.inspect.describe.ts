import { sourceDraftSchema } from '@kalla/core';
import { z } from 'zod';
import { api, json } from '../server/http/api-handler.server.ts';
import { readJson } from '../server/http/read-input.server.ts';
import { services } from '../server/services.server.ts';
import { draftRef } from '../server/sources/source-drafts.server.ts';

const body = z.object({ source: sourceDraftSchema });
const handlers = api({
  POST: async ({ request }) => {
    const { source } = await readJson(request, body);
    const found = await services().worker.describe(await draftRef(source), request.signal);
    // `pinned_config` holds the secrets again; nobody needs it here.
    const { columns, primary_key, key_candidates, row_count, notes } = found;
    return json({ columns, primary_key, key_candidates, row_count, notes });
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
