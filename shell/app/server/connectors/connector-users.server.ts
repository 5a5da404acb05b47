import { ProblemError, type ConnectorInfo, type ProblemItem, type Recipe } from '@kalla/core';
import { allRecipes } from '../recipes/recipe-repository.server.ts';
import { openRuns } from '../runs/run-repository.server.ts';
import { services } from '../services.server.ts';
import { allSources } from '../sources/source-repository.server.ts';

/** What reads with a connector. */
export interface ConnectorUsers {
  /** Aliases of sources. */
  sources: string[];
  /** Ids of recipes that name the connector by type or by an address, without a source of their own. */
  recipes: string[];
  /** Ids of runs that have not ended. */
  runs: string[];
}

type Claims = Pick<ConnectorInfo, 'type' | 'schemes'>;

/**
 * What uses a package: all of it, or with `only` some of its connectors.
 *
 * @param connectors as far as they are known: of a package whose files are damaged only its sources tell what uses it
 */
export async function usersOf(
  name: string,
  connectors: readonly Claims[],
  { only = false } = {},
): Promise<ConnectorUsers> {
  const { db } = services();
  const types = new Set(connectors.map((one) => one.type));
  const schemes = new Set(connectors.flatMap((one) => one.schemes));
  const uses = (type: string | undefined, uri: string | undefined) =>
    (type !== undefined && types.has(type)) ||
    (uri !== undefined && schemes.has(uri.split(':')[0]?.toLowerCase() ?? ''));
  const sources = (await allSources(db)).filter(
    (row) => row.connector.package === name && (!only || types.has(row.type)),
  );
  const aliases = new Set(sources.map((row) => row.alias));
  const recipes = (await allRecipes(db)).filter((recipe) =>
    sidesOf(recipe).some(
      (side) =>
        uses(side.type, side.uri) || (side.uri === undefined && side.type !== 'file' && aliases.has(side.alias)),
    ),
  );
  const runs = (await openRuns(db)).filter((run) => [run.left, run.right].some((side) => uses(side.type, side.uri)));
  return {
    sources: [...aliases].sort(),
    recipes: recipes.map((recipe) => recipe.recipe_id).sort(),
    runs: runs.map((run) => run.runId),
  };
}

/** Throws `conflict` with the names of all that uses the package. */
export function assertUnused(name: string, { sources, recipes, runs }: ConnectorUsers): void {
  const parts = [named('source', sources), named('recipe', recipes), named('run', runs)].filter(
    (part) => part !== null,
  );
  if (parts.length === 0) return;
  const count = sources.length + recipes.length + runs.length;
  const items: ProblemItem[] = [
    ...sources.map((alias) => ({ message: `used by source ${alias}`, source: alias })),
    ...recipes.map((id) => ({ message: `used by recipe ${id}`, recipe_id: id })),
    ...runs.map((id) => ({ message: `used by run ${id}`, run_id: id })),
  ];
  throw new ProblemError(
    'conflict',
    `${name} is used by ${parts.join(', and by ')}. Remove or change ${count === 1 ? 'it' : 'them'} first.`,
    items,
  );
}

function sidesOf({ sources }: Recipe) {
  return [sources.left, sources.right];
}

/** The names in words: `the sources "a", "b"`; null where there are none. */
export function named(what: string, names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const shown = names.slice(0, 20).map((name) => `"${name}"`);
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  return `the ${what}${names.length === 1 ? '' : 's'} ${shown.join(', ')}${more}`;
}
