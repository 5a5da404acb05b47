import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { recipeSchema, type Recipe } from '@kalla/core';
import type { KallaClient } from '../kalla-client.ts';

const SAMPLES = resolve(import.meta.dirname, '../../../samples');

/** Saves the shipped sample's recipe and uploads its files; gives what a run of it is started with. */
export async function setUpSample(client: KallaClient): Promise<{ recipe: Recipe; files: Record<string, string> }> {
  const recipe = recipeSchema.parse(JSON.parse(await readFile(join(SAMPLES, 'recipe.json'), 'utf8')));
  await client.saveRecipe(recipe);
  const files = {
    [recipe.sources.left.alias]: (await client.upload(join(SAMPLES, 'ledger.csv'))).upload_id,
    [recipe.sources.right.alias]: (await client.upload(join(SAMPLES, 'bank.csv'))).upload_id,
  };
  return { recipe, files };
}
