import type { Condition } from '@kalla/core';
import { SIDES } from './bench.ts';
import { wantedFor } from './condition-ranges.ts';
import { keep, tally, type Pairs } from './pairs.ts';
import type { SeedSample } from './seed-sample.ts';

/** What a rule does in the sample of its seed. */
export interface Trial {
  pairs: number;
  /** Rows of each side with at least one partner, and with more than one. */
  left: number;
  right: number;
  ambiguousLeft: number;
  ambiguousRight: number;
}

/**
 * The pairs that meet further conditions.
 *
 * @param others By chance: the pairs stay, and what is compared is taken from another row of the right side.
 */
export async function meeting(
  sample: SeedSample,
  pairs: Pairs,
  conditions: readonly Condition[],
  others?: Int32Array,
): Promise<Pairs> {
  for (const side of SIDES) await sample[side].load(conditions.map((condition) => wantedFor(condition, side)));
  return conditions.reduce((met, condition) => keep(met, sample.ranges(condition), others), pairs);
}

/** What pairs of a sample come to as a rule. */
export function trialOf(sample: SeedSample, { left, right }: Pairs): Trial {
  const [withLeft, ambiguousLeft] = counted(tally(left, sample.left.size));
  const [withRight, ambiguousRight] = counted(tally(right, sample.right.size));
  return { pairs: left.length, left: withLeft, right: withRight, ambiguousLeft, ambiguousRight };
}

/** How many rows there are at least once, and more than once. */
function counted(counts: Int32Array): [any: number, more: number] {
  let any = 0;
  let more = 0;
  for (let at = 0; at < counts.length; at++) {
    if (counts[at]! > 0) any += 1;
    if (counts[at]! > 1) more += 1;
  }
  return [any, more];
}

/** For each right row of the sample another one at random, the same each time. */
export function shuffleRight({ right, rows }: SeedSample): Int32Array {
  const order = right.shuffled;
  const most = Math.max(1, rows.right);
  const shift = Math.max(1, Math.floor(most / 2) - 1);
  const others = new Int32Array(right.size);
  order.forEach((row, at) => (others[row] = order[(at + shift) % most]!));
  return others;
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
