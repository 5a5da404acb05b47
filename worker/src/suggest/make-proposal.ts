import {
  compileRule,
  describeRule,
  type Condition,
  type Proposal,
  type RecipeSource,
  type Rule,
  type RuleSource,
  type WorkerSuggestRequest,
} from '@kalla/core';
import { lift, proof, type Agreement } from './agreements.ts';
import type { Bench, Both, SideName } from './bench.ts';
import { indexOf, type Candidate } from './candidate.ts';
import type { Counted } from './exact-counts.ts';
import { clarity } from './try-rule.ts';
import * as messages from './messages.ts';

/** Of two rules that find the same the shorter one is better: what a further condition has to be worth. */
const SIMPLER = 0.99;
/** What a reference has over a customer and an amount that find the same: next month two of his invoices may be alike. */
const REFERENCE = 0.05;
/** Matches that could be chance are told from this share on. */
const DOUBT = 0.02;
/** Agreements that are told although the rule does not ask for them. */
const MOST_SUPPORT = 2;

/** A candidate with its exact counts as people see it: real column names, SQL, sentences, score. */
export function makeProposal(
  candidate: Candidate,
  counted: Counted,
  bench: Bench,
  sources: Both<RuleSource>,
  request: WorkerSuggestRequest,
): Proposal {
  const { left, right } = sources;
  const real = (condition: Condition): Condition => ({
    ...condition,
    left: nameOf(bench, 'left', condition.left),
    right: nameOf(bench, 'right', condition.right),
  });
  const rule: Rule = { conditions: candidate.conditions.map(real), pairing: candidate.pairing };
  const { counts, ambiguous } = counted;
  const agreements = candidate.agreements.map(proof);
  const agreementOf = (condition: Condition) =>
    agreements.find((one) => JSON.stringify(one.condition) === JSON.stringify(condition));
  const own = new Set(candidate.conditions.flatMap(({ left: a, right: b }) => [`l${a}`, `r${b}`]));
  const support: Agreement[] = [];
  for (const agreement of agreements) {
    const { left: a, right: b } = agreement.condition;
    if (own.has(`l${a}`) || own.has(`r${b}`) || lift(agreement) < 0.5) continue;
    own.add(`l${a}`).add(`r${b}`);
    support.push(agreement);
  }
  const reasons = [
    messages.matchedReason(counts, left.alias, right.alias),
    messages.ambiguousReason(ambiguous, { left: left.alias, right: right.alias }, rule.pairing === 'every'),
    ...candidate.conditions.map((condition) => {
      const agreement = agreementOf(condition);
      // One currency on both sides agrees always, and that says nothing.
      const tells = agreement && lift(agreement) > 0 ? agreement : undefined;
      return messages.conditionReason(real(condition), tells?.share, tells?.chance);
    }),
    ...support
      .slice(0, MOST_SUPPORT)
      .map(({ condition, share, chance }) => messages.conditionReason(real(condition), share, chance)),
    ...(candidate.evidence < 1 - DOUBT ? [messages.byChanceReason(1 - candidate.evidence)] : []),
  ];
  const columns = [...new Set(rule.conditions.map((condition) => condition.left))].join(', ');
  return {
    recipe: {
      recipe_id: slugOf(`${left.alias}-${right.alias}-by-${columns}`),
      name: messages.recipeName(left.alias, right.alias, columns).slice(0, 200),
      description: messages.recipeDescription(left.alias, right.alias),
      sources: {
        left: recipeSource(left, request.left),
        right: recipeSource(right, request.right),
      },
      match_sql: compileRule(rule, left, right),
      match_description: describeRule(rule, left, right).slice(0, 4000),
      rule,
    },
    rule,
    counts,
    ambiguous,
    score: scoreOf(candidate, counted),
    reasons,
  };
}

/**
 * How sure it is: how much it matches of the smaller side, how clear it is which partner is meant, how far it is from chance.
 * A rule that matches a third without doubt is more likely right than one that matches all by chance.
 */
export function scoreOf(
  { evidence, conditions, seedClarity }: Pick<Candidate, 'evidence' | 'conditions' | 'seedClarity'>,
  { counts, possible }: Counted,
): number {
  const share = (part: number, whole: number) => (whole > 0 ? part / whole : 0);
  const covered = Math.max(
    share(counts.matched_left_rows, counts.left),
    share(counts.matched_right_rows, counts.right),
  );
  const simple = SIMPLER ** (conditions.length - 1) * (1 - REFERENCE * (1 - seedClarity));
  const score = evidence * (0.3 + 0.7 * covered) * clarity(possible) * simple;
  return Math.round(Math.max(0, Math.min(1, score)) * 1000) / 1000;
}

function nameOf(bench: Bench, side: SideName, name: string): string {
  const index = indexOf(name);
  return index < 0 ? '_row' : bench.columns(side)[index]!.name;
}

function recipeSource(source: RuleSource, side: WorkerSuggestRequest['left']): RecipeSource {
  const primary_key = [...source.primary_key];
  if (side.alias !== undefined) return { alias: side.alias, primary_key };
  return {
    alias: source.alias,
    type: 'file',
    schema: source.columns.map(({ name }) => name),
    primary_key,
    ...(side.options && Object.keys(side.options).length > 0 ? { options: side.options } : {}),
  };
}

/** Letters, digits and hyphens, short enough that a number can be added. */
export function slugOf(text: string): string {
  const slug = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 70)
    .replace(/-+$/, '');
  return slug || 'recipe';
}
