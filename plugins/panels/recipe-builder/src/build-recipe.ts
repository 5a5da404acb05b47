import {
  compileRule,
  describeRule,
  ProblemError,
  type ColumnInfo,
  type ColumnType,
  type Problem,
  type Recipe,
  type RecipeSource,
  type Rule,
  type RuleSource,
} from '@kalla/core';
import type { Draft, SideDraft } from './draft.ts';
import { messages } from './messages.ts';

export type Columns = readonly ColumnInfo[];
export type BothColumns = Readonly<Record<'left' | 'right', Columns | null>>;

/** A side as `compileRule` needs it: the recipe's columns in the recipe's order, with the types of what is at hand. */
export function ruleSourceOf(side: SideDraft, columns: Columns): RuleSource {
  const known = new Map(columns.map((column) => [column.name, column]));
  const used = side.schema ? side.schema.flatMap((name) => known.get(name) ?? []) : columns;
  return {
    alias: side.alias,
    primary_key: side.primaryKey ?? [],
    columns: used
      .filter(({ name }) => name !== '_row')
      .map(({ name, type }) => ({ name, type: readAs(type, side.types?.[name]) })),
  };
}

/** A text stays a text where a file has nothing but digits, and an amount one where it has nothing but whole ones. */
function readAs(found: ColumnType, recorded: ColumnType | undefined): ColumnType {
  if (recorded === 'text') return recorded;
  return recorded?.startsWith('decimal') && found === 'int64' ? recorded : found;
}

export type Compiled = { sql: string; problem: null } | { sql: null; problem: Problem | null };

/** The SQL of the clicks, or why there is none: `problem` is null where simply nothing has been chosen yet. */
export function compileDraft(draft: Draft, columns: BothColumns, rule: Rule = draft.rule): Compiled {
  const { left, right } = draft.sides;
  const none = { sql: null, problem: null };
  if (!left || !right || !columns.left || !columns.right || rule.conditions.length === 0) return none;
  if (!left.primaryKey?.length || !right.primaryKey?.length) return none;
  try {
    return {
      sql: compileRule(rule, ruleSourceOf(left, columns.left), ruleSourceOf(right, columns.right)),
      problem: null,
    };
  } catch (error) {
    if (error instanceof ProblemError) return { sql: null, problem: error.problem };
    throw error;
  }
}

/** The words for what the recipe does: made of the clicks, or its author's where the SQL is. */
export function sentenceOf(draft: Draft): string {
  const { left, right } = draft.sides;
  if (draft.sql !== null) return draft.sqlDescription;
  if (!left || !right || draft.rule.conditions.length === 0) return '';
  return describeRule(draft.rule, left, right);
}

/** One side as the recipe stores it. */
export function recipeSourceOf(side: SideDraft, columns: Columns | null): RecipeSource {
  const key = side.primaryKey?.length ? { primary_key: [...side.primaryKey] } : {};
  switch (side.ref.kind) {
    case 'source':
      return { alias: side.alias, ...key };
    case 'stored':
      return { ...side.ref.source, alias: side.alias, ...key };
    case 'upload': {
      const schema = side.schema ?? columns?.map(({ name }) => name) ?? [];
      const options = Object.keys(side.options).length > 0 ? { options: side.options } : {};
      const typed = columns ? ruleSourceOf(side, columns).columns : [];
      const types = typed.length > 0 ? { types: Object.fromEntries(typed.map(({ name, type }) => [name, type])) } : {};
      return {
        alias: side.alias,
        type: 'file',
        schema: schema.filter((name) => name !== '_row'),
        ...types,
        ...key,
        ...options,
      };
    }
  }
}

/** The recipe of a draft, or null where something is missing to make one of it. */
export function recipeOf(
  draft: Draft,
  columns: BothColumns,
  recipeId: string,
  name = draft.name.trim(),
): Recipe | null {
  const { left, right } = draft.sides;
  const sql = draft.sql ?? compileDraft(draft, columns).sql;
  if (!left || !right || !sql?.trim()) return null;
  return {
    recipe_id: recipeId,
    name,
    description: draft.description.trim(),
    sources: { left: recipeSourceOf(left, columns.left), right: recipeSourceOf(right, columns.right) },
    match_sql: sql,
    match_description: sentenceOf(draft) || messages.byHand,
    ...(draft.rule.conditions.length > 0 ? { rule: draft.rule } : {}),
  };
}

/** True where two recipes read the same: a key that only one of them names is the source's own, and so is its kind. */
export function sameSources(a: Recipe['sources'], b: Recipe['sources']): boolean {
  return (['left', 'right'] as const).every((name) => {
    const [one, other] = [a[name], b[name]];
    const plain = ({ alias, uri, schema, options }: RecipeSource) =>
      JSON.stringify([alias, uri ?? null, schema ?? null, Object.entries(options ?? {}).sort()]);
    const [key, otherKey] = [one.primary_key, other.primary_key];
    return plain(one) === plain(other) && (!key || !otherKey || JSON.stringify(key) === JSON.stringify(otherKey));
  });
}

/** Uploads by alias, as a run and a preview take them. */
export function filesOf(draft: Draft): Record<string, string> {
  return Object.fromEntries(
    [draft.sides.left, draft.sides.right].flatMap((side) =>
      side?.ref.kind === 'upload' ? [[side.alias, side.ref.uploadId]] : [],
    ),
  );
}

/**
 * An id for a recipe, made of its name.
 *
 * @example recipeIdOf('Bank & Ledger, März') === 'bank-ledger-marz'
 */
export function recipeIdOf(name: string): string {
  const plain = name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/ß/g, 'ss')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 70)
    .replace(/^-+|-+$/g, '');
  return plain || 'recipe';
}
