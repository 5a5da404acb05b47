import { handoverTokenSchema } from '@kalla/core';
import { api, json } from '../server/http/api-handler.server.ts';
import { readJson } from '../server/http/read-input.server.ts';
import { handoverForm } from '../server/sources/handed-over.server.ts';

/** The secret of the link is in the body: an address is written into logs. */
const handlers = api({
  POST: async ({ request }) => json(await handoverForm((await readJson(request, handoverTokenSchema)).token)),
});
export const loader = handlers.loader;
export const action = handlers.action;
