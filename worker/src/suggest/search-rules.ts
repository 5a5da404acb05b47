import type {
  ColumnProfile,
  KeyProposal,
  ProfiledSide,
  Proposal,
  RuleSource,
  Suggestions,
  WorkerSuggestRequest,
} from '@kalla/core';
import type { TaskContext } from '../task-contract.ts';
import { amountSeeds } from './amount-seeds.ts';
import { Bench, type Both, type SideName, SIDES } from './bench.ts';
import { beginningOf, identityOf, type Candidate, type Seed } from './candidate.ts';
import { columnFacts, roleOf, type ColumnFacts } from './column-facts.ts';
import { columnPairs } from './column-pairs.ts';
import { combinedSeeds } from './combined-seeds.ts';
import { ExactCounts } from './exact-counts.ts';
import { growRule, type Grown } from './grow-rule.ts';
import { makeProposal } from './make-proposal.ts';
import { commonValues } from './minimal-ignore.ts';
import { notesOf } from './notes.ts';
import { proposeKeys } from './propose-keys.ts';
import { pairOverlaps, referenceSeeds, type PairOverlap } from './reference-seeds.ts';
import type { BenchSource } from './staged-cache.ts';
import { takeSamples, type Samples } from './take-sample.ts';
import { textSeeds } from './text-seeds.ts';
import { clarity } from './try-rule.ts';
import { LEVELS, valueOverlaps, type Overlap } from './value-overlap.ts';

/**
 * A candidate that is no chance and this good makes looking at weaker beginnings needless, if its seed alone says which partner is
 * meant: what a customer and an amount find may be found better by a reference that nobody has looked for yet.
 */
const GOOD = 0.6;
const CERTAIN = 0.9;
const TELLING = 0.6;
/** Formats are looked at where ignoring them brings this much more. */
const MORE = 1.01;
/** Proposals below this would be guesses. */
const LEAST_SCORE = 0.12;
/** Where a row has so many partners that at most one in four can be the right one, most matches would be wrong. */
const LEAST_CLEAR = 0.25;
/** What is more likely chance than not is no proposal, whatever it matches. */
const LEAST_EVIDENCE = 0.5;
/** What promises less than this part of the best is no alternative to it. */
const WORTH = 0.3;
/** Rows that DuckDB reads on one core. */
const ROW_GROUP = 122_880;

/** The search itself: profile, pairs of columns, rules on samples, exact counts of the best. */
export async function searchRules(
  request: WorkerSuggestRequest,
  sides: Both<BenchSource>,
  context: TaskContext,
): Promise<Suggestions> {
  const staged = { left: sides.left.staged, right: sides.right.staged };
  await using bench = await Bench.open(staged, context);
  const samples = await takeSamples(bench);
  const rate = (side: SideName) => samples[side].size / Math.max(1, staged[side].rows);
  const rates = { left: rate('left'), right: rate('right') };
  const facts: Both<ColumnFacts[]> = {
    left: await columnFacts(bench, samples.left),
    right: await columnFacts(bench, samples.right),
  };
  const keys = {} as Record<SideName, KeyProposal[]>;
  for (const side of SIDES)
    keys[side] = await proposeKeys(bench, samples[side], facts[side], request[side].primary_key);
  const sources: Both<RuleSource> = {
    left: { alias: staged.left.alias, primary_key: keys.left[0]!.columns, columns: staged.left.columns },
    right: { alias: staged.right.alias, primary_key: keys.right[0]!.columns, columns: staged.right.columns },
  };

  const grown: Grown[] = [];
  const certain = () =>
    grown
      .flatMap(({ candidates }) => candidates)
      .filter(({ evidence, seedClarity }) => evidence >= CERTAIN && seedClarity >= TELLING)
      .reduce<Candidate | undefined>((best, one) => (best && best.estimate >= one.estimate ? best : one), undefined);
  const best = () => certain()?.estimate ?? 0;
  const tried = new Set<string>();
  let pairs: PairOverlap[] = [];
  const follow = async (seeds: AsyncIterable<Seed> | readonly Seed[]) => {
    for await (const seed of seeds) {
      // A beginning that can cover less than what is there already is not followed.
      if (best() >= GOOD && seed.weight < 0.5) return;
      const identity = JSON.stringify(beginningOf(seed));
      if (tried.has(identity)) continue;
      tried.add(identity);
      grown.push(await growRule(bench, samples, seed, facts, pairs));
    }
  };
  // What is cheap to find comes first, and what is found with certainty ends the search.
  const overlaps: Overlap[] = [];
  for (const levels of [[0], [1, 2]]) {
    if (best() >= GOOD && !(await formatsHide(samples, certain()!.seed, pairs))) break;
    overlaps.push(...valueOverlaps(samples, facts, levels));
    pairs = pairOverlaps(overlaps, facts, rates);
    await follow(referenceSeeds(samples, pairs, facts, rates));
  }
  if (best() < GOOD) await follow(await textSeeds(samples, facts, rates));
  const found = () => grown.some(({ candidates }) => candidates.some(isGood));
  if (!found()) {
    const led = grown.flatMap(({ candidates }) => candidates.slice(0, 1).map(({ seed }) => seed));
    for (const seed of await combinedSeeds(samples, pairs, facts, rates, led)) {
      if (best() < GOOD) await follow([seed]);
    }
  }
  // What is joined by a reference is found no better by amounts alone, which hundreds of rows may share.
  if (!found()) await follow(await amountSeeds(samples, facts, rates));

  const proposals = await countBest(
    bench,
    grown.flatMap(({ candidates }) => candidates),
    keys,
    sources,
    request,
  );
  return {
    proposals,
    column_pairs: columnPairs(pairs, grown, facts),
    left: profiled('left', bench, facts.left, keys.left, samples.left.size),
    right: profiled('right', bench, facts.right, keys.right, samples.right.size),
    notes: notesOf(request, sides, facts, proposals.length, currenciesOf(samples, facts)),
  };
}

