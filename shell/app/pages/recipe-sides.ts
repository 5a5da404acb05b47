import type { Recipe, RecipeSource } from '@kalla/core';

export const sides = ['left', 'right'] as const;
export type Side = (typeof sides)[number];

/** True where the recipe asks for a file on at least one side. */
export function needsFiles(recipe: Recipe): boolean {
  return sides.some((side) => isFile(recipe.sources[side]));
}

/** True for a source that is given anew for each run. */
export function isFile(source: RecipeSource): boolean {
  return source.type === 'file';
}
