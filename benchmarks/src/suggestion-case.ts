import { join } from 'node:path';
import {
  compileRule,
  recipeSchema,
  ruleSchema,
  type Counts,
  type Recipe,
  type RuleInput,
  type Suggestions,
} from '@kalla/core';
import type { PairFiles, PairsRequest } from './generate/pairs/write-pairs.ts';
import { pairKinds } from './generate/pairs/kinds/index.ts';
import type { KallaApp } from './kalla-app.ts';
import type { Uploaded } from './kalla-client.ts';
import type { SuggestionResult } from './result.ts';
import { ruleText } from './rule-text.ts';
import { precisionOf, recallOf, scorePairs, type Score } from './score-pairs.ts';

/** Nobody measures how long these runs take. */
const POLL_MS = 100;

export interface TryOptions {
  /** For each single step. */
  timeoutMs: number;
  /** An empty folder. */
  scratch: string;
  /** Whether only the time counts and nothing is run. */
  timeOnly: boolean;
}

type Sides = Record<'left' | 'right', Uploaded>;

/**
 * Uploads the two files of a case, asks for proposals as a new user would, runs the first one as it stands, and compares
 * its pairs with the truth; then the same with the rule of somebody who knows the files. What goes wrong on the way is
 * `error` of the result. `peakBytes` is the highest memory of the worker and its processes while it looked for proposals, where it is watched.
 */
export async function trySuggestion(
  { client, watchWorker }: Pick<KallaApp, 'client'> & Partial<KallaApp>,
  request: PairsRequest,
  files: PairFiles,
  options: TryOptions,
): Promise<{ result: SuggestionResult; peakBytes: number | null }> {
  let peakBytes: number | null = null;
  const result: SuggestionResult = {
    kind: request.kind,
    noise: request.noise,
    rows: files.rows,
    ms: null,
    proposals: 0,
    score: null,
    rule: null,
    precision: null,
    recall: null,
    ambiguous: null,
    expert: null,
    examples: [],
    error: null,
  };
  try {
    let answer: Suggestions;
    const sides = { left: await client.upload(files.left), right: await client.upload(files.right) };
    const memory = await watchWorker?.();
    try {
      const { left, right } = sides;
      const { ms, suggestions } = await client.suggest(left.upload_id, right.upload_id, options.timeoutMs);
      result.ms = ms;
      answer = suggestions;
    } finally {
      peakBytes = (await memory?.stop()) ?? null;
    }
    await judge(answer, sides);
    const { expert } = pairKinds[request.kind];
    if (expert && !options.timeOnly) {
      const { score } = await run(expertRecipe(expert, sides), sides);
      result.expert = { precision: precisionOf(score), recall: recallOf(score) };
    }
  } catch (error) {
    result.error = error instanceof Error ? error.message : String(error);
  }
  return { result, peakBytes };

  async function judge({ proposals }: Suggestions, sides: Sides) {
    const first = proposals[0];
    result.proposals = proposals.length;
    if (!first) return;
    Object.assign(result, { score: first.score, rule: ruleText(first.rule), ambiguous: first.ambiguous });
    if (options.timeOnly) return;
    const { score, counts } = await run(first.recipe, sides);
    Object.assign(result, { precision: precisionOf(score), recall: recallOf(score), examples: examplesOf(score) });
    sameCounts(first.counts, counts);
  }

  async function run(recipe: Recipe, sides: Sides): Promise<{ score: Score; counts: Record<string, number> }> {
    await client.saveRecipe(recipe);
    try {
      const { left, right } = recipe.sources;
      const uploads = { [left.alias]: sides.left.upload_id, [right.alias]: sides.right.upload_id };
      const { runId, counts } = await client.run(recipe.recipe_id, uploads, options.timeoutMs, POLL_MS);
      const matched = join(options.scratch, 'matched.parquet');
      await client.saveMatched(runId, matched);
      return { score: await scorePairs(matched, recipe, files, request), counts };
    } finally {
      await client.deleteRecipe(recipe.recipe_id);
    }
  }
}

/** The recipe of a rule that is known beforehand; rows are told apart by their number in the file. */
function expertRecipe(expert: RuleInput, sides: Sides): Recipe {
  const rule = ruleSchema.parse(expert);
  const source = (side: 'left' | 'right') => ({
    alias: `${side}_side`,
    primary_key: ['_row'],
    columns: sides[side].columns,
  });
  const file = (side: 'left' | 'right') => ({
    alias: `${side}_side`,
    type: 'file',
    schema: sides[side].columns.map(({ name }) => name),
    primary_key: ['_row'],
  });
  return recipeSchema.parse({
    recipe_id: 'bench-expert',
    name: 'The rule of somebody who knows the files',
    sources: { left: file('left'), right: file('right') },
    match_sql: compileRule(rule, source('left'), source('right')),
    rule,
  });
}

function examplesOf({ wrongExample, missedExample }: Score): string[] {
  return [
    ...(wrongExample ? [`matched, but do not belong together: ${wrongExample}`] : []),
    ...(missedExample ? [`belong together, but not matched: ${missedExample}`] : []),
  ];
}

/** A proposal says counts that are exact: a run has to come to the same. */
function sameCounts(said: Counts, found: Record<string, number>): void {
  const wrong = Object.entries(said).filter(([name, count]) => name in found && found[name] !== count);
  if (wrong.length === 0) return;
  const list = wrong.map(([name, count]) => `${name} ${count}, in its run ${found[name]}`).join('; ');
  throw new Error(`The counts of the proposal are wrong: ${list}.`);
}
