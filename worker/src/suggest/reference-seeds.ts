import type { Both, SideName } from './bench.ts';
import { equalOn, type Seed } from './candidate.ts';
import type { ColumnFacts } from './column-facts.ts';
import { chanceByDensity, DENSE } from './density.ts';
import { minimalIgnore } from './minimal-ignore.ts';
import type { Samples } from './take-sample.ts';
import { LEVELS, type Overlap } from './value-overlap.ts';

/** Seeds that are followed up; the others are told as pairs of columns only. */
const MOST = 5;
/** Letters are only ignored where that finds clearly more. */
const LETTERS_GAIN = 1.3;

/** One pair of columns with its overlap at each level. */
export interface PairOverlap {
  left: number;
  right: number;
  /** Common values at each level of `LEVELS`; 0 where there are none. */
  common: number[];
  /** Share of the rows that have a common value, of the side where it is greater, at the best level. */
  share: number;
  level: number;
}

/** Brings the levels of each pair of columns together, the strongest pairs first. */
export function pairOverlaps(
  overlaps: readonly Overlap[],
  facts: Both<readonly ColumnFacts[]>,
  rates: Both<number>,
): PairOverlap[] {
  const pairs = new Map<string, PairOverlap & { rows: { left: number; right: number }[] }>();
  for (const { left, right, ignore, common, leftRows, rightRows } of overlaps) {
    const key = `${left} ${right}`;
    const pair = pairs.get(key) ?? { left, right, common: LEVELS.map(() => 0), share: 0, level: 0, rows: [] };
    const level = LEVELS.indexOf(ignore);
    pair.common[level] = common;
    pair.rows[level] = { left: leftRows, right: rightRows };
    pairs.set(key, pair);
  }
  for (const pair of pairs.values()) {
    const [raw, loose, digits] = pair.common as [number, number, number];
    pair.level = loose > raw * 1.01 ? 1 : 0;
    if (digits > Math.max(raw, loose) * LETTERS_GAIN && digitsAreLong(facts, pair)) pair.level = 2;
    const rows = pair.rows[pair.level] ?? { left: 0, right: 0 };
    // A sample of the other side holds only its rate of the partners; rows that are there by many values are not scaled.
    const scaled = (own: SideName, other: SideName) => {
      const column = facts[own][pair[own]]!;
      const partner = facts[other][pair[other]]!;
      const unique = partner.filled > 0 ? partner.distinct / partner.filled : 0;
      const rate = unique > 0.5 ? rates[other] : 1;
      return Math.min(1, rows[own] / Math.max(1, column.filled) / rate);
    };
    pair.share = Math.max(scaled('left', 'right'), scaled('right', 'left'));
  }
  return [...pairs.values()].sort(
    (a, b) => weightOf(b, facts) - weightOf(a, facts) || a.left + a.right - b.left - b.right || a.left - b.left,
  );
}

/** The more values and the greater the share of rows, the better it joins. */
export function weightOf(pair: PairOverlap, facts: Both<readonly ColumnFacts[]>): number {
  const unlike = (side: SideName) => {
    const { distinct, filled } = facts[side][pair[side]]!;
    return filled > 0 ? distinct / filled : 0;
  };
  return pair.share * Math.sqrt(Math.max(unlike('left'), unlike('right')));
}

/**
 * Pairs of columns that tell rows apart well enough to join by, the strongest first, each with the fewest differences
 * ignored. One at a time: finding out what can be ignored costs, and the first is often enough.
 */
export async function* referenceSeeds(
  samples: Samples,
  pairs: readonly PairOverlap[],
  facts: Both<readonly ColumnFacts[]>,
  rates: Both<number>,
): AsyncGenerator<Seed> {
  let made = 0;
  // Counters meet counters: they are tried when nothing else is left.
  const dense: { pair: PairOverlap; density: number }[] = [];
  const used = { left: new Map<number, number>(), right: new Map<number, number>() };
  for (const pair of pairs) {
    if (made >= MOST) return;
    const weight = weightOf(pair, facts);
    if (!joins(facts.left[pair.left]!) || !joins(facts.right[pair.right]!) || weight < 0.01) continue;
    // The second best partner of a column is worth a try, the third is not.
    if ((used.left.get(pair.left) ?? 0) >= 2 || (used.right.get(pair.right) ?? 0) >= 2) continue;
    used.left.set(pair.left, (used.left.get(pair.left) ?? 0) + 1);
    used.right.set(pair.right, (used.right.get(pair.right) ?? 0) + 1);
    made += 1;
    const density = await chanceByDensity(samples, equalOn(pair.left, pair.right, LEVELS[pair.level]), rates);
    if (density > DENSE) dense.push({ pair, density });
    else yield await seedOf(samples, pair, weight, density);
  }
  for (const { pair, density } of dense) yield await seedOf(samples, pair, weightOf(pair, facts), density);
}

async function seedOf(samples: Samples, pair: PairOverlap, weight: number, density: number): Promise<Seed> {
  const { left, right, level, common } = pair;
  const ignore = level === 0 ? [] : await minimalIgnore(samples, left, right, LEVELS[level]!, common[level]!);
  return { kind: 'reference', left, right, condition: equalOn(left, right, ignore), weight, density };
}

/** Columns with a handful of values put thousands of rows together. */
const joins = ({ distinct, filled }: ColumnFacts) => filled > 0 && (filled <= 3 || distinct > Math.max(2, filled / 50));

function digitsAreLong(facts: Both<readonly ColumnFacts[]>, pair: PairOverlap): boolean {
  const long = (column: ColumnFacts) => column.family !== 'text' || (column.digits > 0.9 && column.length >= 4);
  return long(facts.left[pair.left]!) && long(facts.right[pair.right]!);
}
