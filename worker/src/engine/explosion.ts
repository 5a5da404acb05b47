import { ProblemError } from '@kalla/core';
import type { CheckedRule } from './check-rule.ts';
import type { Engine, RunOptions } from './engine.ts';
import { joinsOf, type EquiJoin } from './equi-joins.ts';

interface PlanNode {
  name: string;
  extra_info?: Record<string, unknown>;
  children?: PlanNode[];
}

/** Joins that look at every pair of rows. */
const NESTED_LOOPS = new Set(['BLOCKWISE_NL_JOIN', 'NESTED_LOOP_JOIN', 'CROSS_PRODUCT', 'POSITIONAL_JOIN']);

/** The joins of a rule's plan that look at every pair, each with an upper estimate of the pairs. Reads no data. */
export async function nestedLoopsOf(
  engine: Engine,
  sql: string,
  options: RunOptions = {},
): Promise<{ join: string; pairs: bigint }[]> {
  const rows = await engine.rows(`EXPLAIN (FORMAT json) ${sql}`, options);
  const plan = JSON.parse(String(rows[0]![1])) as PlanNode[];
  const found: { join: string; pairs: bigint }[] = [];
  const visit = (node: PlanNode): void => {
    const children = node.children ?? [];
    if (NESTED_LOOPS.has(node.name) && children.length === 2) {
      const [left, right] = children.map(upperRows) as [number, number];
      // One row on a side is a scalar subquery, not a join of every pair.
      if (left !== 1 && right !== 1)
        found.push({ join: node.name, pairs: BigInt(Math.ceil(left)) * BigInt(Math.ceil(right)) });
    }
    children.forEach(visit);
  };
  plan.forEach(visit);
  return found;
}

/** How many rows an operator can put out, as far as its kind tells; else the engine's own estimate. */
function upperRows(node: PlanNode): number {
  const children = (node.children ?? []).map(upperRows);
  const estimate = Number(node.extra_info?.['Estimated Cardinality'] ?? Number.NaN);
  switch (node.name.trim()) {
    case 'UNGROUPED_AGGREGATE':
    case 'DUMMY_SCAN':
      return 1;
    case 'CROSS_PRODUCT':
    case 'BLOCKWISE_NL_JOIN':
    case 'NESTED_LOOP_JOIN':
      return (children[0] ?? 1) * (children[1] ?? 1);
    case 'PROJECTION':
    case 'FILTER':
    case 'ORDER_BY':
    case 'WINDOW':
    case 'STREAMING_WINDOW':
    case 'HASH_GROUP_BY':
    case 'PERFECT_HASH_GROUP_BY':
      return children[0] ?? estimate;
    default:
      if (children.length > 0) return Math.max(...children, Number.isNaN(estimate) ? 0 : estimate);
      return Number.isNaN(estimate) ? 0 : estimate;
  }
}

/** So many pairs take about a second, whatever the tables. */
const ALWAYS_FINE = 10_000_000n;
/** Where a row has more partners than this on average, the key does not tell rows apart. */
const PAIRS_PER_ROW = 200n;
/** What a loop with a condition gets through in some ten seconds. */
const LOOP_PAIRS = 2_000_000_000n;

/** Buckets of the first, coarse count: so few that the hash table stays in the processor's cache. */
const BUCKETS = 65_536;

/** Pairs of rows that a rule may put together, and rows that it may put out: never under `ALWAYS_FINE`, never over `maxPairs`. */
export function pairLimitOf(rows: readonly [number, number], maxPairs: bigint): bigint {
  const sensible = BigInt(rows[0] + rows[1]) * PAIRS_PER_ROW;
  return least(maxPairs, sensible > ALWAYS_FINE ? sensible : ALWAYS_FINE);
}

const least = (a: bigint, b: bigint) => (a < b ? a : b);

/** The error for a rule whose result grew beyond the limit while it was made, where its pairs could not be counted before. */
export function tooManyRows(limit: bigint): ProblemError {
  return explodes(
    `The result of the rule has more than the ${show(limit)} rows allowed.`,
    'The values that it compares repeat too often on both sides. Add a column that tells the rows apart, such as a reference or a date.',
  );
}

