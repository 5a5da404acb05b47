import { indexOf } from './candidate.ts';
import { NO_DAY } from './joined-column.ts';
import { NO_AMOUNT, signed } from './scaled-amount.ts';
import type { Pairs } from './pairs.ts';
import { atRandom, byChance, type SeedSample } from './seed-sample.ts';
import type { AmountCondition } from '@kalla/core';

/** How near two rows are: by amounts first, then by days; rows without a value are far away. */
export interface Nearness {
  amount?: Pick<AmountCondition, 'left' | 'right' | 'sign'>;
  day?: { left: string; right: string };
}

const FAR = 2n ** 62n;
const FAR_DAYS = 2 ** 31 - 1;

/**
 * Where no row has just one partner: of several the nearest is taken, where each is the nearest of the other. That the nearest
 * is near says little, so others are taken in the same way: `strangers`, the nearest of as many rows that do not belong together.
 *
 * @param others A right row at random for each right row.
 */
export function takeNearest(
  sample: SeedSample,
  nearness: Nearness,
  others: Int32Array,
): Pick<SeedSample, 'sure' | 'random'> & { strangers: Pairs } {
  const sure = nearestOf(sample, sample.pairs, nearness);
  const strange = { left: sample.pairs.left, right: sample.pairs.right.map((row) => others[row]!) };
  return { sure, random: atRandom(sure), strangers: nearestOf(sample, strange, nearness) };
}

function nearestOf(sample: SeedSample, pairs: Pairs, nearness: Nearness): Pairs {
  const { left, right } = pairs;
  const amounts = amountDistances(sample, pairs, nearness);
  const days = dayDistances(sample, pairs, nearness);
  const ofLeft = nearestFor(left, right, sample.left.size, amounts, days);
  const ofRight = nearestFor(right, left, sample.right.size, amounts, days);
  return byChance(
    ofLeft.filter((at) => at >= 0 && ofRight[right[at]!] === at),
    pairs,
    sample.left,
    sample.right,
  );
}

/** Partners that can be told apart beside the days in the 53 bits of a number. */
const PARTNERS = 2 ** 21;

/**
 * The nearest pair of each row, by its place, or -1: by amounts, then by days, and of several that are equally near the one
 * whose partner comes first.
 */
function nearestFor(
  rows: Int32Array,
  partners: Int32Array,
  size: number,
  amounts: BigInt64Array | undefined,
  days: Int32Array | undefined,
): Int32Array {
  const nearest = new Int32Array(size).fill(-1);
  // Days and partner in one number: they are compared at once.
  const least = new Float64Array(size).fill(Infinity);
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!;
    const than = nearest[row]!;
    const rest = (days ? days[at]! * PARTNERS : 0) + partners[at]!;
    const nearer =
      amounts && than >= 0 && amounts[at] !== amounts[than] ? amounts[at]! < amounts[than]! : rest < least[row]!;
    if (!nearer) continue;
    nearest[row] = at;
    least[row] = rest;
  }
  return nearest;
}

function amountDistances({ left, right }: SeedSample, pairs: Pairs, { amount }: Nearness): BigInt64Array | undefined {
  if (!amount) return undefined;
  const own = signed(left.scaled(indexOf(amount.left)), amount.sign === 'any' ? 'any' : 'same');
  const others = signed(right.scaled(indexOf(amount.right)), amount.sign);
  const distances = new BigInt64Array(pairs.left.length);
  for (let at = 0; at < distances.length; at++) {
    const a = own[pairs.left[at]!]!;
    const b = others[pairs.right[at]!]!;
    if (a === NO_AMOUNT || b === NO_AMOUNT) distances[at] = FAR;
    else if (a < b) distances[at] = BigInt.asIntN(64, b - a);
    else distances[at] = BigInt.asIntN(64, a - b);
  }
  return distances;
}

function dayDistances({ left, right }: SeedSample, pairs: Pairs, { day }: Nearness): Int32Array | undefined {
  if (!day) return undefined;
  const own = left.days(indexOf(day.left));
  const others = right.days(indexOf(day.right));
  const distances = new Int32Array(pairs.left.length);
  for (let at = 0; at < distances.length; at++) {
    const a = own[pairs.left[at]!]!;
    const b = others[pairs.right[at]!]!;
    distances[at] = a === NO_DAY || b === NO_DAY ? FAR_DAYS : Math.abs(a - b);
  }
  return distances;
}
