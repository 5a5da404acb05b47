import { type Both, columnName, type SideName, SIDES } from './bench.ts';
import type { Seed } from './candidate.ts';
import { chanceByDensity } from './density.ts';
import { isAmount, type ColumnFacts } from './column-facts.ts';
import { tally } from './pairs.ts';
import type { Samples } from './take-sample.ts';

const MOST_COLUMNS = 5;
const MOST_SEEDS = 3;

/** Pairs of amounts to join by where there is no reference: those with the most amounts in common, by their signs. */
export async function amountSeeds(
  samples: Samples,
  facts: Both<readonly ColumnFacts[]>,
  rates: Both<number>,
): Promise<Seed[]> {
  const columns = {} as Record<SideName, ColumnFacts[]>;
  for (const side of SIDES) {
    columns[side] = facts[side]
      .filter(isAmount)
      .sort((a, b) => b.fractional - a.fractional || b.distinct - a.distinct || a.index - b.index)
      .slice(0, MOST_COLUMNS);
  }
  const combos = columns.left.flatMap((left) =>
    columns.right.map((right) => ({
      left: left.index,
      right: right.index,
      ...meetings(samples, left.index, right.index),
    })),
  );
  const seeds = combos.flatMap(({ left, right, same, opposite }): Seed[] => {
    if (same + opposite === 0) return [];
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
  for (const seed of ranked) seed.density = await chanceByDensity(samples, seed.condition, rates);
  return ranked;
}

/** How many rows of two columns of amounts can be paired by equal amounts, and by opposite ones; nothing is paired with nothing. */
function meetings(samples: Samples, left: number, right: number): { same: number; opposite: number } {
  const own = samples.left.amountCodes(left, 'same');
  const [same, opposite] = [samples.right.amountCodes(right, 'same'), samples.right.amountCodes(right, 'opposite')];
  const nothing = samples.measure.amounts.numberOf(0, 0);
  const most = samples.measure.amounts.size + 1;
  const counts = tally(own, most);
  const met = (others: Int32Array) => {
    const partners = tally(others, most);
    let rows = 0;
    for (let code = 1; code < most; code++) if (code !== nothing) rows += Math.min(counts[code]!, partners[code]!);
    return rows;
  };
  return { same: met(same), opposite: met(opposite) };
}
