import { z } from 'zod';
import { columnTypeSchema } from './column-type.ts';
import { ruleSchema } from './rule/rule.ts';

/**
 * A name that works unquoted on both engines: lower-case letters, digits and underscore, at most 63.
 * Aliases are table names in `match_sql`.
 */
export const aliasSchema = z
  .string()
  .regex(
    /^[a-z_][a-z0-9_]{0,62}$/,
    'An alias has lower-case letters, digits and underscores, starts with a letter, and is at most 63 long.',
  )
  .meta({ id: 'Alias', examples: ['invoices'] });

/**
 * One side of a recipe. Three forms, as the seed lays down:
 * a `file` that is given anew for each run (`schema` names its columns), a persistent source by `uri` (without secrets),
 * or a registered source by its `alias` alone.
 */
export const recipeSourceSchema = z
  .object({
    alias: aliasSchema,
    /** `file`, or the id of a connector. Absent where `alias` names a registered source. */
    type: z.string().min(1).max(40).optional(),
    uri: z.string().min(1).max(4000).optional(),
    /** Expected column names of a `file`. */
    schema: z.array(z.string().min(1)).min(1).max(2000).optional(),
    /**
     * Types of the columns when the recipe was made, by name. A text file tells the type of a column by its cells, so that a
     * reference of digits alone is a number one month and a text in another: it is read as it was, where its cells allow it.
     */
    types: z.record(z.string().min(1), columnTypeSchema).optional(),
    /** Columns that tell one row from another. `["_row"]` for a file without a key of its own. */
    primary_key: z.array(z.string().min(1)).min(1).max(32).optional(),
    /** How to read a `file`, as `options` of an upload. */
    options: z.record(z.string(), z.unknown()).optional(),
  })
  .superRefine((source, context) => {
    if (source.type === 'file' && !source.schema) {
      context.addIssue({
        code: 'custom',
        path: ['schema'],
        message: `Source "${source.alias}" is a file: name its columns in "schema".`,
      });
    }
    if (source.type === 'file' && source.uri) {
      context.addIssue({
        code: 'custom',
        path: ['uri'],
        message: `Source "${source.alias}" is a file that is given for each run: it has a "schema", not a "uri".`,
      });
    }
    if (source.type === 'file' && !source.primary_key) {
      context.addIssue({
        code: 'custom',
        path: ['primary_key'],
        message: `Source "${source.alias}" needs "primary_key"; use ["_row"] if the file has no key of its own.`,
      });
    }
    if (source.uri && !source.primary_key) {
      context.addIssue({
        code: 'custom',
        path: ['primary_key'],
        message: `Source "${source.alias}" needs "primary_key".`,
      });
    }
  })
  .meta({ id: 'RecipeSource' });
export type RecipeSource = z.infer<typeof recipeSourceSchema>;

/**
 * Characters of the longest `match_sql`. What clicks make names every column several times: 160,000 for two sides of 300
 * columns with a tolerance, 520,000 for two of 1,000.
 */
export const LONGEST_RULE = 1_000_000;

/**
 * A recipe: two sources, one match rule, one sentence that says what it does.
 *
 * `match_sql` is one SELECT over the two aliases. Its output holds every primary-key column of both sides, under its own
 * name or as `left_<name>` / `right_<name>`; the prefixes are required where both sides use the same name.
 */
export const recipeSchema = z
  .object({
    recipe_id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,79}$/, 'Lower-case letters, digits, dots, hyphens and underscores, at most 80.'),
    name: z.string().min(1).max(200),
    description: z.string().max(4000).default(''),
    sources: z.object({ left: recipeSourceSchema, right: recipeSourceSchema }),
    match_sql: z.string().min(1).max(LONGEST_RULE),
    match_description: z.string().max(4000).default(''),
    /**
     * The clicks that `match_sql` was made of. They apply as long as `compileRule` makes the same SQL of them; SQL that was
     * changed by hand goes its own way.
     */
    rule: ruleSchema.optional(),
  })
  .superRefine((recipe, context) => {
    if (recipe.sources.left.alias === recipe.sources.right.alias) {
      context.addIssue({
        code: 'custom',
        path: ['sources', 'right', 'alias'],
        message: 'The two sources need different aliases.',
      });
    }
  })
  .meta({ id: 'Recipe', title: 'Kalla recipe' });
export type Recipe = z.infer<typeof recipeSchema>;

/** The names under which `match_sql` may put out the key column `name` of one side, best first. */
export function keyOutputNames(side: 'left' | 'right', name: string, sharedByBoth: boolean): string[] {
  const prefixed = `${side}_${name}`;
  return sharedByBoth ? [prefixed] : [name, prefixed];
}
