import type { AmountCondition } from '@kalla/core';
import type { Agreement, Joined } from './agreements.ts';
import { columnName, type SideName } from './bench.ts';
import { roomOf } from './condition-ranges.ts';
import type { ColumnFacts } from './column-facts.ts';
import { NO_AMOUNT, signed } from './scaled-amount.ts';
import type { Pairs } from './pairs.ts';

/** Differences that people set a tolerance to. Text, since amounts never become numbers here. */
const ABSOLUTE = ['0.01', '0.02', '0.05', '0.10', '0.20', '0.50', '1', '2', '5', '10', '20', '50', '100'];
const PERCENT = ['0.1', '0.5', '1', '2', '3', '5', '10'];
/** A wider tolerance has to bring this share of the pairs more. */
const GAIN = 0.01;
/** Amounts are near where they differ by a tenth. */
const NEAR = 10n;

/** Which amounts agree in pairs that belong together, with their signs and the tolerance that they need. */
export function amountAgreements(
  joined: Joined,
  columns: Readonly<Record<SideName, readonly ColumnFacts[]>>,
  scale: number,
): Agreement[] {
  const found: Agreement[] = [];
  for (const left of columns.left) {
    for (const right of columns.right) {
      const values = { left: joined.rows.left.scaled(left.index), right: joined.rows.right.scaled(right.index) };
      const { filled, same, opposite, nearSame, nearOpposite } = compare(joined.real, values);
      const count = joined.real.left.length;
      if (filled < Math.min(3, count)) continue;
      const random = compare(joined.random, values);
      const byChance = (pairs: number) => pairs / Math.max(1, random.filled);
      // Equal or at least near: a fee or a rounding on every row leaves no two amounts equal.
      const score = { same: same + nearSame / 4, opposite: opposite + nearOpposite / 4 };
      const [sign, exact, chance] =
        score.same > 0 && score.opposite > 0 && Math.min(same, opposite) > filled * 0.1
          ? (['any', same + opposite, random.same + random.opposite] as const)
          : score.opposite > score.same
            ? (['opposite', opposite, random.opposite] as const)
            : (['same', same, random.same] as const);
      const condition: AmountCondition = {
        kind: 'amount',
        left: columnName(left.index),
        right: columnName(right.index),
        sign,
        tolerance: { kind: 'none' },
      };
      const base = { kind: 'amount' as const, filled: filled / count, exact: exact / filled, pairs: filled };
      const near = sign === 'same' ? nearSame : sign === 'opposite' ? nearOpposite : nearSame + nearOpposite;
      if (exact < filled * 0.98 && near > exact + filled * GAIN) {
        const loose = toleranceOf(joined, condition, values, scale, { filled, random: random.filled, exact });
        if (loose) found.push({ ...base, ...loose });
      }
      if (exact > 0) found.push({ ...base, condition, share: exact / filled, chance: byChance(chance) });
    }
  }
  return found;
}

type Values = Readonly<Record<SideName, BigInt64Array>>;

/** How often the amounts of pairs are equal, opposite, or near. */
function compare({ left, right }: Pairs, values: Values) {
  const seen = { filled: 0, same: 0, opposite: 0, nearSame: 0, nearOpposite: 0 };
  for (let at = 0; at < left.length; at++) {
    const a = values.left[left[at]!]!;
    const b = values.right[right[at]!]!;
    if (a === NO_AMOUNT || a === 0n || b === NO_AMOUNT) continue;
    if (b !== 0n) seen.filled += 1;
    const most = BigInt.asIntN(64, (a < 0n ? BigInt.asIntN(64, -a) : a) / NEAR);
    const apart = BigInt.asIntN(64, a - b);
    const together = BigInt.asIntN(64, a + b);
    if (apart === 0n) seen.same += 1;
    if (together === 0n) seen.opposite += 1;
    if (apart <= most && apart >= BigInt.asIntN(64, -most)) seen.nearSame += 1;
    if (together <= most && together >= BigInt.asIntN(64, -most)) seen.nearOpposite += 1;
  }
  return seen;
}

