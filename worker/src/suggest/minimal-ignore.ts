import type { EqualCondition, Ignorable } from '@kalla/core';
import { SIDES } from './bench.ts';
import type { Samples } from './take-sample.ts';

type Extract = NonNullable<EqualCondition['extract']>;

/** How many different values two columns of the samples have in common under a way of comparing them. */
export async function commonValues(
  samples: Samples,
  left: number,
  right: number,
  ignore: readonly Ignorable[],
  extract?: Extract,
): Promise<number> {
  for (const side of SIDES) {
    const index = side === 'left' ? left : right;
    const pattern = extract?.side === side ? extract.pattern : undefined;
    await samples[side].load([{ kind: 'text', index, ...(pattern === undefined ? {} : { pattern }) }]);
  }
  const codes = (side: 'left' | 'right') =>
    samples[side].codes(side === 'left' ? left : right, ignore, extract?.side === side ? extract.pattern : undefined);
  const [ofLeft, ofRight] = [codes('left'), codes('right')];
  const seen = new Uint8Array(samples.measure.texts.size + 1);
  for (let row = 0; row < ofLeft.length; row++) seen[ofLeft[row]!] = 1;
  let common = 0;
  for (let row = 0; row < ofRight.length; row++) {
    const code = ofRight[row]!;
    if (code === 0 || seen[code] !== 1) continue;
    seen[code] = 2;
    common += 1;
  }
  return common;
}

/** What is dropped first: what makes most different values alike. */
const ORDER: readonly Ignorable[] = ['letters', 'leading_zeros', 'punctuation', 'spaces', 'case'];
/** A difference that this share of the common values depends on is worth ignoring. */
const MATTERS = 0.01;

/** The fewest differences that have to be ignored for (nearly) as many common values as with all of `ignore`. */
export async function minimalIgnore(
  samples: Samples,
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
    if ((await commonValues(samples, left, right, fewer, extract)) >= common * (1 - MATTERS)) kept = fewer;
  }
  return kept;
}
