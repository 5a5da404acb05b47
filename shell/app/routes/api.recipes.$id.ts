import { recipeSchema } from '@kalla/core';
import { api, json } from '../server/http/api-handler.server.ts';
import { readJson } from '../server/http/read-input.server.ts';
import { getRecipe, removeRecipe, updateRecipe } from '../server/recipes/recipes.server.ts';

const handlers = api({
  GET: async ({ param }) => json(await getRecipe(param('id'))),
  PUT: async ({ request, param }) => json(await updateRecipe(param('id'), await readJson(request, recipeSchema))),
  DELETE: async ({ param }) => {
    await removeRecipe(param('id'));
    return new Response(null, { status: 204 });
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
