import type { Condition } from '@kalla/core';
import { agreementsOf, comparable, lift, nearnessOf, proof, withChosen, type Agreement } from './agreements.ts';
import type { Bench, Both } from './bench.ts';
import { beginningOf, equalOn, identityOf, type Candidate, type Seed } from './candidate.ts';
import type { ColumnFacts } from './column-facts.ts';
import { DENSE } from './density.ts';
import { takeNearest } from './nearest-pairs.ts';
import type { Pairs } from './pairs.ts';
import type { PairOverlap } from './reference-seeds.ts';
import { narrow, partOf, sampleBySeed } from './seed-sample.ts';
import type { Samples } from './take-sample.ts';
import { ambiguity, clarity, coverage, meeting, shuffleRight, trialOf, type Trial } from './try-rule.ts';

/** Rows with several partners up to this share are left to the pairing. */
const FEW = 0.01;
/** Rows with several partners from this share on are no accident. */
const MANY = 0.15;
/** Conditions beyond the seed that are added to tell partners apart. */
const MOST_CONDITIONS = 4;
/** A further condition may cost this share of the matched rows. */
const MAY_COST = 0.25;
/** A currency that agrees in fewer rows than this belongs to something else. */
const HALF = 0.5;
/** Values that meet by chance this often, with nothing else that agrees, are not worth another look. */
const HOPELESS = 0.85;

/** What a seed led to. */
export interface Grown {
  candidates: Candidate[];
  agreements: Agreement[];
}

/**
 * Makes rules of a seed: the fewest conditions that tell its partners apart, and the same with the amount, where amounts
 * agree. Each says how far it is from what chance would give.
 */
export async function growRule(
  bench: Bench,
  samples: Samples,
  seed: Seed,
  facts: Both<readonly ColumnFacts[]>,
  pairs: readonly PairOverlap[],
): Promise<Grown> {
  const beginning = beginningOf(seed);
  // With letters ignored anything numbered is alike.
  const letters = beginning.every((one) => one.kind === 'equal' && one.ignore.includes('letters'));
  const density = letters ? Math.max(seed.density, 0.9) : seed.density;
  // Counters of two files that are both in the order of their dates bring near dates together: only other agreements count there.
  const supportOf = (found: readonly Agreement[], conditions: readonly Condition[]) =>
    Math.max(
      0,
      ...found
        .filter(({ kind }) => kind !== 'date' || density <= DENSE)
        .map((agreement) => speaksFor(agreement, conditions)),
    );
  const part = partOf(bench);
  const columns = comparable(seed, facts, pairs);
  const { scale } = samples.measure;
  const look = async (size: number) => {
    await bench.pause();
    let taken = await sampleBySeed(bench, samples, seed, size, columns.wanted);
    const base: Condition[] = [];
    const some = taken.pairs.left.length > 0;
    // A currency belongs to every amount: equal amounts of different currencies are not equal.
    for (const currency of seed.kind === 'amount' && some ? currencies(pairs, facts) : []) {
      const narrowed = await narrow(taken, currency, HALF);
      if (!narrowed) continue;
      taken = narrowed;
      base.push(currency);
      break;
    }
    let found = some ? agreementsOf(taken, columns, facts, scale) : [];
    const nearness = taken.unique || !some ? {} : nearnessOf(found, facts);
    if (nearness.amount || nearness.day) {
      const { strangers, ...nearest } = takeNearest(taken, nearness, shuffleRight(taken));
      found = withChosen(agreementsOf({ ...taken, ...nearest }, columns, facts, scale), taken, strangers);
    }
    return { sample: taken, base, agreements: found, support: supportOf(found, []) };
  };
  const doubtful = seed.kind === 'reference' && density > DENSE;
  // What is probably chance is looked at in the small before every row is read for it.
  let seen = await look(doubtful ? 1 : part);
  if (seen.sample.pairs.left.length === 0) return { candidates: [], agreements: [] };
  if (doubtful && density * (1 - seen.support) > HOPELESS) return { candidates: [], agreements: [] };
  if (doubtful && part > 1) seen = await look(part);
  const { sample, base, agreements } = seen;
  const others = shuffleRight(sample);
  const start = trialOf(sample, sample.pairs);
  const worth = (trial: Trial) => coverage(trial, sample.rows) * clarity(trial);
  // Rows that the seed brings together and a further condition loses, on the side that loses more: of the payments of one
  // invoice all have to stay, though the invoice has a partner with one of them.
  const kept = (trial: Trial) => Math.min(trial.left / start.left, trial.right / start.right);
  const value = (trial: Trial) => kept(trial) * clarity(trial);

  const conditions: Condition[] = [...base];
  let met = await meeting(sample, sample.pairs, base);
  let trial = start;
  while (conditions.length < MOST_CONDITIONS && (ambiguity(trial) > FEW || seed.kind === 'amount')) {
    await bench.pause();
    const tried: { agreement: Agreement; met: Pairs; trial: Trial }[] = [];
    for (const agreement of agreements) {
      if (!isFree(agreement.condition, [...beginning, ...conditions])) continue;
      const further = await meeting(sample, met, [agreement.condition]);
      const next = trialOf(sample, further);
      if (kept(next) < kept(trial) * (1 - MAY_COST)) continue;
      tried.push({ agreement, met: further, trial: next });
    }
    tried.sort((a, b) => value(b.trial) - value(a.trial));
    const best = tried[0];
    const wanted =
      seed.kind === 'amount' && conditions.every(({ kind }) => kind !== 'date') && best && lift(best.agreement) > 0.2;
    if (!best || (value(best.trial) < value(trial) + FEW && !wanted)) break;
    conditions.push(best.agreement.condition);
    ({ met, trial } = best);
  }

  const candidates: Candidate[] = [];
  const add = async (extra: Condition[]) => {
    const list = [...beginning, ...extra];
    const done = trialOf(sample, await meeting(sample, sample.pairs, extra));
    if (done.pairs === 0) return;
    const support = supportOf(agreements, extra);
    const chance = extra.length > 0 ? trialOf(sample, await meeting(sample, sample.pairs, extra, others)) : undefined;
    const byChance = chance
      ? Math.min(1, coverage(chance, sample.rows) / Math.max(coverage(done, sample.rows), 1e-9))
      : 1;
    // Chance has to give both: the value itself, and all that is asked for besides.
    const evidence = 1 - Math.min(1, density) * byChance * (1 - support);

    candidates.push({
      seed,
      conditions: list,
      pairing: pairingOf(done),
      evidence,
      agreements,
      seedClarity: clarity(start),
      estimate: worth(done) * evidence,
    });
  };
  await add(conditions);
  for (const agreement of agreements.filter(({ kind }) => kind === 'amount')) {
    const free = isFree(agreement.condition, [...beginning, ...conditions]);
    if (seed.kind === 'amount' || !free || lift(agreement) < 0.3) continue;
    const currency = currencies(pairs, facts).find(
      (code) =>
        agreements.some((one) => sameColumns(one.condition, code) && one.share > HALF) && isFree(code, conditions),
    );
    await add([...conditions, agreement.condition, ...(currency ? [currency] : [])]);
    if (candidates.length >= 3) break;
  }
  return { candidates: unique(candidates), agreements };
}

