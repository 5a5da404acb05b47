import { plainText, type Condition } from '@kalla/core';
import { SIDES, type SideName } from './bench.ts';
import { indexOf } from './candidate.ts';
import { wantedFor } from './condition-ranges.ts';
import { NO_AMOUNT, signed } from './scaled-amount.ts';
import type { Samples } from './take-sample.ts';

/** Above this, that values meet says little by itself. */
export const DENSE = 0.3;
/** Values of which a greater share is no number are names. */
const NAMES = 0.1;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * How likely a value of one side meets one of the other by chance, because both fill the same range of numbers: row counters
 * from 1 to 1000 on both sides meet always and say nothing. 0 for values that are not numbers, or are sparse.
 *
 * A prefix that both sides share makes the same numbers a name, which is no chance.
 */
export async function chanceByDensity(
  samples: Samples,
  condition: Condition,
  rates: Readonly<Record<SideName, number>>,
): Promise<number> {
  const densities: number[] = [];
  for (const side of SIDES) {
    const values = await numbersOf(samples, condition, side);
    if (!values || values.length === 0) return 0;
    // Only how far apart the values lie is looked at: half of them lie between the quartiles.
    const [low, high] = [quantile(values, 0.25), quantile(values, 0.75)];
    const inside = values.filter((value) => value >= low && value <= high).length;
    densities.push(Math.min(1, inside / rates[side] / (high - low + 1)));
  }
  return Math.max(...densities);
}

/** The different values of a side as numbers in order, as far as a sense of how dense they are needs them; undefined for names. */
async function numbersOf(samples: Samples, condition: Condition, side: SideName): Promise<Float64Array | undefined> {
  const rows = samples[side];
  const index = indexOf(condition[side]);
  await rows.load([wantedFor(condition, side)]);
  if (condition.kind === 'amount') {
    const cents = 10n ** BigInt(samples.measure.scale - 2);
    const sizes = signed(rows.scaled(index), 'any').slice().sort();
    const different = sizes.filter((size, at) => size !== NO_AMOUNT && size !== sizes[at - 1]);
    return Float64Array.from(different, (size) => Number(size) / Number(cents));
  }
  if (condition.kind !== 'equal') return undefined;
  const pattern = condition.extract?.side === side ? condition.extract.pattern : undefined;
  const { text, starts, ends } = rows.texts(index, pattern);
  const codes = rows.codes(index, condition.ignore, pattern);
  const seen = new Uint8Array(samples.measure.texts.size + 1);
  const values: number[] = [];
  let [different, names] = [0, 0];
  for (const code of codes) {
    if (code === 0 || seen[code] === 1) continue;
    seen[code] = 1;
    different += 1;
  }
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    if (code === 0 || seen[code] === 0) continue;
    seen[code] = 0;
    const value = plainText(text.slice(starts[row], ends[row]), condition.ignore);
    if (NUMBER.test(value.trim())) values.push(Number(value));
    else names += 1;
    if (names > different * NAMES) return undefined;
  }
  return Float64Array.from(values).sort();
}

/** Between two values the share of the way between them, as `quantile_cont` of the engine has it. */
function quantile(ordered: Float64Array, share: number): number {
  const at = (ordered.length - 1) * share;
  const [before, after] = [ordered[Math.floor(at)]!, ordered[Math.ceil(at)]!];
  return before + (after - before) * (at - Math.floor(at));
}
