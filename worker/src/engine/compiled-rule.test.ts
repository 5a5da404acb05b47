import { compileRule, describeRule, ruleSchema, type RuleInput, type RuleSource } from '@kalla/core';
import { describe, expect, test } from 'vitest';
import { checkRule } from './check-rule.ts';

const ledger: RuleSource = {
  alias: 'order',
  primary_key: ['id'],
  columns: [
    { name: 'id', type: 'int64' },
    { name: 'ref "x"', type: 'text' },
    { name: 'amount', type: 'decimal(38,4)' },
    { name: 'day', type: 'date' },
    { name: 'currency', type: 'text' },
  ],
};
const bank: RuleSource = {
  alias: 'twin',
  primary_key: ['_row'],
  columns: [
    { name: 'ID', type: 'text' },
    { name: 'memo', type: 'text' },
    { name: 'Betrag', type: 'int32' },
    { name: 'at', type: 'timestamptz' },
    { name: 'currency', type: 'text' },
  ],
};

const rules: Record<string, RuleInput> = {
  'a plain equality': { conditions: [{ kind: 'equal', left: 'currency', right: 'currency' }] },
  'everything at once': {
    conditions: [
      {
        kind: 'equal',
        left: 'ref "x"',
        right: 'memo',
        ignore: ['case', 'spaces', 'punctuation', 'letters', 'leading_zeros'],
        extract: { side: 'right', pattern: "INV['-]?[0-9]+", example: 'INV-1' },
      },
      { kind: 'equal', left: 'id', right: 'ID' },
      {
        kind: 'amount',
        left: 'amount',
        right: 'Betrag',
        sign: 'opposite',
        tolerance: { kind: 'percent', value: '1.5' },
      },
      { kind: 'date', left: 'day', right: 'at', before: 1, after: 3 },
    ],
  },
  'exact amounts and days': {
    conditions: [
      { kind: 'amount', left: 'amount', right: 'Betrag', sign: 'any' },
      { kind: 'date', left: 'day', right: 'at' },
    ],
  },
  'a tolerance': {
    conditions: [{ kind: 'amount', left: 'amount', right: 'Betrag', tolerance: { kind: 'absolute', value: '0.05' } }],
  },
};

describe('the SQL of a rule', () => {
  for (const [name, input] of Object.entries(rules)) {
    for (const pairing of ['once', 'every'] as const) {
      test(`${name}, ${pairing}: is accepted as it stands, with the keys of both sides`, async () => {
        const rule = ruleSchema.parse({ ...input, pairing });
        const sql = compileRule(rule, ledger, bank);
        const checked = await checkRule({
          match_sql: sql,
          left: { ...ledger, primary_key: [...ledger.primary_key], columns: [...ledger.columns] },
          right: { ...bank, primary_key: [...bank.primary_key], columns: [...bank.columns] },
        });
        expect(checked.errors, sql).toEqual([]);
        expect(checked.warnings, sql).toEqual([]);
        expect(describeRule(rule, ledger, bank)).toMatch(/^A row of order and a row of twin belong together when /);
      });
    }
  }
});
