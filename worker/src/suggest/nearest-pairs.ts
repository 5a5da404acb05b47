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
  const count = left.length;
  const amounts = amountDistances(sample, pairs, nearness);
  const days = dayDistances(sample, pairs, nearness);
  // The nearest pair of each row so far, by its place; the later of two that are equally near has the greater partner.
  const ofLeft = new Int32Array(sample.left.size).fill(-1);
  const ofRight = new Int32Array(sample.right.size).fill(-1);
  const nearer = (at: number, than: number, partner: Int32Array) => {
    if (than < 0) return true;
    if (amounts && amounts[at] !== amounts[than]) return amounts[at]! < amounts[than]!;
    if (days && days[at] !== days[than]) return days[at]! < days[than]!;
    return partner[at]! < partner[than]!;
  };
  for (let at = 0; at < count; at++) {
    const l = left[at]!;
    const r = right[at]!;
    if (nearer(at, ofLeft[l]!, right)) ofLeft[l] = at;
    if (nearer(at, ofRight[r]!, left)) ofRight[r] = at;
  }
  return byChance(
    ofLeft.filter((at) => at >= 0 && ofRight[right[at]!] === at),
    pairs,
    sample.left,
    sample.right,
  );
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
