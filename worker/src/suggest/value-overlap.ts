import type { Ignorable } from '@kalla/core';
import { SIDES, type SideName } from './bench.ts';
import type { ColumnFacts } from './column-facts.ts';
import type { Samples } from './take-sample.ts';

/** Two columns with values in common, under what is ignored of their texts. */
export interface Overlap {
  left: number;
  right: number;
  ignore: Ignorable[];
  /** Different values that both samples have. */
  common: number;
  /** Rows of each sample with such a value. */
  leftRows: number;
  rightRows: number;
}

/** From nothing to everything but the digits. */
export const LEVELS: readonly Ignorable[][] = [
  [],
  ['case', 'spaces', 'punctuation', 'leading_zeros'],
  ['case', 'spaces', 'punctuation', 'letters', 'leading_zeros'],
];

/** Columns of a side that are compared with all of the other side; the most telling are taken. */
const MOST_COLUMNS = 60;

/** Which columns have values in common at the given levels: all values of one side are looked up among all of the other. */
export function valueOverlaps(
  samples: Samples,
  facts: Readonly<Record<SideName, readonly ColumnFacts[]>>,
  levels: readonly number[],
): Overlap[] {
  return levels.flatMap((level) => overlapsAt(samples, facts, level));
}

function overlapsAt(
  samples: Samples,
  facts: Readonly<Record<SideName, readonly ColumnFacts[]>>,
  level: number,
): Overlap[] {
  const ignore = LEVELS[level]!;
  const columns = {} as Record<SideName, number[]>;
  const values = {} as Record<SideName, Counted[]>;
  for (const side of SIDES) {
    columns[side] = comparable(facts[side])
      .filter((column) => levelsOf(column).includes(level))
      .map(({ index }) => index);
    const codes = columns[side].map((index) => samples[side].codes(index, ignore));
    values[side] = codes.map((list) => countsOf(list, samples.measure.texts.size + 1));
  }
  // Every value of the left side leads to the columns that hold it, one after the other.
  const first = new Int32Array(samples.measure.texts.size + 1).fill(-1);
  const entries = values.left.reduce((sum, { codes }) => sum + codes.length, 0);
  const [next, column, rows] = [new Int32Array(entries), new Int32Array(entries), new Int32Array(entries)];
  let entry = 0;
  values.left.forEach(({ codes, counts }, at) =>
    codes.forEach((code, place) => {
      next[entry] = first[code]!;
      column[entry] = at;
      rows[entry] = counts[place]!;
      first[code] = entry++;
    }),
  );
  return values.right.flatMap(({ codes, counts }, at) => {
    const found = columns.left.map(() => ({ common: 0, leftRows: 0, rightRows: 0 }));
    for (let place = 0; place < codes.length; place++) {
      for (let one = first[codes[place]!]!; one >= 0; one = next[one]!) {
        const pair = found[column[one]!]!;
        pair.common += 1;
        pair.leftRows += rows[one]!;
        pair.rightRows += counts[place]!;
      }
    }
    return found.flatMap((pair, of): Overlap[] =>
      pair.common > 0 ? [{ left: columns.left[of]!, right: columns.right[at]!, ignore, ...pair }] : [],
    );
  });
}

/** The different codes of a column and how many rows have each. */
interface Counted {
  codes: Int32Array;
  counts: Int32Array;
}

function countsOf(list: Int32Array, most: number): Counted {
  const tally = new Int32Array(most);
  const codes = new Int32Array(list.length);
  let different = 0;
  for (let row = 0; row < list.length; row++) {
    const code = list[row]!;
    if (code === 0) continue;
    if (tally[code] === 0) codes[different++] = code;
    tally[code]!++;
  }
  const kept = codes.slice(0, different);
  return { codes: kept, counts: kept.map((code) => tally[code]!) };
}

function comparable(facts: readonly ColumnFacts[]): ColumnFacts[] {
  return facts
    .filter(({ type, filled }) => filled > 0 && /^(u?int|text|uuid|decimal\(\d+,0\))/.test(type))
    .sort((a, b) => b.distinct - a.distinct || a.index - b.index)
    .slice(0, MOST_COLUMNS);
}

/** Numbers have no formatting to ignore, but a text on the other side may have: they take part in every level. */
function levelsOf({ family, digits }: ColumnFacts): number[] {
  if (family === 'number') return [0, 1, 2];
  return digits > 0 ? [0, 1, 2] : [0, 1];
}
