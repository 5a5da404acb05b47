import type { Ambiguous, Counts, Rule, RuleSource } from '@kalla/core';
import { compileRule } from '@kalla/core';
import { countMatches } from '../engine/count-matches.ts';
import { usableRule } from '../engine/usable-rule.ts';
import type { StagedSource } from '../engine/staged-source.ts';
import type { TaskContext } from '../task-contract.ts';
import { ambiguityOf } from './ambiguity.ts';
import type { SideName } from './bench.ts';

export interface Counted {
  sql: string;
  counts: Counts;
  ambiguous: Ambiguous;
}

/** What a rule matches over all rows, counted as a run would. */
export async function exactCounts(
  rule: Rule,
  sources: Readonly<Record<SideName, RuleSource>>,
  staged: Readonly<Record<SideName, StagedSource>>,
  context: TaskContext,
): Promise<Counted> {
  const { left, right } = sources;
  const sql = compileRule(rule, left, right);
  const side = (name: SideName) => ({
    alias: sources[name].alias,
    primary_key: [...sources[name].primary_key],
    columns: staged[name].columns,
  });
  const { rule: checked } = await usableRule({ match_sql: sql, left: side('left'), right: side('right') });
  const { counts, more: ambiguous } = await countMatches(
    checked,
    [
      { staged: staged.left, primaryKey: [...left.primary_key] },
      { staged: staged.right, primaryKey: [...right.primary_key] },
    ],
    context,
    (engine, options) => ambiguityOf(engine, rule, left, right, options),
  );
  return { sql, counts, ambiguous };
}
