import { z } from 'zod';
import { recipeSchema } from '../src/recipe.ts';

/**
 * The recipe as JSON Schema (draft 2020-12), for editors and for programs that are not in TypeScript. Rules between two
 * fields (a file has columns and no uri, two different aliases) are in the zod schema alone: `POST /api/recipes/validate`
 * checks them.
 */
export function recipeJsonSchema(): string {
  const schema = z.toJSONSchema(recipeSchema, { io: 'input', target: 'draft-2020-12' });
  const published = { $id: 'https://kalla.dev/schemas/recipe.schema.json', ...schema };
  return `${JSON.stringify(published, null, 2)}\n`;
}
