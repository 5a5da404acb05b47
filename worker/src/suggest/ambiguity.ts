import { compileRule, conditionSql, quoteIdentifier, type Ambiguous, type Rule, type RuleSource } from '@kalla/core';
import type { Engine, RunOptions } from '../engine/engine.ts';

/**
 * How many rows of each side have more than one possible partner under a rule's conditions, before each row is used once.
 * The sources stand in the engine under their aliases.
 */
export async function ambiguityOf(
  engine: Engine,
  rule: Rule,
  left: RuleSource,
  right: RuleSource,
  options: RunOptions,
): Promise<Ambiguous> {
  const parts = rule.conditions.map((condition) =>
    conditionSql(condition, left, right, { left: left.alias, right: right.alias }),
  );
  const equal = parts.flatMap((part) => (part.equal ? [part.equal] : []));
  const ranges = parts.flatMap((part) => (part.range ? [part.range] : []));
  const sql = ranges.length === 0 ? byGroups(equal, left, right) : byPairs(rule, left, right);
  const [row] = await engine.rows(sql, options);
  return { left: Number(row![0]), right: Number(row![1]) };
}

/** Where all has to be equal, rows with equal values are counted and no pair is made. */
function byGroups(equal: readonly { left: string; right: string }[], left: RuleSource, right: RuleSource): string {
  const group = (side: 'left' | 'right', source: RuleSource) => {
    const terms = equal.map((pair, index) => `${pair[side]} AS k${index}`).join(', ');
    const present = equal.map((_, index) => `k${index} IS NOT NULL`).join(' AND ');
    return (
      `(SELECT *, count(*) AS n FROM (SELECT ${terms} FROM ${quoteIdentifier(source.alias)}) t ` +
      `WHERE ${present} GROUP BY ALL)`
    );
  };
  const on = equal.map((_, index) => `l.k${index} = r.k${index}`).join(' AND ');
  return (
    'SELECT coalesce(sum(l.n) FILTER (WHERE r.n > 1), 0)::VARCHAR, coalesce(sum(r.n) FILTER (WHERE l.n > 1), 0)::VARCHAR ' +
    `FROM ${group('left', left)} l JOIN ${group('right', right)} r ON ${on}`
  );
}

/** Numbered rows, so that rows whose keys are alike are told apart. */
function byPairs(rule: Rule, left: RuleSource, right: RuleSource): string {
  const number = 'kalla_number';
  const numbered = (source: RuleSource, table: string) =>
    `${table} AS (SELECT *, row_number() OVER () AS ${number} FROM ${quoteIdentifier(source.alias)})`;
  const compared = (source: RuleSource, table: string, side: 'left' | 'right'): RuleSource => ({
    alias: table,
    primary_key: [number],
    columns: source.columns.filter(({ name }) => rule.conditions.some((condition) => condition[side] === name)),
  });
  const every = compileRule(
    { ...rule, pairing: 'every' },
    compared(left, 'kalla_left', 'left'),
    compared(right, 'kalla_right', 'right'),
  );
  const more = (side: string) =>
    `(SELECT count(*) FROM (SELECT ${side} FROM pairs GROUP BY ${side} HAVING count(*) > 1))::VARCHAR`;
  return (
    `WITH ${numbered(left, 'kalla_left')}, ${numbered(right, 'kalla_right')}, pairs AS MATERIALIZED (` +
    `SELECT left_${number} AS l, right_${number} AS r FROM (${every})) SELECT ${more('l')}, ${more('r')}`
  );
}
