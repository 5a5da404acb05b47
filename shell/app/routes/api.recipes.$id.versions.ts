import { api, json } from '../server/http/api-handler.server.ts';
import { recipeVersionsOf } from '../server/recipes/recipes.server.ts';

const handlers = api({ GET: async ({ param }) => json({ versions: await recipeVersionsOf(param('id')) }) });
export const loader = handlers.loader;
export const action = handlers.action;