/** A rule of one reference and what was added to it: several columns together, and amounts, are looked at where there is none. */
const isGood = ({ evidence, estimate }: Candidate) => evidence >= CERTAIN && estimate >= GOOD;

/** Whether the columns of a seed have clearly more values in common when they are not compared letter by letter. */
async function formatsHide(
  samples: Samples,
  { left, right, condition }: Seed,
  pairs: readonly PairOverlap[],
): Promise<boolean> {
  if (condition.kind !== 'equal' || condition.ignore.length > 0) return false;
  const asTheyStand = pairs.find((pair) => pair.left === left && pair.right === right)?.common[0] ?? 0;
  return (await commonValues(samples, left, right, LEVELS[1]!)) > asTheyStand * MORE;
}

const ruleOf = ({ conditions, pairing }: Candidate) => ({ conditions, pairing });

/** Counts the most promising candidates exactly and orders them by what that shows. */
async function countBest(
  bench: Bench,
  candidates: readonly Candidate[],
  keys: Both<readonly KeyProposal[]>,
  sources: Both<RuleSource>,
  request: WorkerSuggestRequest,
): Promise<Proposal[]> {
  const indexes = (side: SideName) =>
    keys[side][0]!.columns.map((name) => bench.columns(side).findIndex((column) => column.name === name));
  const ranked = candidates
    .filter(({ evidence }) => evidence >= LEAST_EVIDENCE)
    .sort((a, b) => b.estimate - a.estimate || a.conditions.length - b.conditions.length);
  const seen = new Set<string>();
  const worthwhile = ranked.filter(({ conditions, pairing, estimate }) => {
    const identity = identityOf(conditions, pairing);
    if (seen.has(identity) || estimate < Math.max(LEAST_SCORE, ranked[0]!.estimate * WORTH)) return false;
    seen.add(identity);
    return true;
  });
  // A query over few rows keeps one core busy, so two are asked at once.
  const few = SIDES.every((side) => bench.sides[side].rows <= ROW_GROUP);
  const counters = (few ? SIDES.map((side) => bench.over(side)) : [bench]).map(
    (connection) => new ExactCounts(connection, { left: indexes('left'), right: indexes('right') }, candidates),
  );
  const proposals: Proposal[] = [];
  while (worthwhile.length > 0 && proposals.length < request.limit) {
    const next = worthwhile.splice(0, Math.min(counters.length, request.limit - proposals.length));
    const found = await Promise.all(next.map((candidate, at) => counters[at]!.of(ruleOf(candidate))));
    next.forEach((candidate, at) => {
      const counted = found[at];
      if (!counted || counted.counts.matched === 0 || clarity(counted.possible) < LEAST_CLEAR) return;
      const proposal = makeProposal(candidate, counted, bench, sources, request);
      if (proposal.score >= LEAST_SCORE) proposals.push(proposal);
    });
  }
  return proposals.sort((a, b) => b.score - a.score || a.rule.conditions.length - b.rule.conditions.length);
}

/** The codes in each column of three capital letters, the most frequent first. */
function currenciesOf(samples: Samples, facts: Both<readonly ColumnFacts[]>) {
  const found: { side: SideName; column: string; codes: string[] }[] = [];
  for (const side of SIDES) {
    for (const { index, name, code, distinct } of facts[side]) {
      if (!code || distinct < 2 || distinct > 60) continue;
      const { text, starts, ends } = samples[side].texts(index);
      const counts = new Map<string, number>();
      starts.forEach((start, row) => {
        const value = text.slice(start, ends[row]);
        if (value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
      });
      const codes = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([value]) => value);
      found.push({ side, column: name, codes: codes.slice(0, 8) });
    }
  }
  return found;
}

function profiled(
  side: SideName,
  bench: Bench,
  facts: readonly ColumnFacts[],
  keys: KeyProposal[],
  sample: number,
): ProfiledSide {
  const { alias, rows, columns } = bench.sides[side];
  return {
    alias,
    rows,
    columns: columns.map((column, index): ColumnProfile => {
      const fact = facts[index]!;
      return {
        ...column,
        nulls: fact.nulls,
        // Of a sample the number of different values says nothing about the whole.
        ...(sample === rows ? { distinct: fact.distinct } : {}),
        role: keys[0]?.columns.length === 1 && keys[0].columns[0] === column.name ? 'key' : roleOf(fact),
      };
    }),
    keys,
  };
}
