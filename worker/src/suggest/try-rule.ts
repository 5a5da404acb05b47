import type { Condition } from '@kalla/core';
import type { Bench } from './bench.ts';
import { termsOf, type SeedSample } from './seed-sample.ts';

/** What a rule does in the sample of its seed. */
export interface Trial {
  pairs: number;
  /** Rows of each side with at least one partner, and with more than one. */
  left: number;
  right: number;
  ambiguousLeft: number;
  ambiguousRight: number;
}

/** Tries conditions on the pairs of a seed; the seed's own condition holds in all of them. */
export async function tryRule(bench: Bench, conditions: readonly Condition[], chance = false): Promise<Trial> {
  const where = conditions.map((condition) => {
    const { equal, range } = termsOf(bench, condition, { left: 'a', right: 'b' });
    return equal ? `${equal.left} = ${equal.right}` : range!;
  });
  // As bare comparisons the planner may join both sides by them, each row with a twentieth of the other side, before it looks at
  // the pairs: hence CASE. By chance: the seed's pairs stay, and all else is taken from another row of the right side.
  const partner = chance
    ? 'JOIN s_shuffled h ON h._row = p.r JOIN s_right b ON b._row = h.other'
    : 'JOIN s_right b ON b._row = p.r';
  const [pairs, left, right, ambiguousLeft, ambiguousRight] = (await bench.numbers(
    `WITH p AS MATERIALIZED (SELECT p.l, p.r FROM s_pairs p JOIN s_left a ON a._row = p.l ${partner}` +
      `${where.length > 0 ? ` WHERE CASE WHEN ${where.join(' AND ')} THEN true ELSE false END` : ''}), ` +
      'l AS (SELECT count(*) AS n FROM p GROUP BY l), r AS (SELECT count(*) AS n FROM p GROUP BY r) ' +
      'SELECT (SELECT count(*) FROM p)::VARCHAR, (SELECT count(*) FROM l)::VARCHAR, (SELECT count(*) FROM r)::VARCHAR, ' +
      '(SELECT count(*) FILTER (WHERE n > 1) FROM l)::VARCHAR, (SELECT count(*) FILTER (WHERE n > 1) FROM r)::VARCHAR',
  )) as [number, number, number, number, number];
  return { pairs, left, right, ambiguousLeft, ambiguousRight };
}

/** `s_shuffled`: for each right row of the sample another one at random, the same each time. */
export async function shuffleRight(bench: Bench, sample: SeedSample): Promise<void> {
  const total = Math.max(1, sample.rows.right);
  const shift = Math.max(1, Math.floor(total / 2) - 1);
  await bench.run(
    'CREATE OR REPLACE TEMP TABLE s_shuffled AS WITH o AS (SELECT _row, row_number() OVER (ORDER BY hash(_row), _row) - 1 AS n FROM s_right) ' +
      `SELECT o._row, t._row AS other FROM o JOIN o t ON t.n = (o.n + ${shift}) % ${total}`,
  );
}

/** Rows with a partner, as a share of the smaller side: a bank file may hold much that is not in the ledger. */
export function coverage(trial: Pick<Trial, 'left' | 'right'>, rows: { left: number; right: number }): number {
  const share = (part: number, whole: number) => (whole > 0 ? Math.min(1, part / whole) : 0);
  return Math.max(share(trial.left, rows.left), share(trial.right, rows.right));
}

/** Rows with more than one partner among those with any. */
export function ambiguity({ left, right, ambiguousLeft, ambiguousRight }: Trial): number {
  return left + right > 0 ? (ambiguousLeft + ambiguousRight) / (left + right) : 0;
}

/**
 * How likely a possible partner is the right one, as far as numbers tell: where twenty rows have twenty partners each, one in
 * twenty. One payment for several invoices is clear, since each invoice has one.
 */
export function clarity({ left, right, pairs }: Pick<Trial, 'left' | 'right' | 'pairs'>): number {
  return pairs > 0 ? Math.min(1, Math.max(left, right) / pairs) : 1;
}
