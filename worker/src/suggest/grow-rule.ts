import type { Condition } from '@kalla/core';
import { agreementsOf, columnsOf, lift, type Agreement } from './agreements.ts';
import type { Bench, SideName } from './bench.ts';
import { identityOf, type Candidate, type Seed } from './candidate.ts';
import type { ColumnFacts } from './column-facts.ts';
import { DENSE } from './density.ts';
import { partOf, sampleBySeed } from './seed-sample.ts';
import type { PairOverlap } from './reference-seeds.ts';
import { ambiguity, coverage, shuffleRight, tryRule, type Trial } from './try-rule.ts';

/** Rows with several partners up to this share are left to the pairing. */
const FEW = 0.01;
/** Conditions beyond the seed that are added to tell partners apart. */
const MOST_CONDITIONS = 4;
/** A further condition may cost this share of the matched rows. */
const MAY_COST = 0.25;
/** Values that meet by chance this often, with nothing else that agrees, are not worth another look. */
const HOPELESS = 0.85;

type Both<T> = Readonly<Record<SideName, T>>;

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
  seed: Seed,
  facts: Both<readonly ColumnFacts[]>,
  pairs: readonly PairOverlap[],
): Promise<Grown> {
  // With letters ignored anything numbered is alike.
  const letters = seed.condition.kind === 'equal' && seed.condition.ignore.includes('letters');
  const density = letters ? Math.max(seed.density, 0.9) : seed.density;
  const part = partOf(bench);
  const look = async (size: number) => {
    const taken = await sampleBySeed(bench, seed, size);
    const found = taken.pairs > 0 ? await agreementsOf(bench, seed, taken, facts, pairs) : [];
    return { sample: taken, agreements: found, support: Math.max(0, ...found.map((one) => supportOf(one, []))) };
  };
  const doubtful = seed.kind === 'reference' && density > DENSE;
  // What is probably chance is looked at in the small before every row is read for it.
  let seen = await look(doubtful ? 1 : part);
  if (seen.sample.pairs === 0) return { candidates: [], agreements: [] };
  if (doubtful && density * (1 - seen.support) > HOPELESS) return { candidates: [], agreements: [] };
  if (doubtful && part > 1) seen = await look(part);
  const { sample, agreements } = seen;
  await shuffleRight(bench, sample);
  const start = await tryRule(bench, []);
  const worth = (trial: Trial) => coverage(trial, sample.rows) * (1 - 0.6 * ambiguity(trial));

  const conditions: Condition[] = [];
  let trial = start;
  // A currency belongs to every amount: equal amounts of different currencies are not equal.
  for (const currency of seed.kind === 'amount' ? currencies(agreements, facts) : []) {
    const next = await tryRule(bench, [...conditions, currency.condition]);
    if (next.pairs < trial.pairs && coverage(next, sample.rows) >= coverage(trial, sample.rows) * 0.5) {
      conditions.push(currency.condition);
      trial = next;
      break;
    }
  }
  while (conditions.length < MOST_CONDITIONS && (ambiguity(trial) > FEW || seed.kind === 'amount')) {
    const tried: { agreement: Agreement; trial: Trial }[] = [];
    for (const agreement of agreements) {
      if (overlapsWith(agreement, conditions, seed)) continue;
      const next = await tryRule(bench, [...conditions, agreement.condition]);
      if (coverage(next, sample.rows) < coverage(trial, sample.rows) * (1 - MAY_COST)) continue;
      tried.push({ agreement, trial: next });
    }
    tried.sort((a, b) => worth(b.trial) - worth(a.trial));
    const best = tried[0];
    const wanted =
      seed.kind === 'amount' && conditions.every(({ kind }) => kind !== 'date') && best && lift(best.agreement) > 0.2;
    if (!best || (worth(best.trial) < worth(trial) + FEW && !wanted)) break;
    if (!wanted && worth(best.trial) <= worth(trial)) break;
    conditions.push(best.agreement.condition);
    trial = best.trial;
  }

  const candidates: Candidate[] = [];
  const add = async (extra: Condition[]) => {
    const list = [seed.condition, ...extra];
    const done = await tryRule(bench, extra);
    if (done.pairs === 0) return;
    const support = Math.max(0, ...agreements.map((agreement) => supportOf(agreement, extra)));
    const chance = extra.length > 0 ? await tryRule(bench, extra, true) : undefined;
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
      byChance: density * byChance,
      estimate: worth(done) * evidence,
    });
  };
  await add(conditions);
  for (const agreement of agreements.filter(({ kind }) => kind === 'amount')) {
    if (seed.kind === 'amount' || overlapsWith(agreement, conditions, seed) || lift(agreement) < 0.3) continue;
    const currency = currencies(agreements, facts).find((one) => !overlapsWith(one, conditions, seed));
    await add([...conditions, agreement.condition, ...(currency ? [currency.condition] : [])]);
    if (candidates.length >= 3) break;
  }
  return { candidates: unique(candidates), agreements };
}

/** What agrees besides the rule's own conditions, and cannot be chance, speaks for it. */
function supportOf(agreement: Agreement, conditions: readonly Condition[]): number {
  const own = conditions.some(
    (one) => one.left === agreement.condition.left && one.right === agreement.condition.right,
  );
  if (own || agreement.filled < 0.1) return 0;
  return agreement.kind === 'date' ? lift(agreement) * 0.8 : lift(agreement);
}

/** Amounts and dates of a column are compared once. */
function overlapsWith(agreement: Agreement, conditions: readonly Condition[], seed: Seed): boolean {
  const { left, right } = columnsOf(agreement);
  if (left === seed.left || right === seed.right) return true;
  return conditions.some((one) => one.left === agreement.condition.left || one.right === agreement.condition.right);
}

/** Columns of three capital letters that agree, the surest first. */
function currencies(agreements: readonly Agreement[], facts: Both<readonly ColumnFacts[]>): Agreement[] {
  return agreements.filter((agreement) => {
    const { left, right } = columnsOf(agreement);
    return facts.left[left]?.code && facts.right[right]?.code && agreement.share > 0.5;
  });
}

/** One payment for several invoices: where only one side has several partners and nothing tells them apart, every pair counts. */
function pairingOf(trial: Trial): 'once' | 'every' {
  const many = (count: number, rows: number) => rows > 0 && count / rows > 0.2;
  const few = (count: number, rows: number) => rows === 0 || count / rows < FEW;
  const leftMany = many(trial.ambiguousLeft, trial.left) && few(trial.ambiguousRight, trial.right);
  const rightMany = many(trial.ambiguousRight, trial.right) && few(trial.ambiguousLeft, trial.left);
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
