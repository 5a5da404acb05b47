import { keysRequestSchema, sourceDraftSchema } from '@kalla/core';
import { api, json } from '../server/http/api-handler.server.ts';
import { readJson } from '../server/http/read-input.server.ts';
import { services } from '../server/services.server.ts';
import { draftRef } from '../server/sources/source-drafts.server.ts';

const body = keysRequestSchema.extend({ source: sourceDraftSchema });
const handlers = api({
  POST: async ({ request }) => {
    const { source, columns } = await readJson(request, body);
    return json(await services().worker.keys(await draftRef(source), columns, request.signal));
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
