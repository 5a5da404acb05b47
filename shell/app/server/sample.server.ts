import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProblemError, recipeSchema } from '@kalla/core';
import { eq } from 'drizzle-orm';
import { settings } from './db/schema.server.ts';
import { findRecipe } from './recipes/recipe-repository.server.ts';
import { createRecipe } from './recipes/recipes.server.ts';
import { startRun } from './runs/runs.server.ts';
import { services } from './services.server.ts';
import { addUpload } from './uploads/uploads.server.ts';

/**
 * On the first start of a new database: stores the sample recipe and runs it on the files beside it, `<alias>.csv` or
 * `<alias>.parquet`. A worker that is still starting is waited for, up to `patience` milliseconds.
 *
 * @returns the id of the run, or null where there was nothing to do
 */
export async function ensureSample(folder: string, patience = 60_000, signal?: AbortSignal): Promise<string | null> {
  const { db, env, log } = services();
  if (!env.sample) return null;
  const first = await db
    .insert(settings)
    .values({ name: 'sample', value: 'begun' })
    .onConflictDoNothing()
    .returning({ name: settings.name });
  if (first.length === 0) return null;
  const path = join(folder, 'recipe.json');
  if (!existsSync(path)) {
    log.warn('the sample is not loaded: its files are not in this installation');
    return null;
  }
  const recipe = recipeSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  try {
    return await whenWorkerAnswers(patience, signal, async () => {
      if (!(await findRecipe(db, recipe.recipe_id))) await createRecipe(recipe);
      const files: Record<string, string> = {};
      for (const side of [recipe.sources.left, recipe.sources.right].filter((one) => one.type === 'file')) {
        const name = ['csv', 'parquet']
          .map((ending) => `${side.alias}.${ending}`)
          .find((file) => existsSync(join(folder, file)));
        if (!name) throw new Error(`The sample has no file for "${side.alias}".`);
        files[side.alias] = (await addUpload(name, createReadStream(join(folder, name)))).upload_id;
      }
      return (await startRun({ recipe_id: recipe.recipe_id, files })).run_id;
    });
  } catch (error) {
    // The next start tries again.
    await db.delete(settings).where(eq(settings.name, 'sample'));
    throw error;
  }
}

async function whenWorkerAnswers<T>(
  patience: number,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  for (const until = Date.now() + patience; ;) {
    try {
      return await work();
    } catch (error) {
      const waiting = error instanceof ProblemError && error.problem.type.endsWith('/worker-unreachable');
      if (!waiting || Date.now() > until || signal?.aborted) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
