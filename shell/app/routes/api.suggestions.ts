import { suggestionsRequestSchema } from '@kalla/core';
import { api, json } from '../server/http/api-handler.server.ts';
import { readJson } from '../server/http/read-input.server.ts';
import { suggestRecipes } from '../server/recipes/suggestions.server.ts';

const handlers = api({
  POST: async ({ request }) => {
    const body = await readJson(request, suggestionsRequestSchema);
    return json(await suggestRecipes(body, request.signal));
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
