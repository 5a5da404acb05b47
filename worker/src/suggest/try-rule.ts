import type { Condition } from '@kalla/core';
import { SIDES } from './bench.ts';
import { wantedFor } from './condition-ranges.ts';
import { type SeedSample } from './seed-sample.ts';

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
 * Tries conditions on the pairs of a seed; the seed's own condition holds in all of them.
 *
 * @param others By chance: the seed's pairs stay, and all else is taken from another row of the right side.
 */
export async function tryRule(
  sample: SeedSample,
  conditions: readonly Condition[],
  others?: Int32Array,
): Promise<Trial> {
  for (const side of SIDES) await sample[side].load(conditions.map((condition) => wantedFor(condition, side)));
  const ranges = conditions.map((condition) => sample.ranges(condition));
  const { left, right } = sample.pairs;
  const ofLeft = new Int32Array(sample.left.size);
  const ofRight = new Int32Array(sample.right.size);
  let pairs = 0;
  next: for (let at = 0; at < left.length; at++) {
    const [a, b] = [left[at]!, right[at]!];
    const partner = others ? others[b]! : b;
    for (let which = 0; which < ranges.length; which++) {
      const { low, high, value } = ranges[which]!;
      const is = value[partner]!;
      if (is < low[a]! || is > high[a]!) continue next;
    }
    pairs += 1;
    ofLeft[a]!++;
    ofRight[b]!++;
  }
  const counted = (counts: Int32Array) => {
    let [any, more] = [0, 0];
    for (const count of counts) {
      if (count > 0) any += 1;
      if (count > 1) more += 1;
    }
    return [any, more] as const;
  };
  const [withLeft, ambiguousLeft] = counted(ofLeft);
  const [withRight, ambiguousRight] = counted(ofRight);
  return { pairs, left: withLeft, right: withRight, ambiguousLeft, ambiguousRight };
}

/** For each right row of the sample another one at random, the same each time. */
export function shuffleRight({ right, rows }: SeedSample): Int32Array {
  const dice = (row: number) => {
    const mixed = Math.imul(right.numbers[row]! ^ 0x51ed270b, 0x9e3779b1);
    return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> 0;
  };
  const order = Array.from(right.numbers, (_, row) => ({ row, by: dice(row) })).sort(
    (a, b) => a.by - b.by || a.row - b.row,
  );
  const most = Math.max(1, rows.right);
  const shift = Math.max(1, Math.floor(most / 2) - 1);
  const others = new Int32Array(right.size);
  order.forEach(({ row }, at) => (others[row] = order[(at + shift) % most]!.row));
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
