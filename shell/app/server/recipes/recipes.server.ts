import {
  ProblemError,
  type Preview,
  type Recipe,
  type RecipeCounts,
  type RecipeSource,
  type Run,
  type StoredRecipe,
  type Validation,
} from '@kalla/core';
import type { PageQuery } from '../cursor.server.ts';
import { lastRuns } from '../runs/run-repository.server.ts';
import { services } from '../services.server.ts';
import { primaryKeyOf, registeredSource, resolveSides, type Side } from './recipe-sources.server.ts';
import * as repository from './recipe-repository.server.ts';

/** Stores a recipe as version 1. Throws `validation` or `match-sql` where it cannot be used, `conflict` where the id is taken. */
export async function createRecipe(recipe: Recipe): Promise<StoredRecipe> {
  const ready = await checked(recipe);
  const stored = await repository.insertRecipe(services().db, ready);
  if (stored) return stored;
  throw new ProblemError(
    'conflict',
    `There is a recipe "${recipe.recipe_id}" already. Choose another recipe_id, or change that one.`,
    [{ field: 'recipe_id', message: 'taken' }],
  );
}

/** Stores a new version. Runs keep the one that they ran. */
export async function updateRecipe(recipeId: string, recipe: Recipe): Promise<StoredRecipe> {
  await getRecipe(recipeId);
  if (recipe.recipe_id !== recipeId) {
    throw new ProblemError(
      'validation',
      `The recipe_id of a recipe does not change: the path says "${recipeId}", the body "${recipe.recipe_id}".`,
      [{ field: 'recipe_id', message: 'not the one of the path' }],
    );
  }
  const stored = await repository.addRecipeVersion(services().db, await checked(recipe));
  return stored ?? notFound(recipeId);
}

/** One recipe in its present version; throws `not-found`. */
export async function getRecipe(recipeId: string): Promise<StoredRecipe> {
  return (await repository.findRecipe(services().db, recipeId)) ?? notFound(recipeId);
}

/** All versions of a recipe, newest first; throws `not-found`. */
export async function recipeVersionsOf(recipeId: string): Promise<StoredRecipe[]> {
  const versions = await repository.recipeHistory(services().db, recipeId);
  return versions.length > 0 ? versions : notFound(recipeId);
}

export async function listRecipes(query: PageQuery): Promise<{ recipes: StoredRecipe[]; next: string | null }> {
  const page = await repository.pageRecipes(services().db, query);
  return { recipes: page.items, next: page.next };
}

/** A recipe with the newest of its runs, as the home page shows them. */
export interface RecipeWithLastRun {
  recipe: StoredRecipe;
  last_run: Run | null;
}

/** Every recipe, newest first, with its last run. */
export async function listRecipesWithLastRun(): Promise<RecipeWithLastRun[]> {
  const { db } = services();
  const recipes = (await repository.allRecipes(db)).sort((a, b) => b.created_at.localeCompare(a.created_at));
  const runs = await lastRuns(db);
  return recipes.map((recipe) => ({ recipe, last_run: runs.get(recipe.recipe_id) ?? null }));
}

export async function removeRecipe(recipeId: string): Promise<void> {
  if (!(await repository.deleteRecipe(services().db, recipeId))) notFound(recipeId);
}

/** Says whether a recipe can be stored, and if not, why. */
export async function validateRecipe(recipe: Recipe): Promise<Validation> {
  const { left, right } = recipe.sources;
  const keys = { left: [] as string[], right: [] as string[] };
  let side: Side = 'left';
  try {
    for (side of ['left', 'right'] as const) keys[side] = await sideKey(recipe, side);
  } catch (error) {
    const found = (error as ProblemError).problem;
    if (!(error instanceof ProblemError) || found.status !== 422) throw error;
    // What a connector says of an address names no side of a recipe.
    const field = found.errors?.[0]?.field;
    const place = field?.startsWith('sources.') ? field : `sources.${side}.uri`;
    return { valid: false, errors: [{ message: found.detail, field: place }], warnings: [] };
  }
  return services().worker.validateRecipe({
    match_sql: recipe.match_sql,
    left: { alias: left.alias, primary_key: keys.left, ...namesOf(left) },
    right: { alias: right.alias, primary_key: keys.right, ...namesOf(right) },
  });
}

/** Runs the recipe on the files and shows the first rows of each set; nothing is stored. */
export async function previewRecipe(
  recipe: Recipe,
  files: Record<string, string>,
  limit: number,
  signal: AbortSignal,
): Promise<Preview> {
  const { left, right } = await resolveSides(recipe, files);
  return services().worker.previewRecipe(
    {
      match_sql: recipe.match_sql,
      sources: [left.ref, right.ref],
      primary_keys: { [left.alias]: left.primaryKey, [right.alias]: right.primaryKey },
      ...(recipe.rule ? { rule: recipe.rule } : {}),
      limit,
    },
    signal,
  );
}

/** What the recipe matches in the files, and how many rows have more than one possible partner; nothing is stored. */
export async function countRecipe(
  recipe: Recipe,
  files: Record<string, string>,
  reading: string | undefined,
  signal: AbortSignal,
): Promise<RecipeCounts> {
  const { left, right } = await resolveSides(recipe, files);
  return services().worker.countRecipe(
    {
      match_sql: recipe.match_sql,
      sources: [left.ref, right.ref],
      primary_keys: { [left.alias]: left.primaryKey, [right.alias]: right.primaryKey },
      ...(recipe.rule ? { rule: recipe.rule } : {}),
      ...(reading === undefined ? {} : { reading }),
    },
    signal,
  );
}

/** Names that stand for something else in the paths below `/api/recipes` or `/recipes`. */
const RESERVED = ['validate', 'preview', 'counts', 'new'];

async function checked(recipe: Recipe): Promise<Recipe> {
  if (RESERVED.includes(recipe.recipe_id)) {
    throw new ProblemError('validation', `"${recipe.recipe_id}" cannot be the id of a recipe. Choose another one.`, [
      { field: 'recipe_id', message: 'reserved' },
    ]);
  }
  const result = await validateRecipe(recipe);
  if (result.valid) return recipe;
  const items = result.errors.map((error) => ({ ...error, field: error.field ?? 'match_sql' }));
  const first = result.errors[0];
  const detail = first ? [first.message, first.hint].filter(Boolean).join(' ') : 'The match rule cannot be used.';
  throw new ProblemError(items.some((item) => item.field === 'match_sql') ? 'match-sql' : 'validation', detail, items);
}

/** The columns that a recipe says of a file; those of other sources are known once they are asked. */
function namesOf({ schema, types }: RecipeSource): { column_names?: string[]; column_types?: RecipeSource['types'] } {
  return schema ? { column_names: schema, ...(types ? { column_types: types } : {}) } : {};
}

/** The key of one side; an address in the recipe is normalised by its connector, and refused when it holds a secret. */
async function sideKey(recipe: Recipe, name: Side): Promise<string[]> {
  const side = recipe.sources[name];
  if (side.uri !== undefined && !(await registeredSource(side))) {
    const normalized = await services().worker.normalize({ type: side.type, uri: side.uri });
    if (Object.keys(normalized.secrets).length > 0) {
      throw new ProblemError(
        'validation',
        `The address of "${side.alias}" holds a secret, and recipes are shown to everyone. Register it as a source named "${side.alias}" and leave "uri" out.`,
        [{ field: `sources.${name}.uri`, message: 'holds a secret' }],
      );
    }
  }
  return primaryKeyOf(side, name);
}

function notFound(recipeId: string): never {
  throw new ProblemError('not-found', `There is no recipe "${recipeId}".`);
}
