import { issueSentence, recipeSchema } from '@kalla/core';
import { z } from 'zod';
import { api, json } from '../server/http/api-handler.server.ts';
import { readJson } from '../server/http/read-input.server.ts';
import { validateRecipe } from '../server/recipes/recipes.server.ts';

const handlers = api({
  POST: async ({ request }) => {
    const body = await readJson(request, z.record(z.string(), z.unknown()));
    // The body is a recipe; one that is wrapped as `{ "recipe": … }`, as for a preview, is understood too.
    const parsed = recipeSchema.safeParse('recipe' in body && !('sources' in body) ? body.recipe : body);
    if (parsed.success) return json(await validateRecipe(parsed.data));
    const errors = parsed.error.issues.map((issue) => ({ message: issueSentence(issue), field: issue.path.join('.') }));
    return json({ valid: false, errors, warnings: [] });
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
