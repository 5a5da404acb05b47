import type { ColumnPair } from '@kalla/core';
import { columnsOf, lift, proof } from './agreements.ts';
import type { Both } from './bench.ts';
import { beginningOf, indexOf } from './candidate.ts';
import { isCategory, roleOf, type ColumnFacts } from './column-facts.ts';
import type { Grown } from './grow-rule.ts';
import { number, percent } from './messages.ts';
import type { PairOverlap } from './reference-seeds.ts';

const MOST = 30;

/** Columns that seem to hold the same thing, the surest first: by what rows that belong together agree in, else by values. */
export function columnPairs(
  pairs: readonly PairOverlap[],
  grown: readonly Grown[],
  facts: Both<readonly ColumnFacts[]>,
): ColumnPair[] {
  const found = new Map<string, ColumnPair>();
  const add = (left: number, right: number, pair: Pick<ColumnPair, 'kind' | 'score' | 'reasons'>) => {
    const key = `${left} ${right}`;
    const known = found.get(key);
    if (known && known.score >= pair.score) return;
    const score = Math.round(Math.max(0, Math.min(1, pair.score)) * 1000) / 1000;
    found.set(key, { left: facts.left[left]!.name, right: facts.right[right]!.name, ...pair, score });
  };
  for (const { candidates, agreements } of grown) {
    const trust = Math.max(0, ...candidates.map(({ estimate }) => estimate));
    for (const agreement of agreements.map(proof)) {
      const { left, right } = columnsOf(agreement);
      add(left, right, {
        kind: agreement.kind,
        score: lift(agreement) * trust,
        reasons: [`Agree in ${percent(agreement.share)} of the pairs, by chance in ${percent(agreement.chance)}.`],
      });
    }
    for (const { seed, evidence, estimate } of candidates) {
      const beginning = beginningOf(seed);
      for (const { kind, left, right } of beginning) {
        add(indexOf(left), indexOf(right), {
          kind: kind === 'equal' ? 'reference' : kind,
          score: Math.min(evidence, Math.max(estimate, seed.weight)),
          reasons: [beginning.length === 1 ? 'Join the two sides.' : 'Join the two sides together with others.'],
        });
      }
    }
  }
  for (const pair of pairs) {
    if (pair.share < 0.05) continue;
    const [left, right] = [facts.left[pair.left]!, facts.right[pair.right]!];
    const kind = isCategory(left) || isCategory(right) ? 'category' : roleOf(left) === 'text' ? 'name' : 'reference';
    const common = pair.common[pair.level]!;
    const weight = kind === 'category' ? 0.3 : 0.5;
    add(pair.left, pair.right, {
      kind,
      score: pair.share * weight,
      reasons: [`${number(common)} ${common === 1 ? 'value' : 'values'} in common.`],
    });
  }
  return [...found.values()].sort((a, b) => b.score - a.score).slice(0, MOST);
}
