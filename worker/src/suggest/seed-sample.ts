import { conditionSql, type Condition } from '@kalla/core';
import { benchSource, SIDES, type Bench, type SideName } from './bench.ts';
import { beginningOf, type Seed } from './candidate.ts';
import { codesOf, rangesOf, wantedFor, type Ranges } from './condition-ranges.ts';
import { jointCodes } from './joint-codes.ts';
import { inOrderOfChance, mixed } from './order-of-chance.ts';
import { keep, MOST_PAIRS, pairUp, tally, type Pairs } from './pairs.ts';
import { SampleRows, type Wanted } from './sample-rows.ts';
import { sampleRows, type Samples } from './take-sample.ts';

/** Pairs that columns are compared on. */
export const SURE_PAIRS = 4000;
/** Pairs at random that they are held against, about, and how many times a row takes part: what chance gives is known better. */
const RANDOM_PAIRS = 8000;
const MOST_ROUNDS = 8;
/** Rows of a sample that share a value. */
const MOST_ALIKE = 2000;

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
  /** Pairs of the same rows that do not belong together. */
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
  const beginning = beginningOf(seed);
  for (const side of SIDES) {
    sides[side] = part === 1 ? samples[side] : rowsOfValues(bench, samples, seed, part, side);
    await sides[side].load([...beginning.map((condition) => wantedFor(condition, side)), ...wanted[side]]);
  }
  const { left, right } = sides;
  const codes = jointCodes(beginning, sides);
  const { pairs, out } = pairUp(codes.left, codes.right, seed.kind === 'amount' ? MOST_PAIRS / 2 : MOST_PAIRS);
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

/** All rows of a side that have one of the chosen values, or combinations of values. */
function rowsOfValues(bench: Bench, samples: Samples, seed: Seed, part: number, side: SideName): SampleRows {
  const table = `${side}_all`;
  const source = (of: SideName) => benchSource(of, bench.columns(of), table);
  const [term, ...more] = beginningOf(seed).map(
    (condition) => conditionSql(condition, source('left'), source('right'), { left: table, right: table }).equal![side],
  );
  const kind = seed.kind === 'amount' ? 'DOUBLE' : 'VARCHAR';
  const values = [term!, ...more].map((one) => `CAST(${one} AS ${kind})`).join(', ');
  const chosen = `hash(${values}) % ${part} = 0`;
  if (more.length > 0)
    return new SampleRows(bench, side, `${table} WHERE ${chosen}`, samples.measure, mostRows(bench, side, part));
  // A value that very many rows share makes more pairs than are looked at, and need not be read.
  const codes = codesOf(seed.condition, side, samples[side]);
  const shared = tally(codes, codes.reduce(greater, 0) + 1).some((count, code) => code > 0 && count > MOST_ALIKE);
  const from = `${table} WHERE ${chosen}${shared ? ` AND ${term!} NOT IN (${alikeIn(bench, seed, side)})` : ''}`;
  return new SampleRows(bench, side, from, samples.measure, mostRows(bench, side, part));
}

const mostRows = (bench: Bench, side: SideName, part: number) => Math.ceil(bench.sides[side].rows / part);

/** A query of the values that very many rows of the sample share. */
function alikeIn(bench: Bench, seed: Seed, side: SideName): string {
  const table = `${side}_sample`;
  const source = (of: SideName) => benchSource(of, bench.columns(of), table);
  const { equal } = conditionSql(seed.condition, source('left'), source('right'), { left: table, right: table });
  const values = `SELECT ${equal![side]} AS k FROM ${table}`;
  return `SELECT k FROM (${values}) WHERE k IS NOT NULL GROUP BY k HAVING count(*) > ${MOST_ALIKE}`;
}

const greater = (a: number, b: number) => (a > b ? a : b);

/** The sample with the pairs that meet a further condition; undefined where that loses too many rows. */
export async function narrow(sample: SeedSample, condition: Condition, least: number): Promise<SeedSample | undefined> {
  for (const side of SIDES) await sample[side].load([wantedFor(condition, side)]);
  const pairs = keep(sample.pairs, sample.ranges(condition));
  const size = sample.left.size;
  if (different(pairs.left, size) < different(sample.pairs.left, size) * least) return undefined;
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

/** The left row of each pair with the right rows of others: of one other where there are many pairs, of several of a few. */
export function atRandom({ left, right }: Pairs): Pairs {
  const count = left.length;
  const rounds = Math.max(1, Math.min(MOST_ROUNDS, Math.floor(RANDOM_PAIRS / Math.max(1, count)), count - 1));
  const random: Pairs = { left: new Int32Array(count * rounds), right: new Int32Array(count * rounds) };
  for (let round = 0; round < rounds; round++) {
    const shift = Math.max(1, Math.floor((count * (round + 1)) / (rounds + 1)));
    for (let at = 0; at < count; at++) {
      random.left[round * count + at] = left[at]!;
      random.right[round * count + at] = right[(at + shift) % count]!;
    }
  }
  return random;
}

/** At most `SURE_PAIRS` of the given pairs in an order that says nothing, and is the same each time. */
export function byChance(chosen: Int32Array, { left, right }: Pairs, ofLeft: SampleRows, ofRight: SampleRows): Pairs {
  const dice = (at: number) => mixed(ofLeft.numbers[left[at]!]!, ofRight.numbers[right[at]!]!);
  // Of very many only those that the dice favour have to be put in order.
  const limit = chosen.length > 4 * SURE_PAIRS ? (2 ** 33 * SURE_PAIRS) / chosen.length : 2 ** 32;
  const favoured = chosen.filter((at) => dice(at) < limit);
  const order = inOrderOfChance(favoured.length, (place) => dice(favoured[place]!)).subarray(0, SURE_PAIRS);
  return {
    left: order.map((place) => left[favoured[place]!]!),
    right: order.map((place) => right[favoured[place]!]!),
  };
}
