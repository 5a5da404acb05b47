import {
  ProblemError,
  type Proposal,
  type RecipeSource,
  type SuggestionSide,
  type Suggestions,
  type suggestionsRequestSchema,
  type workerSuggestRequestSchema,
} from '@kalla/core';
import type { z } from 'zod';
import { services } from '../services.server.ts';
import { sourceRef, sourceRow } from '../sources/sources.server.ts';
import { uploadRow, uploadSource } from '../uploads/uploads.server.ts';
import { findRecipe } from './recipe-repository.server.ts';

type WorkerSide = z.input<typeof workerSuggestRequestSchema>['left'];

/**
 * Asks the worker for recipes between two sources. The ids of the recipes are free when they are proposed. Throws
 * `not-found` for an upload or a source that is not there.
 */
export async function suggestRecipes(
  request: z.infer<typeof suggestionsRequestSchema>,
  signal: AbortSignal,
): Promise<Suggestions> {
  const { left, right, limit, reading } = request;
  if ('source' in left && 'source' in right && left.source === right.source) {
    throw new ProblemError(
      'validation',
      `Both sides are the source "${left.source}". Choose another one for one of the sides.`,
      [{ field: 'right.source', message: 'the same as the left' }],
    );
  }
  const [leftSide, rightSide] = await Promise.all([workerSide(left), workerSide(right)]);
  const found = await services().worker.suggest({ left: leftSide, right: rightSide, limit, reading }, signal);
  const types = { left: await typesOf(left), right: await typesOf(right) };
  const typed = found.proposals.map((proposal) => withTypes(proposal, types));
  return { ...found, proposals: await withFreeIds(typed) };
}

type Types = RecipeSource['types'];

/** The types of an upload's columns: the next month's file is to be read as this one. A source has its own. */
async function typesOf(side: SuggestionSide): Promise<Types> {
  if (!('upload_id' in side)) return undefined;
  const { description } = await uploadRow(side.upload_id);
  return Object.fromEntries(description.columns.map(({ name, type }) => [name, type]));
}

function withTypes(proposal: Proposal, types: Readonly<Record<'left' | 'right', Types>>): Proposal {
  const typed = (name: 'left' | 'right'): RecipeSource => {
    const source = proposal.recipe.sources[name];
    const kept = Object.entries(types[name] ?? {}).filter(([column]) => source.schema?.includes(column));
    return kept.length > 0 ? { ...source, types: Object.fromEntries(kept) } : source;
  };
  return { ...proposal, recipe: { ...proposal.recipe, sources: { left: typed('left'), right: typed('right') } } };
}

async function workerSide(side: SuggestionSide): Promise<WorkerSide> {
  if ('upload_id' in side) {
    const row = await uploadRow(side.upload_id);
    return { source: uploadSource(row), options: row.options, notes: row.description.notes };
  }
  const row = await sourceRow(side.source);
  return {
    source: await sourceRef(side.source),
    alias: row.alias,
    ...(row.primaryKey ? { primary_key: row.primaryKey } : {}),
  };
}

/** A recipe of that name may be there from last month: its id gets a number. */
async function withFreeIds(proposals: readonly Proposal[]): Promise<Proposal[]> {
  const taken = new Set<string>();
  const free = async (wanted: string) => {
    let id = wanted;
    for (let count = 2; taken.has(id) || (await findRecipe(services().db, id)); count++) id = `${wanted}-${count}`;
    taken.add(id);
    return id;
  };
  const result: Proposal[] = [];
  for (const proposal of proposals) {
    result.push({ ...proposal, recipe: { ...proposal.recipe, recipe_id: await free(proposal.recipe.recipe_id) } });
  }
  return result;
}
