import {
  describeRule,
  type ColumnPair,
  type ColumnProfile,
  type KeyProposal,
  type Note,
  type ProfiledSide,
  type Proposal,
  type Rule,
  type RuleSource,
  type Suggestions,
  type WorkerSuggestRequest,
} from '@kalla/core';
import type { TaskContext } from '../task-contract.ts';
import { Bench, SIDES, type SideName } from './bench.ts';
import { columnFacts, type ColumnFacts } from './column-facts.ts';
import { exactCounts, type Counted } from './exact-counts.ts';
import { proposeKeys } from './propose-keys.ts';
import type { BenchSource } from './staged-cache.ts';
import { takeSamples } from './take-sample.ts';
import { valueOverlaps, type Overlap } from './value-overlap.ts';

type Both<T> = Readonly<Record<SideName, T>>;

/** The search itself: profile, pairs of columns, rules, exact counts. */
export async function searchRules(
  request: WorkerSuggestRequest,
  sides: Both<BenchSource>,
  context: TaskContext,
): Promise<Suggestions> {
  const staged = { left: sides.left.staged, right: sides.right.staged };
  using bench = await Bench.open(staged, context);
  const samples = await takeSamples(bench);
  const facts: Both<ColumnFacts[]> = {
    left: await columnFacts(bench, 'left'),
    right: await columnFacts(bench, 'right'),
  };
  const keys = {} as Record<SideName, KeyProposal[]>;
  for (const side of SIDES) {
    const hints = facts[side].map(({ filled, distinct }) => ({
      filled: samples[side] > 0 ? filled / samples[side] : 0,
      distinctShare: filled > 0 ? distinct / filled : 0,
    }));
    keys[side] = await proposeKeys(bench, side, hints, request[side].primary_key);
  }
  const overlaps = await valueOverlaps(bench, facts);
  const pairs = overlaps
    .filter(
      ({ left, right, common }) => common > 1 && isReference(facts.left[left]!) && isReference(facts.right[right]!),
    )
    .sort((a, b) => b.common - a.common || a.ignore.length - b.ignore.length)
    .filter((pair, at, all) => all.findIndex((one) => one.left === pair.left && one.right === pair.right) === at);
  const ruleSources: Both<RuleSource> = {
    left: { alias: staged.left.alias, primary_key: keys.left[0]!.columns, columns: staged.left.columns },
    right: { alias: staged.right.alias, primary_key: keys.right[0]!.columns, columns: staged.right.columns },
  };
  const proposals: Proposal[] = [];
  for (const pair of pairs.slice(0, request.limit)) {
    const rule: Rule = {
      conditions: [
        {
          kind: 'equal',
          left: facts.left[pair.left]!.name,
          right: facts.right[pair.right]!.name,
          ignore: pair.ignore,
        },
      ],
      pairing: 'once',
    };
    const counted = await exactCounts(rule, ruleSources, staged, context);
    if (counted.counts.matched === 0) continue;
    proposals.push(proposalOf(rule, counted, pair, ruleSources, request));
  }
  proposals.sort((a, b) => b.score - a.score);
  return {
    proposals,
    column_pairs: pairs.map((pair): ColumnPair => columnPair(pair, facts)),
    left: profiled('left', bench, facts.left, keys.left),
    right: profiled('right', bench, facts.right, keys.right),
    notes: notesOf(request),
  };
}

const isReference = ({ distinct, filled }: ColumnFacts) => distinct > 1 && distinct > filled / 20;

function columnPair(pair: Overlap, facts: Both<ColumnFacts[]>): ColumnPair {
  const left = facts.left[pair.left]!;
  const right = facts.right[pair.right]!;
  return {
    left: left.name,
    right: right.name,
    kind: 'reference',
    score: Math.min(1, pair.common / Math.max(1, Math.min(left.distinct, right.distinct))),
    reasons: [`${pair.common.toLocaleString('en-US')} values in common.`],
  };
}

function proposalOf(
  rule: Rule,
  { sql, counts, ambiguous }: Counted,
  _pair: Overlap,
  { left, right }: Both<RuleSource>,
  request: WorkerSuggestRequest,
): Proposal {
  const matched = Math.max(
    counts.matched_left_rows / Math.max(1, counts.left),
    counts.matched_right_rows / Math.max(1, counts.right),
  );
  const columns = rule.conditions.map((condition) => condition.left);
  return {
    recipe: {
      recipe_id: `${left.alias}-${right.alias}-${columns.join('-')}`
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-+|-+$/g, '')
        .slice(0, 70),
      name: `${left.alias} and ${right.alias} by ${columns.join(' and ')}`.slice(0, 200),
      description: '',
      sources: { left: recipeSource('left', left, request), right: recipeSource('right', right, request) },
      match_sql: sql,
      match_description: describeRule(rule, left, right),
      rule,
    },
    rule,
    counts,
    ambiguous,
    score: matched * (1 - (0.5 * (ambiguous.left + ambiguous.right)) / Math.max(1, counts.left + counts.right)),
    reasons: [
      `${counts.matched_left_rows.toLocaleString('en-US')} of ${counts.left.toLocaleString('en-US')} rows match.`,
    ],
  };
}

function recipeSource(
  side: SideName,
  source: RuleSource,
  request: WorkerSuggestRequest,
): Proposal['recipe']['sources']['left'] {
  const { alias, options } = request[side];
  const primary_key = [...source.primary_key];
  if (alias !== undefined) return { alias, primary_key };
  return {
    alias: source.alias,
    type: 'file',
    schema: source.columns.map(({ name }) => name),
    primary_key,
    ...(options && Object.keys(options).length > 0 ? { options } : {}),
  };
}

function profiled(side: SideName, bench: Bench, facts: readonly ColumnFacts[], keys: KeyProposal[]): ProfiledSide {
  const { alias, rows, columns } = bench.sides[side];
  return {
    alias,
    rows,
    columns: columns.map((column, index): ColumnProfile => ({ ...column, nulls: facts[index]!.nulls })),
    keys,
  };
}

function notesOf(request: WorkerSuggestRequest): Note[] {
  return SIDES.flatMap((side) => request[side].notes.filter((note) => note.choice));
}
