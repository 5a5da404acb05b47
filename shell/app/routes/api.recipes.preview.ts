import { recipePreviewRequestSchema } from '@kalla/core';
import { api, json } from '../server/http/api-handler.server.ts';
import { readJson } from '../server/http/read-input.server.ts';
import { previewRecipe } from '../server/recipes/recipes.server.ts';

const handlers = api({
  POST: async ({ request }) => {
    const { recipe, files, limit } = await readJson(request, recipePreviewRequestSchema);
    return json(await previewRecipe(recipe, files, limit, request.signal));
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
