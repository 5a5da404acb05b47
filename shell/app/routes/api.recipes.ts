import { recipeSchema } from '@kalla/core';
import { pageQuerySchema } from '../server/cursor.server.ts';
import { api, json } from '../server/http/api-handler.server.ts';
import { readJson, readQuery } from '../server/http/read-input.server.ts';
import { createRecipe, listRecipes } from '../server/recipes/recipes.server.ts';

const handlers = api({
  GET: async ({ url }) => json(await listRecipes(readQuery(url, pageQuerySchema))),
  POST: async ({ request }) => json(await createRecipe(await readJson(request, recipeSchema)), 201),
});
export const loader = handlers.loader;
export const action = handlers.action;
