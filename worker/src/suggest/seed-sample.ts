import { conditionSql, type Condition } from '@kalla/core';
import { benchSource, SIDES, type Bench, type SideName } from './bench.ts';
import type { Seed } from './candidate.ts';
import { codesOf, rangesOf, wantedFor, type Ranges } from './condition-ranges.ts';
import { SampleRows, type Wanted } from './sample-rows.ts';
import { sampleRows, type Samples } from './take-sample.ts';

/** Pairs that are looked at; of values that many rows share the rarest are taken. */
const MOST_PAIRS = 400_000;
/** Pairs that columns are compared on. */
export const SURE_PAIRS = 4000;

/** Pairs of rows, by their places in the samples. */
export interface Pairs {
  left: Int32Array;
  right: Int32Array;
}

/**
 * Rows of both sides that belong together by a seed. Chosen by their value and not one by one, so that all partners of a
 * row that is in it are in it too, and shares in the sample are shares of the whole.
 */
export interface SeedSample {
  left: SampleRows;
  right: SampleRows;
  /** Rows of each side that are looked at. */
  rows: Readonly<Record<SideName, number>>;
  pairs: Pairs;
  /** Pairs whose rows have no other partner, or any pairs where there are none such, in an order of chance. */
  sure: Pairs;
  /** As many pairs that do not belong together. */
  random: Pairs;
  /** Whether the sure ones are without another partner. */
  unique: boolean;
  /** What a condition comes to on these rows; worked out once. */
  ranges(condition: Condition): Ranges;
}

/** One of so many values is in the sample of a seed, so that both sides are small enough. */
export const partOf = (bench: Bench) =>
  Math.max(1, ...SIDES.map((side) => Math.ceil(bench.sides[side].rows / sampleRows(bench.columns(side).length))));

/**
 * @param part 1: from the samples of rows, whatever part of the sides they are.
 * @param wanted What else will be asked for, so that it is read in one go.
 */
export async function sampleBySeed(
  bench: Bench,
  samples: Samples,
  seed: Seed,
  part: number,
  wanted: Readonly<Record<SideName, readonly Wanted[]>>,
): Promise<SeedSample> {
  const sides = {} as Record<SideName, SampleRows>;
  for (const side of SIDES) {
    sides[side] = part === 1 ? samples[side] : rowsOfValues(bench, samples, seed, part, side);
    await sides[side].load([wantedFor(seed.condition, side), ...wanted[side]]);
  }
  const { left, right } = sides;
  const codes = { left: codesOf(seed.condition, 'left', left), right: codesOf(seed.condition, 'right', right) };
  const { pairs, out } = pairUp(codes.left, codes.right);
  const known = new Map<string, Ranges>();
  const ranges = (condition: Condition) => {
    const key = JSON.stringify(condition);
    let found = known.get(key);
    if (!found) known.set(key, (found = rangesOf(condition, left, right, samples.measure.scale)));
    return found;
  };
  // Rows that are not looked at count neither as found nor as not found.
  const rows = { left: left.size - out.left, right: right.size - out.right };
  return { left, right, rows, pairs, ranges, ...takeSure(pairs, left, right) };
}

/** All rows of a side that have one of the chosen values. */
function rowsOfValues(bench: Bench, samples: Samples, seed: Seed, part: number, side: SideName): SampleRows {
  const table = `${side}_all`;
  const source = (of: SideName) => benchSource(of, bench.columns(of), table);
  const terms = conditionSql(seed.condition, source('left'), source('right'), { left: table, right: table }).equal!;
  const kind = seed.kind === 'amount' ? 'DOUBLE' : 'VARCHAR';
  const from = `${table} WHERE hash(CAST(${terms[side]} AS ${kind})) % ${part} = 0`;
  return new SampleRows(bench, side, from, samples.measure, Math.ceil(bench.sides[side].rows / part));
}

