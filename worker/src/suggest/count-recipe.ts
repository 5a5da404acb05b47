import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  compileRule,
  ProblemError,
  type RecipeCounts,
  type Rule,
  type RuleSource,
  type WorkerCountsRequest,
} from '@kalla/core';
import { countMatches } from '../engine/count-matches.ts';
import { usableRule } from '../engine/usable-rule.ts';
import type { TaskContext, TaskSource } from '../task-contract.ts';
import { ambiguityOf } from './ambiguity.ts';
import { stagedCache, type BenchSource } from './staged-cache.ts';

/**
 * The counts of a rule on sources that are staged once and kept. The SQL comes from outside: it is checked as for a run.
 *
 * @throws ProblemError `match-sql`, `match-explodes` and what staging throws.
 */
export async function countRecipe(
  request: WorkerCountsRequest,
  sources: readonly [TaskSource, TaskSource],
  context: TaskContext,
): Promise<RecipeCounts> {
  const keys = sources.map((source) => {
    const key = request.primary_keys[source.alias];
    if (!key) throw new ProblemError('validation', `The request names no primary key for "${source.alias}".`);
    return key;
  }) as [string[], string[]];
  return stagedCache.use(sources, context, async (sides) => {
    const side = (index: 0 | 1) => ({
      alias: sources[index].alias,
      primary_key: keys[index],
      columns: sides[index].staged.columns,
    });
    const { rule } = await usableRule({ match_sql: request.match_sql, left: side(0), right: side(1) });
    const clicks = clicksOf(request, side(0), side(1));
    const scratchDir = await mkdtemp(path.join(context.scratchDir, 'count-'));
    try {
      const { counts, more: ambiguous } = await countMatches(
        rule,
        [matchSide(sides[0], keys[0]), matchSide(sides[1], keys[1])],
        { ...context, scratchDir },
        async (engine, options) => (clicks ? ambiguityOf(engine, clicks, side(0), side(1), options) : null),
      );
      return { counts, ambiguous, sampled: sides.some(({ cut }) => cut) };
    } finally {
      await rm(scratchDir, { recursive: true, force: true });
    }
  });
}

const matchSide = ({ staged }: BenchSource, primaryKey: string[]) => ({ staged, primaryKey });

/** The clicks, where the SQL is what they make; SQL that was changed by hand goes its own way. */
function clicksOf(
  { rule, match_sql: sql }: WorkerCountsRequest,
  left: RuleSource,
  right: RuleSource,
): Rule | undefined {
  if (!rule) return undefined;
  try {
    return compileRule(rule, left, right) === sql ? rule : undefined;
  } catch (error) {
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}
