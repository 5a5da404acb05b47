import type { Condition } from '@kalla/core';
import { type Both, columnName, type SideName, SIDES } from './bench.ts';
import { equalOn, indexOf, type Seed } from './candidate.ts';
import type { ColumnFacts } from './column-facts.ts';
import { codesOfBoth, together, type Codes } from './joint-codes.ts';
import { minimalIgnore } from './minimal-ignore.ts';
import { inOrderOfChance, mixed } from './order-of-chance.ts';
import { tally } from './pairs.ts';
import type { PairOverlap } from './reference-seeds.ts';
import type { Samples } from './take-sample.ts';
import { LEVELS } from './value-overlap.ts';

/** Pairs of columns that keys are put together of, and how many go into one at most. */
const MOST_PARTS = 8;
const MOST_COLUMNS = 4;
/** Dates of a side that may be a part. */
const MOST_DATES = 4;
/** Combinations that are looked at, and that are followed. */
const MOST_TRIED = 20;
const MOST_SEEDS = 3;
/** What brings fewer rows together, or brings more than two together for each that belongs, is no key. */
const HALF = 0.5;

/** Two columns with values in common that very many rows share: a shop, a day, a number that starts again each day. */
interface Part {
  condition: Condition;
  left: number;
  right: number;
  /** Share of the rows with a common value, of the side where it is greater. */
  share: number;
  /** What is known of its values, where they are no days. */
  overlap?: PairOverlap;
}

/**
 * Columns that tell rows apart only together, such as shop, day and ticket: each alone joins thousands of rows with thousands,
 * and no pair of those can be looked at. The fewest columns come first, and of equally many what finds most.
 *
 * @param followed Columns that were followed alone and led to rules: further columns were added to them there.
 */
export async function combinedSeeds(
  samples: Samples,
  pairs: readonly PairOverlap[],
  facts: Both<readonly ColumnFacts[]>,
  rates: Both<number>,
  followed: readonly Pick<Seed, 'left' | 'right'>[],
): Promise<Seed[]> {
  const alone = (one: Part) => followed.some(({ left, right }) => left === one.left && right === one.right);
  const parts = [...equalParts(pairs, facts), ...dayParts(samples, facts)]
    .filter((part) => part.share >= HALF && !alone(part) && isPart(part, facts))
    .sort((a, b) => b.share - a.share || a.left + a.right - b.left - b.right || a.left - b.left)
    .slice(0, MOST_PARTS);
  const codes = new Map<string, Codes>();
  const codesOfAll = (combined: readonly Part[]): Codes => {
    const key = combined.map(({ left, right }) => `${left} ${right}`).join();
    let found = codes.get(key);
    if (!found) {
      const last = codesOfBoth(combined.at(-1)!.condition, samples);
      found = combined.length === 1 ? last : together([codesOfAll(combined.slice(0, -1)), last]);
      codes.set(key, found);
    }
    return found;
  };
  const room = { left: samples.left.size / rates.left, right: samples.right.size / rates.right };
  let tried = 0;
  for (let columns = 2; columns <= MOST_COLUMNS; columns++) {
    const found: { combined: Part[]; score: number; partners: number }[] = [];
    for (const combined of disjoint(parts, columns)) {
      if (mostOf(combined, facts, room) < HALF) continue;
      if (tried >= MOST_TRIED) break;
      tried += 1;
      const joined = joins(codesOfAll(combined), rates);
      if (joined.score >= HALF) found.push({ combined, ...joined });
    }
    if (found.length === 0) continue;
    const best = found.sort((a, b) => b.score - a.score).slice(0, MOST_SEEDS);
    return Promise.all(best.map((one) => seedOf(one, samples, rates)));
  }
  return [];
}

function equalParts(pairs: readonly PairOverlap[], facts: Both<readonly ColumnFacts[]>): Part[] {
  return pairs
    .filter(({ left, right }) => facts.left[left]!.fractional === 0 && facts.right[right]!.fractional === 0)
    .map((overlap) => {
      const { left, right, share, level } = overlap;
      return { condition: equalOn(left, right, LEVELS[level]), left, right, share, overlap };
    });
}

