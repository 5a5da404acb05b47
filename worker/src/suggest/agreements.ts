import type { Condition } from '@kalla/core';
import { amountAgreements } from './amount-agreements.ts';
import { type Both, columnName, type SideName } from './bench.ts';
import { beginningOf, equalOn, indexOf, type Seed } from './candidate.ts';
import { isAmount, isCategory, type ColumnFacts } from './column-facts.ts';
import { dateAgreements } from './date-agreements.ts';
import type { Nearness } from './nearest-pairs.ts';
import type { PairOverlap } from './reference-seeds.ts';
import type { SampleRows, Wanted } from './sample-rows.ts';
import type { Pairs } from './pairs.ts';
import type { SeedSample } from './seed-sample.ts';

/** A condition that holds for pairs joined by a seed. */
export interface Agreement {
  kind: 'amount' | 'date' | 'category' | 'reference';
  condition: Condition;
  /** Share of the pairs with both values for which it holds. */
  share: number;
  /** The same share for rows that are put together at random. */
  chance: number;
  /** The same where of several rows at random the nearest was chosen, as it was of the partners; absent where none was. */
  chosen?: number;
  /** Share of the pairs that have both values. */
  filled: number;
  /** Pairs that this rests on. */
  pairs: number;
  /** An equality with no tolerance, where the condition has one: how often that holds. */
  exact?: number;
}

/** Pairs of rows that belong together, by their places, and pairs that were put together at random. */
export interface Joined {
  real: Pairs;
  random: Pairs;
  rows: Readonly<Record<SideName, SampleRows>>;
}

/** An agreement as far as it proves something: against rows that were chosen as these were. */
export const proof = (agreement: Agreement): Agreement => ({
  ...agreement,
  chance: Math.max(agreement.chance, agreement.chosen ?? 0),
});

/** The agreements, each with its share among the nearest of rows that do not belong together. */
export function withChosen(found: readonly Agreement[], sample: SeedSample, { left, right }: Pairs): Agreement[] {
  return found.map((agreement) => {
    const { low, high, value } = sample.ranges(agreement.condition);
    let held = 0;
    for (let at = 0; at < left.length; at++) {
      const is = value[right[at]!]!;
      if (is >= low[left[at]!]! && is <= high[left[at]!]!) held += 1;
    }
    return { ...agreement, chosen: Math.min(1, held / Math.max(1, left.length) / Math.max(agreement.filled, 1e-9)) };
  });
}

/** Columns of each kind that are looked at on each side. */
const MOST = { amount: 5, date: 4, other: 8 };

/** The columns that may agree in the pairs of a seed. */
export interface Comparable {
  amounts: Both<readonly ColumnFacts[]>;
  dates: Both<readonly ColumnFacts[]>;
  others: readonly PairOverlap[];
}

/** What is compared in the pairs that a seed joins: amounts, dates, and columns that have values in common. */
export function comparable(
  seed: Seed,
  facts: Both<readonly ColumnFacts[]>,
  pairs: readonly PairOverlap[],
): Comparable & { wanted: Both<Wanted[]> } {
  const beginning = beginningOf(seed);
  const own = both((side) => new Set(beginning.map((condition) => indexOf(condition[side]))));
  const amounts = both((side) => take(facts[side].filter(isAmount), own[side], MOST.amount));
  const dates = both((side) =>
    take(
      facts[side].filter(({ family, filled }) => family === 'date' && filled > 0),
      own[side],
      MOST.date,
    ),
  );
  const others = pairs
    .filter(({ left, right }) => !own.left.has(left) && !own.right.has(right))
    .filter(({ left, right }) => facts.left[left]!.fractional === 0 && facts.right[right]!.fractional === 0)
    .slice(0, MOST.other);
  const wanted = both((side): Wanted[] => [
    ...amounts[side].map(({ index }) => ({ kind: 'amount' as const, index })),
    ...dates[side].map(({ index }) => ({ kind: 'day' as const, index })),
    ...others.map((pair) => ({ kind: 'text' as const, index: pair[side] })),
  ]);
  return { amounts, dates, others, wanted };
}

/**
 * What else agrees in the pairs that a seed joins: amounts with their signs and tolerance, dates with their lag, categories.
 * Each is compared with the same pairs put together at random.
 */