/** All pairs of rows with the same code, those of the rarest codes where there are too many; `out`: rows that are left out. */
function pairUp(left: Int32Array, right: Int32Array): { pairs: Pairs; out: Record<SideName, number> } {
  const most = Math.max(left.reduce(greater, 0), right.reduce(greater, 0)) + 1;
  const [ofLeft, ofRight] = [tally(left, most), tally(right, most)];
  const shared: number[] = [];
  let count = 0;
  for (let code = 1; code < most; code++) {
    if (ofLeft[code] === 0 || ofRight[code] === 0) continue;
    shared.push(code);
    count += ofLeft[code]! * ofRight[code]!;
  }
  const out = { left: 0, right: 0 };
  if (count > MOST_PAIRS) {
    const size = (code: number) => ofLeft[code]! * ofRight[code]!;
    shared.sort((a, b) => size(a) - size(b) || a - b);
    count = 0;
    let room = MOST_PAIRS;
    for (const code of shared) {
      room -= size(code);
      if (room >= 0) {
        count += size(code);
        continue;
      }
      out.left += ofLeft[code]!;
      out.right += ofRight[code]!;
      ofLeft[code] = 0;
      ofRight[code] = 0;
    }
  }
  // The right rows one code after the other.
  const from = new Int32Array(most + 1);
  for (let code = 1; code < most; code++) from[code + 1] = from[code]! + ofRight[code]!;
  const next = from.slice();
  const ordered = new Int32Array(from[most]!);
  for (let row = 0; row < right.length; row++) {
    const code = right[row]!;
    if (code !== 0 && ofRight[code] !== 0) ordered[next[code]!++] = row;
  }
  const pairs: Pairs = { left: new Int32Array(count), right: new Int32Array(count) };
  let at = 0;
  for (let row = 0; row < left.length; row++) {
    const code = left[row]!;
    if (code === 0 || ofLeft[code] === 0) continue;
    for (let other = from[code]!; other < from[code + 1]!; other++) {
      pairs.left[at] = row;
      pairs.right[at++] = ordered[other]!;
    }
  }
  return { pairs, out };
}

const greater = (a: number, b: number) => (a > b ? a : b);

/** How often each number is there. */
export function tally(numbers: Int32Array, most: number): Int32Array {
  const counts = new Int32Array(most);
  for (let at = 0; at < numbers.length; at++) counts[numbers[at]!]!++;
  return counts;
}

/** The sample with the pairs that meet a further condition; undefined where that loses too many rows. */
export async function narrow(sample: SeedSample, condition: Condition, least: number): Promise<SeedSample | undefined> {
  for (const side of SIDES) await sample[side].load([wantedFor(condition, side)]);
  const { low, high, value } = sample.ranges(condition);
  const { left, right } = sample.pairs;
  const holds = (_: number, at: number) =>
    value[right[at]!]! >= low[left[at]!]! && value[right[at]!]! <= high[left[at]!]!;
  const pairs: Pairs = { left: left.filter(holds), right: right.filter(holds) };
  if (different(pairs.left, sample.left.size) < different(left, sample.left.size) * least) return undefined;
  return { ...sample, pairs, ...takeSure(pairs, sample.left, sample.right) };
}

const different = (rows: Int32Array, size: number) =>
  tally(rows, size).reduce((n, count) => n + (count > 0 ? 1 : 0), 0);

function takeSure(pairs: Pairs, left: SampleRows, right: SampleRows): Pick<SeedSample, 'sure' | 'random' | 'unique'> {
  const ofLeft = tally(pairs.left, left.size);
  const ofRight = tally(pairs.right, right.size);
  const isAlone = (at: number) => ofLeft[pairs.left[at]!] === 1 && ofRight[pairs.right[at]!] === 1;
  const count = pairs.left.length;
  let alone = 0;
  for (let at = 0; at < count; at++) if (isAlone(at)) alone += 1;
  const unique = alone >= Math.min(20, count / 10) && alone > 0;
  const eligible = new Int32Array(unique ? alone : count);
  let next = 0;
  for (let at = 0; at < count; at++) if (!unique || isAlone(at)) eligible[next++] = at;
  const sure = byChance(eligible, pairs, left, right);
  return { sure, random: atRandom(sure), unique };
}

/** The left row of each pair with the right row of another one. */
export function atRandom({ left, right }: Pairs): Pairs {
  const shift = Math.max(1, Math.floor(left.length / 2) - 1);
  return { left, right: right.map((_, at) => right[(at + shift) % right.length]!) };
}

/** At most `SURE_PAIRS` of the given pairs in an order that says nothing, and is the same each time. */
export function byChance(chosen: Int32Array, { left, right }: Pairs, ofLeft: SampleRows, ofRight: SampleRows): Pairs {
  const dice = (at: number) => {
    let mixed =
      Math.imul(ofLeft.numbers[left[at]!]! ^ 0x51ed270b, 0x9e3779b1) ^
      Math.imul(ofRight.numbers[right[at]!]!, 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
    mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  // Of very many only those that the dice favour have to be put in order.
  const limit = chosen.length > 4 * SURE_PAIRS ? (2 ** 33 * SURE_PAIRS) / chosen.length : 2 ** 32;
  const favoured = Array.from(
    chosen.filter((at) => dice(at) < limit),
    (at) => ({ at, by: dice(at) }),
  );
  favoured.sort((a, b) => a.by - b.by || a.at - b.at);
  const taken = favoured.slice(0, SURE_PAIRS);
  return {
    left: Int32Array.from(taken, ({ at }) => left[at]!),
    right: Int32Array.from(taken, ({ at }) => right[at]!),
  };
}
