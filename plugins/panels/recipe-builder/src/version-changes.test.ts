import type { Recipe, Rule } from '@kalla/core';
import { describe, expect, it } from 'vitest';
import { versionChanges } from './version-changes.ts';

const rule: Rule = {
  conditions: [
    { kind: 'equal', left: 'ref', right: 'ref', ignore: [] },
    { kind: 'amount', left: 'net', right: 'net', sign: 'same', tolerance: { kind: 'absolute', value: '0.05' } },
  ],
  pairing: 'once',
};
const recipe: Recipe = {
  recipe_id: 'r',
  name: 'R',
  description: '',
  sources: {
    left: { alias: 'a', type: 'file', schema: ['ref', 'net'], primary_key: ['ref'] },
    right: { alias: 'b', type: 'file', schema: ['ref', 'net'], primary_key: ['ref'] },
  },
  match_sql: 'SELECT\n1',
  match_description: '',
  rule,
};

describe('versionChanges', () => {
  it('says what was changed, added and taken away by clicking', () => {
    const [equal, amount] = rule.conditions as [Rule['conditions'][0], Rule['conditions'][0]];
    const wider = { ...amount, tolerance: { kind: 'absolute', value: '1' } } as typeof amount;
    const date = { kind: 'date', left: 'd', right: 'd', before: 0, after: 3 } as const;
    const { sentences, sql } = versionChanges(recipe, {
      ...recipe,
      match_sql: 'SELECT\n2',
      rule: { conditions: [wider, date], pairing: 'every' },
    });
    expect(sentences).toHaveLength(4);
    expect(sentences[0]).toContain('"ref" of a and "ref" of b are the same');
    expect(sentences[1]).toMatch(/at most 0\.05.*at most 1/);
    expect(sentences[2]).toContain('3 days');
    expect(sql).toBeNull();
    expect(versionChanges({ ...recipe, rule: { ...rule, conditions: [equal] } }, recipe).sentences[0]).toContain('net');
  });

  it('shows SQL that was changed by hand line by line', () => {
    const { sentences, sql } = versionChanges(recipe, { ...recipe, name: 'S', match_sql: 'SELECT\n2' });
    expect(sentences).toHaveLength(2);
    expect(sql).toEqual([
      { kind: 'same', text: 'SELECT' },
      { kind: 'removed', text: '1' },
      { kind: 'added', text: '2' },
    ]);
  });

  it('says so where nothing changed, and where a key did', () => {
    expect(versionChanges(recipe, recipe)).toEqual({ sentences: ['Nothing changed.'], sql: null });
    const other = { ...recipe, sources: { ...recipe.sources, left: { ...recipe.sources.left, primary_key: ['net'] } } };
    expect(versionChanges(recipe, other).sentences[0]).toContain('net');
  });
});
