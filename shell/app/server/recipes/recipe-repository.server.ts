import type { Recipe, StoredRecipe } from '@kalla/core';
import { and, asc, desc, eq, lt, or } from 'drizzle-orm';
import { pageOf, placeOf, type PageQuery } from '../cursor.server.ts';
import type { Db } from '../db/database.server.ts';
import { recipes, recipeVersions } from '../db/schema.server.ts';

type Joined = { recipes: typeof recipes.$inferSelect; recipe_versions: typeof recipeVersions.$inferSelect };

const current = and(eq(recipeVersions.recipeId, recipes.recipeId), eq(recipeVersions.version, recipes.version));

/** Stores version 1; undefined where the id is taken. */
export async function insertRecipe(db: Db, body: Recipe, now = new Date()): Promise<StoredRecipe | undefined> {
  return db.transaction(async (tx) => {
    const row = { recipeId: body.recipe_id, version: 1, createdAt: now, updatedAt: now };
    const added = await tx.insert(recipes).values(row).onConflictDoNothing().returning({ id: recipes.recipeId });
    if (added.length === 0) return undefined;
    const version = { recipeId: body.recipe_id, version: 1, body, createdAt: now };
    await tx.insert(recipeVersions).values(version);
    return toRecipe({ recipes: row, recipe_versions: version });
  });
}

/** Stores the next version; undefined where there is no such recipe. Two at once make two versions. */
export async function addRecipeVersion(db: Db, body: Recipe, now = new Date()): Promise<StoredRecipe | undefined> {
  return db.transaction(async (tx) => {
    const [row] = await tx.select().from(recipes).where(eq(recipes.recipeId, body.recipe_id)).for('update');
    if (!row) return undefined;
    const next = { ...row, version: row.version + 1, updatedAt: now };
    const version = { recipeId: row.recipeId, version: next.version, body, createdAt: now };
    await tx.insert(recipeVersions).values(version);
    await tx.update(recipes).set(next).where(eq(recipes.recipeId, row.recipeId));
    return toRecipe({ recipes: next, recipe_versions: version });
  });
}

export async function findRecipe(db: Db, recipeId: string): Promise<StoredRecipe | undefined> {
  const [row] = await db
    .select()
    .from(recipes)
    .innerJoin(recipeVersions, current)
    .where(eq(recipes.recipeId, recipeId));
  return row && toRecipe(row);
}

/** All versions, newest first. */
export async function recipeHistory(db: Db, recipeId: string): Promise<StoredRecipe[]> {
  const rows = await db
    .select()
    .from(recipes)
    .innerJoin(recipeVersions, eq(recipeVersions.recipeId, recipes.recipeId))
    .where(eq(recipes.recipeId, recipeId))
    .orderBy(desc(recipeVersions.version));
  return rows.map((row) => toRecipe({ ...row, recipes: { ...row.recipes, updatedAt: row.recipe_versions.createdAt } }));
}

export async function pageRecipes(db: Db, query: PageQuery): Promise<{ items: StoredRecipe[]; next: string | null }> {
  const place = placeOf(query.cursor);
  const rows = await db
    .select()
    .from(recipes)
    .innerJoin(recipeVersions, current)
    .where(
      place &&
        or(lt(recipes.createdAt, place.at), and(eq(recipes.createdAt, place.at), lt(recipes.recipeId, place.id))),
    )
    .orderBy(desc(recipes.createdAt), desc(recipes.recipeId))
    .limit(query.limit + 1);
  const page = pageOf(rows, query.limit, (row) => ({ at: row.recipes.createdAt, id: row.recipes.recipeId }));
  return { items: page.items.map(toRecipe), next: page.next };
}

/** The present version of every recipe. */
export async function allRecipes(db: Db): Promise<StoredRecipe[]> {
  const rows = await db.select().from(recipes).innerJoin(recipeVersions, current).orderBy(asc(recipes.recipeId));
  return rows.map(toRecipe);
}

/** Deletes a recipe with all versions; false where there is none. Runs keep the recipe that they ran. */
export async function deleteRecipe(db: Db, recipeId: string): Promise<boolean> {
  const gone = await db.delete(recipes).where(eq(recipes.recipeId, recipeId)).returning({ id: recipes.recipeId });
  return gone.length > 0;
}

function toRecipe(row: Joined): StoredRecipe {
  return {
    ...row.recipe_versions.body,
    version: row.recipe_versions.version,
    created_at: row.recipes.createdAt.toISOString(),
    updated_at: row.recipes.updatedAt.toISOString(),
  };
}
