import { recipeCountsRequestSchema } from '@kalla/core';
import { api, json } from '../server/http/api-handler.server.ts';
import { readJson } from '../server/http/read-input.server.ts';
import { countRecipe } from '../server/recipes/recipes.server.ts';

const handlers = api({
  POST: async ({ request }) => {
    const { recipe, files, reading } = await readJson(request, recipeCountsRequestSchema);
    return json(await countRecipe(recipe, files, reading, request.signal));
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