/**
 * Refuses a rule that would put together more pairs of rows than make sense, before it runs: more than `maxPairs` in any
 * case, and more than 200 for each row of both sources.
 *
 * The engine's row estimates are useless under skew (a currency as the only join key), so pairs are counted:
 * per key value, rows on the left times rows on the right. Counts per hash bucket come first, of the left alone and of both sides:
 * they are never too low and take a fraction of the time, so the exact count is only made where those are too high.
 *
 * @throws ProblemError `match-explodes` with the number of pairs.
 */
export async function refuseExplosion(
  engine: Engine,
  rule: CheckedRule,
  nestedLoops: readonly { join: string; pairs: bigint }[],
  rows: readonly [number, number],
  maxPairs: bigint,
  options: RunOptions,
): Promise<void> {
  const pairLimit = pairLimitOf(rows, maxPairs);
  for (const { join, pairs } of nestedLoops) {
    // A loop with a condition looks at pairs and drops nearly all; a product without one puts them all out.
    const limit = join === 'CROSS_PRODUCT' ? pairLimit : least(maxPairs, LOOP_PAIRS);
    if (pairs <= limit) continue;
    throw explodes(
      `The rule compares every row of one source with every row of the other: ${show(pairs)} pairs, more than the ${show(limit)} allowed.`,
      'Join on at least one pair of equal columns, and write a tolerance as BETWEEN in place of ABS(a - b).',
    );
  }
  const largest = BigInt(Math.max(...rows, 1));
  if (largest * largest <= pairLimit) return;
  for (const join of await joinsOf(engine, rule)) {
    const pairs = await countPairs(engine, join, pairLimit, options);
    if (pairs > pairLimit) {
      throw explodes(
        `The rule finds ${show(pairs)} pairs of rows with equal ${join.keys.join(', ')}, more than the ${show(pairLimit)} allowed.`,
        'These values repeat too often on both sides. Add a column that tells the rows apart, such as a reference or a date.',
      );
    }
  }
}

async function countPairs(engine: Engine, join: EquiJoin, maxPairs: bigint, options: RunOptions): Promise<bigint> {
  const names = join.keys.map((_, index) => `k${index}`);
  const notNull = names.map((name) => `${name} IS NOT NULL`).join(' AND ');
  const side = (sql: string, alias: string) => `(${sql}) AS ${alias}(${names.join(', ')})`;
  const sum = (left: string, right: string, on: string) =>
    `SELECT coalesce(sum(a.n::HUGEINT * b.n), 0)::VARCHAR FROM (${left}) a JOIN (${right}) b ON ${on}`;
  const grouped = (sql: string, by: string) =>
    `SELECT ${by}, count(*) AS n FROM ${side(sql, 't')} WHERE ${notNull} GROUP BY ALL`;
  const ask = async (sql: string) => BigInt(String((await engine.rows(sql, options))[0]![0]));

  const types = async (sql: string) => (await engine.rows(`DESCRIBE ${sql}`)).map((row) => row[1]).join();
  // Equal values of different types have different hashes; then only the exact count is right.
  if ((await types(join.left)) === (await types(join.right))) {
    const bucket = `(hash(${names.join(', ')}) % ${BUCKETS})::INTEGER AS bucket`;
    const left = grouped(join.left, bucket);
    // No row of the right can have more partners than the fullest bucket of the left has rows.
    const fullest = await ask(`SELECT coalesce(max(n), 0)::VARCHAR FROM (${left})`);
    const most = fullest * (await ask(`SELECT count(*)::VARCHAR FROM (${join.right})`));
    if (most <= maxPairs) return most;
    const coarse = await ask(sum(left, grouped(join.right, bucket), 'a.bucket = b.bucket'));
    if (coarse <= maxPairs) return coarse;
  }
  const list = names.join(', ');
  return ask(
    sum(
      grouped(join.left, list),
      grouped(join.right, list),
      names.map((name) => `a.${name} = b.${name}`).join(' AND '),
    ),
  );
}

const show = (count: bigint) => count.toLocaleString('en-US');

function explodes(message: string, hint: string): ProblemError {
  return new ProblemError('match-explodes', `${message} ${hint}`, [{ message, hint }]);
}