/** The smallest tolerance people would set that takes in nearly all that a greater one would. */
function toleranceOf(
  joined: Joined,
  condition: AmountCondition,
  values: Values,
  scale: number,
  { filled, random, exact }: { filled: number; random: number; exact: number },
): Pick<Agreement, 'condition' | 'share' | 'chance'> | undefined {
  const sides = {
    own: signed(values.left, condition.sign === 'any' ? 'any' : 'same'),
    others: signed(values.right, condition.sign),
  };
  const [real, chance] = [differences(joined.real, sides), differences(joined.random, sides)];
  const measured = [
    ...ABSOLUTE.map((value) => ({ kind: 'absolute' as const, value })),
    ...PERCENT.map((value) => ({ kind: 'percent' as const, value })),
  ].map((step) => ({
    ...step,
    real: within(real, step, scale),
    random: (within(chance, step, scale) * filled) / Math.max(1, random),
  }));
  const bestOf = (kind: 'absolute' | 'percent') => {
    const list = measured.filter((step) => step.kind === kind);
    // What comes by chance with a wider tolerance is no gain.
    const net = (step: (typeof list)[number]) => step.real - step.random;
    const most = Math.max(...list.map(net));
    const chosen = list.find((step) => net(step) >= most - filled * GAIN);
    return chosen && { ...chosen, net: net(chosen) };
  };
  const candidates = (['absolute', 'percent'] as const).map(bestOf).filter((one) => one !== undefined);
  const most = Math.max(...candidates.map(({ net }) => net));
  // Where both do, the one that lets less in by chance; an absolute one is easier to understand.
  const [best] = candidates
    .filter(({ net }) => net >= most - filled * GAIN)
    .sort((a, b) => a.random - b.random || (a.kind === 'absolute' ? -1 : 1));
  if (!best || best.net <= exact + filled * GAIN) return undefined;
  return {
    condition: { ...condition, tolerance: { kind: best.kind, value: best.value } },
    share: best.real / filled,
    chance: best.random / filled,
  };
}

/** How far the amounts of pairs are apart, and the size of the left one; 64-bit integers all the way, so that nothing is allocated. */
interface Differences {
  apart: BigInt64Array;
  size: BigInt64Array;
}

function differences(
  { left, right }: Pairs,
  { own, others }: { own: BigInt64Array; others: BigInt64Array },
): Differences {
  const [apart, size] = [new BigInt64Array(left.length), new BigInt64Array(left.length)];
  let count = 0;
  for (let at = 0; at < left.length; at++) {
    const a = own[left[at]!]!;
    const b = others[right[at]!]!;
    if (a === NO_AMOUNT || a === 0n || b === NO_AMOUNT) continue;
    const difference = BigInt.asIntN(64, a - b);
    apart[count] = difference < 0n ? BigInt.asIntN(64, -difference) : difference;
    size[count++] = a < 0n ? BigInt.asIntN(64, -a) : a;
  }
  return { apart: apart.subarray(0, count), size: size.subarray(0, count) };
}

function within(
  { apart, size }: Differences,
  step: { kind: 'absolute' | 'percent'; value: string },
  scale: number,
): number {
  let inside = 0;
  if (step.kind === 'absolute') {
    const most = roomOf(step, scale)(0n);
    for (let at = 0; at < apart.length; at++) if (apart[at]! <= most) inside += 1;
    return inside;
  }
  // Tenths of a percent of the size, without a product that has no room in 64 bits.
  const parts = roomOf(step, scale)(1000n);
  for (let at = 0; at < apart.length; at++) {
    const whole = BigInt.asIntN(64, BigInt.asIntN(64, size[at]! / 1000n) * parts);
    const rest = BigInt.asIntN(64, BigInt.asIntN(64, BigInt.asIntN(64, size[at]! % 1000n) * parts) / 1000n);
    if (apart[at]! <= BigInt.asIntN(64, whole + rest)) inside += 1;
  }
  return inside;
}
