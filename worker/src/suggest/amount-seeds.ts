import { amountTerm } from '@kalla/core';
import { columnName, SIDES, type Bench, type SideName } from './bench.ts';
import type { Seed } from './candidate.ts';
import { chanceByDensity } from './density.ts';
import { isAmount, type ColumnFacts } from './column-facts.ts';

const MOST_COLUMNS = 5;
const MOST_SEEDS = 3;

type Both<T> = Readonly<Record<SideName, T>>;

/** Pairs of amounts to join by where there is no reference: those with the most amounts in common, by their signs. */
export async function amountSeeds(
  bench: Bench,
  facts: Both<readonly ColumnFacts[]>,
  rates: Both<number>,
): Promise<Seed[]> {
  const columns = {} as Record<SideName, ColumnFacts[]>;
  for (const side of SIDES) {
    columns[side] = facts[side]
      .filter(isAmount)
      .sort((a, b) => b.fractional - a.fractional || b.distinct - a.distinct || a.index - b.index)
      .slice(0, MOST_COLUMNS);
    const parts = columns[side].map(
      (column) =>
        `SELECT ${column.index} AS col, CAST(${amountTerm(columnName(column.index), column.type)} AS DECIMAL(38,9)) AS v FROM ${side}_sample`,
    );
    await bench.run(
      `CREATE OR REPLACE TEMP TABLE ${side}_amounts AS SELECT col, v, count(*) AS n FROM (${
        parts.length > 0 ? parts.join(' UNION ALL ') : 'SELECT 0 AS col, CAST(0 AS DECIMAL(38,9)) AS v WHERE false'
      }) WHERE v IS NOT NULL AND v <> 0 GROUP BY ALL`,
    );
  }
  const rows = await bench.rows(
    "SELECT l.col, r.col, CASE WHEN l.v = r.v THEN 'same' ELSE 'opposite' END AS sign, count(*)::VARCHAR, sum(least(l.n, r.n))::VARCHAR " +
      'FROM left_amounts l JOIN right_amounts r ON abs(l.v) = abs(r.v) GROUP BY ALL',
  );
  const combos = new Map<string, { left: number; right: number; same: number; opposite: number }>();
  for (const [l, r, sign, , matched] of rows) {
    const key = `${String(l)} ${String(r)}`;
    const combo = combos.get(key) ?? { left: Number(l), right: Number(r), same: 0, opposite: 0 };
    combo[sign as 'same' | 'opposite'] = Number(matched);
    combos.set(key, combo);
  }
  const seeds = [...combos.values()].flatMap(({ left, right, same, opposite }): Seed[] => {
    const most = Math.max(same, opposite);
    const sign = Math.min(same, opposite) > most * 0.4 ? 'any' : same >= opposite ? 'same' : 'opposite';
    const filled = Math.min(facts.left[left]!.filled, facts.right[right]!.filled);
    return [
      {
        kind: 'amount',
        density: 0,
        left,
        right,
        weight: Math.min(1, (sign === 'any' ? same + opposite : most) / Math.max(1, filled)),
        condition: {
          kind: 'amount',
          left: columnName(left),
          right: columnName(right),
          sign,
          tolerance: { kind: 'none' },
        },
      },
    ];
  });
  const ranked = seeds
    .sort((a, b) => b.weight - a.weight || a.left + a.right - b.left - b.right || a.left - b.left)
    .slice(0, MOST_SEEDS);
  for (const seed of ranked) seed.density = await chanceByDensity(bench, seed.condition, rates);
  return ranked;
}
