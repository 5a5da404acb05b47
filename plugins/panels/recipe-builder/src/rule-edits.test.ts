import { compileRule, type Rule, type RuleSource } from '@kalla/core';
import { describe, expect, it } from 'vitest';
import { kindsFor, mirrorRule, newCondition, sameRule, withColumns } from './rule-edits.ts';

const left: RuleSource = {
  alias: 'l',
  primary_key: ['id'],
  columns: [
    { name: 'id', type: 'int64' },
    { name: 'ref', type: 'text' },
    { name: 'amount', type: 'decimal(12,2)' },
    { name: 'day', type: 'date' },
  ],
};
const right: RuleSource = { ...left, alias: 'r' };
const rule: Rule = {
  conditions: [
    {
      kind: 'equal',
      left: 'id',
      right: 'ref',
      ignore: ['case'],
      extract: { side: 'right', pattern: '[0-9]+', example: '1' },
    },
    {
      kind: 'amount',
      left: 'amount',
      right: 'amount',
      sign: 'opposite',
      tolerance: { kind: 'absolute', value: '0.05' },
    },
    { kind: 'date', left: 'day', right: 'day', before: 1, after: 5 },
  ],
  pairing: 'once',
};

describe('a condition of two columns', () => {
  it('compares them in the way that suits their types', () => {
    expect(kindsFor('decimal(12,2)', 'float64')[0]).toBe('amount');
    expect(kindsFor('int64', 'int32')[0]).toBe('equal');
    expect(kindsFor('date', 'timestamptz')[0]).toBe('date');
    expect(kindsFor('text', 'date')).toEqual(['equal']);
  });
  it('keeps its way where other columns allow it', () => {
    const amount = rule.conditions[1]!;
    const text = { name: 'ref', type: 'text' };
    const whole = { name: 'id', type: 'int64' };
    expect(withColumns(amount, whole, whole)).toMatchObject({ kind: 'amount', left: 'id', sign: 'opposite' });
    expect(withColumns(amount, text, whole)).toEqual({ kind: 'equal', left: 'ref', right: 'id', ignore: [] });
  });
  it('can be compiled, whatever the columns', () => {
    for (const one of left.columns)
      for (const other of right.columns) {
        const made: Rule = { conditions: [newCondition(one, other)], pairing: 'once' };
        expect(compileRule(made, left, right)).toContain('SELECT');
      }
  });
});

describe('mirrorRule', () => {
  it('exchanges the sides, and twice is as before', () => {
    const mirrored = mirrorRule(rule);
    expect(mirrored.conditions[0]).toMatchObject({ left: 'ref', right: 'id', extract: { side: 'left' } });
    expect(mirrored.conditions[2]).toMatchObject({ before: 5, after: 1 });
    expect(mirrorRule(mirrored)).toEqual(rule);
    expect(compileRule(mirrored, right, left)).toContain('SELECT');
  });
});

describe('sameRule', () => {
  it('does not mind the order of what is ignored', () => {
    const with_ = (ignore: ('case' | 'spaces')[]): Rule => ({
      conditions: [{ kind: 'equal', left: 'ref', right: 'ref', ignore }],
      pairing: 'once',
    });
    expect(sameRule(with_(['case', 'spaces']), with_(['spaces', 'case']))).toBe(true);
    expect(sameRule(with_(['case']), with_([]))).toBe(false);
    expect(sameRule(with_(['case']), { ...with_(['case']), pairing: 'every' })).toBe(false);
  });
});