export function agreementsOf(
  { left, right, sure, random }: Pick<SeedSample, 'left' | 'right' | 'sure' | 'random'>,
  { amounts, dates, others }: Comparable,
  facts: Both<readonly ColumnFacts[]>,
  scale: number,
): Agreement[] {
  if (sure.left.length === 0) return [];
  const joined: Joined = { real: sure, random, rows: { left, right } };
  const equal = equalAgreements(joined, others, facts);
  const sameColumns = (a: Agreement, b: Agreement) =>
    a.condition.left === b.condition.left && a.condition.right === b.condition.right;
  const byLift = (a: Agreement, b: Agreement) => lift(b) - lift(a);
  const money = amountAgreements(joined, amounts, scale).sort(byLift).slice(0, 6);
  return [
    // A line number is a whole number too, but nobody calls it an amount.
    ...money.filter((one) => one.exact !== one.share || !equal.some((other) => sameColumns(one, other))),
    ...dateAgreements(joined, dates),
    ...equal,
  ];
}

/**
 * How near two rows are by what may tell them apart: the amounts that agree best first, then days.
 *
 * @param rough What was found while any of the pairs could be the right one.
 */
export function nearnessOf(rough: readonly Agreement[], facts: Both<readonly ColumnFacts[]>): Nearness {
  const money = rough.find(({ kind }) => kind === 'amount')?.condition;
  const day = rough.find(({ kind }) => kind === 'date')?.condition;
  const first = (side: SideName) => {
    const found = facts[side].find(({ family, filled }) => family === 'date' && filled > 0);
    return found && columnName(found.index);
  };
  const left = day?.left ?? first('left');
  const right = day?.right ?? first('right');
  return {
    ...(money?.kind === 'amount' ? { amount: money } : {}),
    ...(left !== undefined && right !== undefined ? { day: { left, right } } : {}),
  };
}

const both = <T>(make: (side: SideName) => T): Both<T> => ({ left: make('left'), right: make('right') });
const take = (facts: readonly ColumnFacts[], except: ReadonlySet<number>, most: number) =>
  facts
    .filter(({ index }) => !except.has(index))
    .sort((a, b) => b.distinct - a.distinct || a.index - b.index)
    .slice(0, most);

function equalAgreements(
  { real, random, rows }: Joined,
  pairs: readonly PairOverlap[],
  facts: Both<readonly ColumnFacts[]>,
): Agreement[] {
  return pairs.flatMap((pair): Agreement[] => {
    const own = rows.left.codes(pair.left);
    const others = rows.right.codes(pair.right);
    const compare = ({ left, right }: Pairs) => {
      let [filled, same] = [0, 0];
      for (let at = 0; at < left.length; at++) {
        const a = own[left[at]!]!;
        const b = others[right[at]!]!;
        if (a === 0 || b === 0) continue;
        filled += 1;
        if (a === b) same += 1;
      }
      return { filled, same };
    };
    const [{ filled, same }, byChance] = [compare(real), compare(random)];
    if (filled === 0 || same === 0) return [];
    const category = isCategory(facts.left[pair.left]!) && isCategory(facts.right[pair.right]!);
    return [
      {
        kind: category ? 'category' : 'reference',
        condition: equalOn(pair.left, pair.right),
        share: same / filled,
        chance: byChance.same / Math.max(1, byChance.filled),
        filled: filled / real.left.length,
        pairs: filled,
      },
    ];
  });
}

/**
 * How much more often it holds than by chance: 0 no more, 1 always. Of a few pairs only what they show for certain counts:
 * both shares are taken at the unfavourable end of where they may lie.
 */
export function lift({ share, chance, pairs }: Pick<Agreement, 'share' | 'chance' | 'pairs'>): number {
  const spread = (part: number) => Math.sqrt((part * (1 - part)) / pairs) + 1 / pairs;
  const least = share - 1.6 * spread(share);
  const most = Math.min(1, chance + 1.6 * spread(chance));
  return most >= 1 ? 0 : Math.max(0, (least - most) / (1 - most));
}

/** The columns that an agreement is about. */
export const columnsOf = ({ condition }: Agreement) => ({
  left: indexOf(condition.left),
  right: indexOf(condition.right),
});
