import { recipeSchema, type ColumnInfo } from '@kalla/core';
import { describe, expect, it } from 'vitest';
import { compileDraft, filesOf, recipeIdOf, recipeOf, sameSources, sentenceOf } from './build-recipe.ts';
import { emptyDraft, type Draft, type SideDraft } from './draft.ts';

const columns: ColumnInfo[] = [
  { name: 'id', type: 'int64' },
  { name: 'ref "x"\n🙂', type: 'text' },
  { name: 'amount', type: 'decimal(12,2)' },
];
const both = { left: columns, right: columns };
const side = (alias: string): SideDraft => ({
  ref: { kind: 'upload', uploadId: `u_${alias}`, filename: `${alias}.csv` },
  alias,
  primaryKey: ['id'],
  schema: null,
  options: {},
});
const draft: Draft = {
  ...emptyDraft,
  name: ' A and B ',
  sides: { left: side('a'), right: side('b') },
  rule: {
    conditions: [{ kind: 'equal', left: 'ref "x"\n🙂', right: 'ref "x"\n🙂', ignore: ['case'] }],
    pairing: 'once',
  },
};

describe('the recipe of a draft', () => {
  it('is one that can be stored, whatever the columns are called', () => {
    const recipe = recipeOf(draft, both, 'a-and-b');
    expect(recipeSchema.parse(recipe)).toMatchObject({
      name: 'A and B',
      sources: { left: { type: 'file', schema: ['id', 'ref "x"\n🙂', 'amount'], primary_key: ['id'] } },
      rule: draft.rule,
    });
    expect(recipe?.match_description).toBe(sentenceOf(draft));
    expect(filesOf(draft)).toEqual({ a: 'u_a', b: 'u_b' });
  });

  it('makes the same SQL of a file that has more columns in another order', () => {
    const stored: Draft = {
      ...draft,
      sides: { ...draft.sides, left: { ...side('a'), schema: columns.map(({ name }) => name) } },
    };
    const other = [{ name: 'new', type: 'text' }, ...[...columns].reverse()];
    expect(compileDraft(stored, { ...both, left: other })).toEqual(compileDraft(draft, both));
  });

  it('keeps the types of its columns, so that a reference of digits alone is still a text next month', () => {
    const now = columns.map(({ name, type }) => ({ name, type: type === 'text' ? 'int64' : type }));
    const saved = recipeOf(draft, both, 'x')!.sources.left;
    expect(saved.types).toEqual({ id: 'int64', 'ref "x"\n🙂': 'text', amount: 'decimal(12,2)' });
    const next: Draft = { ...draft, sides: { ...draft.sides, left: { ...side('a'), types: saved.types } } };
    expect(compileDraft(next, { ...both, left: now })).toEqual(compileDraft(draft, both));
    expect(recipeOf(next, { ...both, left: now }, 'x')!.sources.left.types).toEqual(saved.types);
  });

  it('says what is wrong where a column is gone, and nothing where nothing is chosen', () => {
    const gone = compileDraft(draft, { ...both, right: columns.slice(0, 1) });
    expect(gone.problem?.detail).toContain('"b" has no column');
    expect(recipeOf(draft, { ...both, right: null }, 'x')).toBeNull();
    expect(compileDraft(emptyDraft, both)).toEqual({ sql: null, problem: null });
  });

  it('takes SQL that was written by hand, and keeps the clicks to go back to', () => {
    const recipe = recipeOf({ ...draft, sql: 'SELECT 1', sqlDescription: 'Mine.' }, both, 'x');
    expect(recipe).toMatchObject({ match_sql: 'SELECT 1', match_description: 'Mine.', rule: draft.rule });
  });
});

describe('sameSources', () => {
  const sources = { left: { alias: 'a', type: 'postgres' }, right: { alias: 'b', primary_key: ['id'] } };
  it('does not mind a key or a kind that only one of them names', () => {
    expect(sameSources(sources, { left: { alias: 'a', primary_key: ['x'] }, right: sources.right })).toBe(true);
  });
  it('tells another name, key, column or way of reading apart', () => {
    for (const right of [
      { alias: 'c', primary_key: ['id'] },
      { alias: 'b', primary_key: ['x'] },
      { ...sources.right, schema: ['id'] },
      { ...sources.right, options: { decimal: ',' } },
    ])
      expect(sameSources(sources, { left: sources.left, right })).toBe(false);
  });
});

describe('recipeIdOf', () => {
  it.each([
    ['Bank & Ledger, März', 'bank-ledger-marz'],
    ['🙂', 'recipe'],
    ['--x--', 'x'],
  ])('makes of %j an id', (name, id) => expect(recipeIdOf(name)).toBe(id));
});
