import { textTerm, type EqualCondition, type Ignorable } from '@kalla/core';
import type { Bench } from './bench.ts';
import { columnName, SIDES } from './bench.ts';

type Extract = NonNullable<EqualCondition['extract']>;

/** How many different values two columns of the samples have in common under a way of comparing them. */
export async function commonValues(
  bench: Bench,
  left: number,
  right: number,
  ignore: readonly Ignorable[],
  extract?: Extract,
): Promise<number> {
  const values = SIDES.map((side) => {
    const index = side === 'left' ? left : right;
    const type = bench.columns(side)[index]!.type;
    const term = textTerm(columnName(index), type, ignore, extract?.side === side ? extract.pattern : undefined);
    return `SELECT DISTINCT ${term} AS v FROM ${side}_sample`;
  });
  const [common] = await bench.numbers(
    `SELECT count(*)::VARCHAR FROM (${values[0]}) l JOIN (${values[1]}) r ON l.v = r.v`,
  );
  return common!;
}

/** What is dropped first: what makes most different values alike. */
const ORDER: readonly Ignorable[] = ['letters', 'leading_zeros', 'punctuation', 'spaces', 'case'];
/** A difference that this share of the common values depends on is worth ignoring. */
const MATTERS = 0.01;

/** The fewest differences that have to be ignored for (nearly) as many common values as with all of `ignore`. */
export async function minimalIgnore(
  bench: Bench,
  left: number,
  right: number,
  ignore: readonly Ignorable[],
  common: number,
  extract?: Extract,
): Promise<Ignorable[]> {
  let kept = [...ignore];
  for (const kind of ORDER) {
    if (!kept.includes(kind)) continue;
    const fewer = kept.filter((one) => one !== kind);
    if ((await commonValues(bench, left, right, fewer, extract)) >= common * (1 - MATTERS)) kept = fewer;
  }
  return kept;
}
