import { errorCallbackSchema } from '@kalla/core';
import { api, json } from '../server/http/api-handler.server.ts';
import { bearerToken, readJson } from '../server/http/read-input.server.ts';
import { takeCallback } from '../server/runs/run-callbacks.server.ts';

/** The worker reports here, with the token of the run. */
const handlers = api({
  POST: async ({ request }) =>
    json(
      await takeCallback({ kind: 'error', body: await readJson(request, errorCallbackSchema) }, bearerToken(request)),
    ),
});
export const loader = handlers.loader;
export const action = handlers.action;