function dayParts(samples: Samples, facts: Both<readonly ColumnFacts[]>): Part[] {
  const dates = (side: SideName) =>
    facts[side]
      .filter(({ family, filled }) => family === 'date' && filled > 0)
      .sort((a, b) => b.distinct - a.distinct || a.index - b.index)
      .slice(0, MOST_DATES);
  return dates('left').flatMap(({ index: left }) =>
    dates('right').map(({ index: right }): Part => {
      const condition: Condition = {
        kind: 'date',
        left: columnName(left),
        right: columnName(right),
        before: 0,
        after: 0,
      };
      const codes = codesOfBoth(condition, samples);
      const most = greatest(codes) + 1;
      const [ofLeft, ofRight] = [tally(codes.left, most), tally(codes.right, most)];
      let [rows, others] = [0, 0];
      for (let code = 1; code < most; code++) {
        if (ofLeft[code] === 0 || ofRight[code] === 0) continue;
        rows += ofLeft[code]!;
        others += ofRight[code]!;
      }
      const share = Math.max(
        rows / Math.max(1, facts.left[left]!.filled),
        others / Math.max(1, facts.right[right]!.filled),
      );
      return { condition, left, right, share };
    }),
  );
}

/** What is always the same tells nothing apart, and what tells the rows of both sides apart needs no other column. */
function isPart(part: Part, facts: Both<readonly ColumnFacts[]>): boolean {
  const of = SIDES.map((side) => facts[side][part[side]]!);
  return of.every(({ distinct }) => distinct > 1) && of.some(({ distinct, filled }) => distinct < filled * HALF);
}

/** Combinations of parts of which no two have a column in common. */
function disjoint(parts: readonly Part[], size: number): Part[][] {
  if (size === 0) return [[]];
  return parts.flatMap((part, at) => {
    const rest = parts.slice(at + 1).filter(({ left, right }) => left !== part.left && right !== part.right);
    return disjoint(rest, size - 1).map((others) => [part, ...others]);
  });
}

/** The best score that so many different values can come to: more rows than combinations of them have to share some. */
function mostOf(combined: readonly Part[], facts: Both<readonly ColumnFacts[]>, rows: Both<number>): number {
  return SIDES.reduce((most, side) => {
    const cells = combined.reduce((product, part) => product * facts[side][part[side]]!.distinct, 1);
    return most * Math.min(1, cells / Math.max(1, rows[side]));
  }, 1);
}

/**
 * How well values join the sides: the share of the rows that find a partner, less the more rows of a side are alike. Both are
 * about the whole sides: a sample holds its rate of the partners of a row, and of the rows that are like it.
 */
function joins({ left, right }: Codes, rates: Both<number>): { score: number; partners: number } {
  const most = greatest({ left, right }) + 1;
  const [ofLeft, ofRight] = [tally(left, most), tally(right, most)];
  let [partners, likeLeft, likeRight] = [0, 0, 0];
  for (let code = 1; code < most; code++) {
    const [a, b] = [ofLeft[code]!, ofRight[code]!];
    partners += a * b;
    likeLeft += a * (a - 1);
    likeRight += b * (b - 1);
  }
  const found = Math.max(
    partners / Math.max(1, left.length) / rates.right,
    partners / Math.max(1, right.length) / rates.left,
  );
  const alike =
    (1 + likeLeft / Math.max(1, left.length) / rates.left) * (1 + likeRight / Math.max(1, right.length) / rates.right);
  return { score: Math.min(1, found) / alike, partners };
}

/** Its density is how often rows meet whose values are taken from rows at random, each column for itself. */
async function seedOf(
  { combined, score, partners }: { combined: readonly Part[]; score: number; partners: number },
  samples: Samples,
  rates: Both<number>,
): Promise<Seed> {
  const mixedUp = combined.map(({ condition }, at): Codes => {
    const { left, right } = codesOfBoth(condition, samples);
    const order = inOrderOfChance(left.length, (row) => mixed(samples.left.numbers[row]!, indexOf(condition.left)));
    return { left: at === 0 ? left : left.map((_, row) => left[order[row]!]!), right };
  });
  const byChance = joins(together(mixedUp), rates).partners;
  const inOrder = [...combined].sort((a, b) => a.left - b.left);
  const conditions: Condition[] = [];
  for (const { condition, left, right, overlap } of inOrder) {
    if (!overlap || overlap.level === 0) conditions.push(condition);
    else {
      const { level, common } = overlap;
      conditions.push(equalOn(left, right, await minimalIgnore(samples, left, right, LEVELS[level]!, common[level]!)));
    }
  }
  const [first, ...also] = conditions;
  const { left, right } = inOrder[0]!;
  return {
    kind: 'reference',
    left,
    right,
    condition: first!,
    also,
    weight: score,
    density: Math.min(1, byChance / Math.max(1, partners)),
  };
}

const greatest = ({ left, right }: Codes) => [left, right].reduce((most, codes) => codes.reduce(greater, most), 0);
const greater = (a: number, b: number) => (a > b ? a : b);
