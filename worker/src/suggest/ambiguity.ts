import { conditionSql, quoteIdentifier, type Ambiguous, type Rule, type RuleSource } from '@kalla/core';
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
  const tables = { left: 'kalla_left', right: 'kalla_right' };
  const terms = rule.conditions.map((condition) => conditionSql(condition, left, right, tables));
  const on = [
    ...terms.flatMap(({ equal }) => (equal ? [`${equal.left} = ${equal.right}`] : [])),
    ...terms.flatMap(({ range }) => (range ? [range] : [])),
  ].join(' AND ');
  const numbered = (source: RuleSource, table: string) =>
    `${table} AS (SELECT *, row_number() OVER () AS kalla_number FROM ${quoteIdentifier(source.alias)})`;
  const more = (table: string) =>
    `(SELECT count(*) FROM (SELECT ${table} FROM pairs GROUP BY ${table} HAVING count(*) > 1))::VARCHAR`;
  return (
    `WITH ${numbered(left, tables.left)}, ${numbered(right, tables.right)}, pairs AS MATERIALIZED (` +
    `SELECT kalla_left.kalla_number AS l, kalla_right.kalla_number AS r FROM kalla_left JOIN kalla_right ON ${on}) ` +
    `SELECT ${more('l')}, ${more('r')}`
  );
}
