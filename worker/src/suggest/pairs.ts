import type { SideName } from './bench.ts';
import type { Ranges } from './condition-ranges.ts';

/** Pairs that are looked at; of values that many rows share the rarest are taken. */
export const MOST_PAIRS = 400_000;

/** Pairs of rows, by their places in the samples. */
export interface Pairs {
  left: Int32Array;
  right: Int32Array;
}

/**
 * All pairs of rows with the same code, those of the rarest codes where there are more than `mostPairs`.
 *
 * @returns `out`: rows that are left out.
 */
export function pairUp(
  left: Int32Array,
  right: Int32Array,
  mostPairs = MOST_PAIRS,
): { pairs: Pairs; out: Record<SideName, number> } {
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
  if (count > mostPairs) {
    const size = (code: number) => ofLeft[code]! * ofRight[code]!;
    shared.sort((a, b) => size(a) - size(b) || a - b);
    count = 0;
    let room = mostPairs;
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

/** The pairs that a condition holds for; with `others` it is asked of another right row. */
export function keep({ left, right }: Pairs, { low, high, value }: Ranges, others?: Int32Array): Pairs {
  const places = new Int32Array(left.length);
  // What the other row has, row by row, is looked up once and not for each of its pairs.
  const values = others === undefined ? value : others.map((other) => value[other]!);
  let count = 0;
  for (let at = 0; at < left.length; at++) {
    const row = left[at]!;
    const is = values[right[at]!]!;
    // Written in any case and kept by the count: no branch that is taken half of the time.
    places[count] = at;
    count += Number(is >= low[row]!) & Number(is <= high[row]!);
  }
  const kept: Pairs = { left: new Int32Array(count), right: new Int32Array(count) };
  for (let at = 0; at < count; at++) {
    kept.left[at] = left[places[at]!]!;
    kept.right[at] = right[places[at]!]!;
  }
  return kept;
}
