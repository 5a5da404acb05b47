import { sourceDraftSchema } from '@kalla/core';
import { z } from 'zod';
import { api, eventStream } from '../server/http/api-handler.server.ts';
import { readJson } from '../server/http/read-input.server.ts';
import { services } from '../server/services.server.ts';
import { draftRef } from '../server/sources/source-drafts.server.ts';

const body = z.object({ source: sourceDraftSchema });

/** The steps of a check as they happen, of a source that is not saved. */
const handlers = api({
  POST: async ({ request }) => {
    const { source } = await readJson(request, body);
    return eventStream(await services().worker.check(await draftRef(source), request.signal));
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
