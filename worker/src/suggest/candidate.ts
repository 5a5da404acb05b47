import type { Condition, EqualCondition, Ignorable } from '@kalla/core';
import type { Agreement } from './agreements.ts';
import { columnName } from './bench.ts';

/** What a rule begins with: columns whose equal values join the sides. They are called as in the bench. */
export interface Seed {
  kind: 'reference' | 'amount';
  left: number;
  right: number;
  condition: Condition;
  /** What has to be equal besides, where several columns join the sides only together. */
  also?: readonly Condition[];
  /** How much the samples have in common by it, for the order in which seeds are tried. */
  weight: number;
  /** How likely its values meet by chance, 0 to 1. */
  density: number;
}

/** A rule that was tried on a sample. */
export interface Candidate {
  seed: Seed;
  conditions: Condition[];
  pairing: 'once' | 'every';
  /** 0 to 1: how far from what chance would give. The rest is the share of the matches that chance alone could give. */
  evidence: number;
  /** How clear its seed alone makes which partner is meant, 0 to 1: 1 for a reference, less for a customer with many invoices. */
  seedClarity: number;
  /** What else agrees in the pairs of the seed. */
  agreements: readonly Agreement[];
  /** Expected score, for the order in which candidates are counted exactly. */
  estimate: number;
}

/** All that a rule which begins with a seed asks for at least. */
export const beginningOf = ({ condition, also = [] }: Pick<Seed, 'condition' | 'also'>): Condition[] => [
  condition,
  ...also,
];

/** `c3` = `c1` with what is ignored. */
export function equalOn(left: number, right: number, ignore: readonly Ignorable[] = []): EqualCondition {
  return { kind: 'equal', left: columnName(left), right: columnName(right), ignore: [...ignore] };
}

/** The index of a column of the bench by its name there. */
export const indexOf = (name: string) => (name === '_row' ? -1 : Number(name.slice(1)));

/** A rule in one word, for telling whether two are the same. */
export const identityOf = (conditions: readonly Condition[], pairing: string) =>
  JSON.stringify([[...conditions].map((condition) => JSON.stringify(condition)).sort(), pairing]);
