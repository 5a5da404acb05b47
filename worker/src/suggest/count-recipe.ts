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
import { translateEngineError } from '../engine/engine-error.ts';
import { ruleForStaged } from '../engine/staged-rule.ts';
import type { TaskContext, TaskSource } from '../task-contract.ts';
import { ambiguityOf } from './ambiguity.ts';
import { type Both, columnName, type SideName } from './bench.ts';
import { countBench } from './count-bench.ts';
import type { Counted } from './exact-counts.ts';
import { stagedCache, type BenchSource } from './staged-cache.ts';

/**
 * The counts of a rule on sources that are staged once and kept.
 *
 * Where the SQL is, letter by letter, what the clicks make, the clicks are counted: nothing from outside is run. Any other SQL
 * is checked as for a run and runs in an engine of its own that is closed off.
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
  return stagedCache.use(sources, context, request.reading, async ([left, right]) => {
    const sides = { left, right };
    const side = (name: SideName, index: 0 | 1) => ({
      alias: sources[index].alias,
      primary_key: keys[index],
      columns: sides[name].staged.columns,
    });
    const asked = { left: side('left', 0), right: side('right', 1) };
    const sampled = left.cut || right.cut;
    const clicks = clicksOf(request, asked.left, asked.right);
    const counted = clicks && (await countClicks(clicks, sides, asked, context));
    if (counted) return { counts: counted.counts, ambiguous: counted.ambiguous, sampled };

    const checked = await ruleForStaged(
      request.match_sql,
      [
        { staged: left.staged, primaryKey: keys[0] },
        { staged: right.staged, primaryKey: keys[1] },
      ],
      request.rule,
    );
    const scratchDir = await mkdtemp(path.join(context.scratchDir, 'count-'));
    try {
      const { counts, more: ambiguous } = await countMatches(
        checked.rule,
        [
          { staged: checked.staged[0], primaryKey: keys[0] },
          { staged: checked.staged[1], primaryKey: keys[1] },
        ],
        { ...context, scratchDir },
        async (engine, options) => (clicks ? ambiguityOf(engine, clicks, asked.left, asked.right, options) : null),
      );
      return { counts, ambiguous, sampled };
    } finally {
      await rm(scratchDir, { recursive: true, force: true });
    }
  });
}

/** Undefined where the keys do not tell rows apart or there are too many pairs: then the SQL itself has to be run. */
async function countClicks(
  rule: Rule,
  sides: Both<BenchSource>,
  sources: Both<RuleSource>,
  context: TaskContext,
): Promise<Counted | undefined> {
  // Names are compared as the engine does; the row number is no column.
  const indexOf = (side: SideName, name: string) =>
    sides[side].staged.columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
  const keys = {
    left: sources.left.primary_key.map((name) => indexOf('left', name)),
    right: sources.right.primary_key.map((name) => indexOf('right', name)),
  };
  const nameOf = (side: SideName, name: string) => {
    const index = indexOf(side, name);
    return index < 0 ? '_row' : columnName(index);
  };
  const conditions = rule.conditions.map((condition) => ({
    ...condition,
    left: nameOf('left', condition.left),
    right: nameOf('right', condition.right),
  }));
  try {
    return await countBench.use(sides, keys, context, (counts) => counts.of({ ...rule, conditions }));
  } catch (error) {
    const doing = `Matching "${sources.left.alias}" with "${sources.right.alias}"`;
    throw translateEngineError(error, doing, context.signal);
  }
}

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
