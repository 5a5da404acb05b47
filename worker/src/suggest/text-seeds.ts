import type { EqualCondition, Ignorable } from '@kalla/core';
import { type Both, columnName, otherSide, type SideName, SIDES } from './bench.ts';
import type { Seed } from './candidate.ts';
import type { ColumnFacts } from './column-facts.ts';
import { chanceByDensity } from './density.ts';
import { learnPattern } from './learn-pattern.ts';
import { commonValues, minimalIgnore } from './minimal-ignore.ts';
import { inOrderOfChance, mixed } from './order-of-chance.ts';
import type { Samples } from './take-sample.ts';
import type { TextColumn } from './joined-column.ts';

const MOST_TEXTS = 4;
const MOST_REFERENCES = 4;
const EXAMPLES = 2000;
/** Values that have to be found before a pattern is believed. */
const LEAST_FOUND = 3;
const LOOSE: readonly Ignorable[] = ['case', 'spaces', 'punctuation', 'leading_zeros'];

/** A reference of one side that may stand in a text of the other, the `holder`, and what the references look like. */
interface Attempt {
  holder: SideName;
  text: ColumnFacts;
  reference: ColumnFacts;
  learned: { strict: string; loose: string };
}

/** References of one side that stand inside a longer text of the other side, found by what the references look like. */
export async function textSeeds(
  samples: Samples,
  facts: Both<readonly ColumnFacts[]>,
  rates: Both<number>,
): Promise<Seed[]> {
  const attempts: Attempt[] = [];
  for (const holder of SIDES) {
    const other = otherSide(holder);
    const references = facts[other].filter(isReference).sort(byDistinct).slice(0, MOST_REFERENCES);
    const texts = facts[holder].filter(
      ({ family, distinct, digits }) => family === 'text' && distinct > 1 && digits > 0.05,
    );
    for (const reference of references) {
      const longer = texts
        .filter(({ length }) => length > referenceLength(reference) + 1)
        .sort((a, b) => b.length - a.length)
        .slice(0, MOST_TEXTS);
      if (longer.length === 0) continue;
      const learned = learnPattern(examplesOf(samples, other, reference.index));
      if (learned) attempts.push(...longer.map((text) => ({ holder, text, reference, learned })));
    }
  }
  // What is cut out of all texts of a side is read in one go, and both sides at once.
  await Promise.all(
    SIDES.map((side) =>
      samples[side].load(
        attempts
          .filter(({ holder }) => holder === side)
          .map(({ text, learned }) => ({ kind: 'text', index: text.index, pattern: learned.loose })),
      ),
    ),
  );
  const seeds: Seed[] = [];
  for (const attempt of attempts) {
    const seed = await tryPattern(samples, attempt, rates);
    if (seed) seeds.push(seed);
  }
  return seeds.sort((a, b) => b.weight - a.weight).slice(0, 3);
}

async function tryPattern(
  samples: Samples,
  { holder, text, reference, learned }: Attempt,
  rates: Both<number>,
): Promise<Seed | undefined> {
  const [left, right] = holder === 'left' ? [text.index, reference.index] : [reference.index, text.index];
  const attempt = async (pattern: string, ignore: readonly Ignorable[]) => ({
    pattern,
    common: await commonValues(samples, left, right, ignore, { side: holder, pattern, example: '' }),
  });
  const loose = await attempt(learned.loose, LOOSE);
  if (loose.common < Math.min(LEAST_FOUND, Math.max(1, reference.distinct))) return undefined;
  const strict = await attempt(learned.strict, []);
  const plain = strict.common >= loose.common * 0.99;
  const pattern = plain ? learned.strict : learned.loose;
  const extract = { side: holder, pattern, example: '' };
  const ignore = plain ? [] : await minimalIgnore(samples, left, right, LOOSE, loose.common, extract);
  const example = exampleOf(samples, holder, text.index, pattern);
  const condition: EqualCondition = {
    kind: 'equal',
    left: columnName(left),
    right: columnName(right),
    ignore,
    extract: { ...extract, example },
  };
  const share = Math.min(
    1,
    loose.common / Math.max(1, Math.min(text.distinct, reference.distinct)) / rates[otherSide(holder)],
  );
  return {
    kind: 'reference',
    left,
    right,
    condition,
    weight: share,
    density: await chanceByDensity(samples, condition, rates),
  };
}

/** Different values of a column, in an order of chance. */
function examplesOf(samples: Samples, side: SideName, index: number): string[] {
  const rows = samples[side];
  const codes = rows.codes(index);
  const seen = new Uint8Array(samples.measure.texts.size + 1);
  const first: number[] = [];
  codes.forEach((code, row) => {
    if (code === 0 || seen[code] === 1) return;
    seen[code] = 1;
    first.push(row);
  });
  const { text, starts, ends } = rows.texts(index);
  const order = inOrderOfChance(first.length, (place) => mixed(rows.numbers[first[place]!]!, index));
  return Array.from(order.subarray(0, EXAMPLES), (place) => text.slice(starts[first[place]!], ends[first[place]!]));
}

/** What the pattern cuts out of the first text that holds it. */
function exampleOf(samples: Samples, side: SideName, index: number, pattern: string): string {
  const [whole, cut] = [samples[side].texts(index), samples[side].texts(index, pattern)];
  const piece = ({ text, starts, ends }: TextColumn, row: number) => text.slice(starts[row], ends[row]);
  for (let row = 0; row < samples[side].size; row++) {
    const found = piece(cut, row);
    if (found !== '' && found !== piece(whole, row)) return found.slice(0, 200);
  }
  return '';
}

const byDistinct = (a: ColumnFacts, b: ColumnFacts) => b.distinct - a.distinct || a.index - b.index;
const referenceLength = ({ family, length }: ColumnFacts) => (family === 'text' ? length : 4);

/** Values that name something: many different ones, short, with digits. */
function isReference({ family, type, filled, distinct, length, digits, spaced }: ColumnFacts): boolean {
  if (filled === 0 || distinct < filled * 0.2) return false;
  if (family === 'number') return /^u?int/.test(type);
  return family === 'text' && digits > 0.8 && length >= 3 && length <= 40 && spaced < 0.7;
}