/** How much an agreement speaks for a rule that does not ask for it, and cannot be chance. */
function speaksFor(agreement: Agreement, conditions: readonly Condition[]): number {
  const own = conditions.some(
    (one) => one.left === agreement.condition.left && one.right === agreement.condition.right,
  );
  if (own || agreement.filled < 0.1) return 0;
  return agreement.kind === 'date' ? lift(proof(agreement)) * 0.8 : lift(proof(agreement));
}

/** A column is compared once. */
const isFree = ({ left, right }: Condition, conditions: readonly Condition[]) =>
  conditions.every((one) => one.left !== left && one.right !== right);
const sameColumns = (a: Condition, b: Condition) => a.left === b.left && a.right === b.right;

/** Equalities of columns of three capital letters that have codes in common, the surest first. */
function currencies(pairs: readonly PairOverlap[], facts: Both<readonly ColumnFacts[]>): Condition[] {
  return pairs
    .filter(({ left, right }) => facts.left[left]!.code && facts.right[right]!.code)
    .map(({ left, right }) => equalOn(left, right));
}

/** One payment for several invoices: where only one side has several partners and nothing tells them apart, every pair counts. */
function pairingOf(trial: Trial): 'once' | 'every' {
  const share = (count: number, rows: number) => (rows > 0 ? count / rows : 0);
  const [left, right] = [share(trial.ambiguousLeft, trial.left), share(trial.ambiguousRight, trial.right)];
  const leftMany = left > MANY && right < left / 5;
  const rightMany = right > MANY && left < right / 5;
  return leftMany || rightMany ? 'every' : 'once';
}

function unique(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return candidates.filter(({ conditions, pairing }) => {
    const identity = identityOf(conditions, pairing);
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
}
