import { checkPair, compileRule, ruleSchema, type ColumnInfo, type Run } from '@kalla/core';
import { expect, it } from 'vitest';
import { verdictsOf, verdictText } from './rule-verdicts.tsx';
import { makesItsSql } from './use-rule.ts';

const column = (name: string, type: ColumnInfo['type']): ColumnInfo => ({ name, type, nullable: true });
const side = (alias: string, names: [string, string, string]) => ({
  alias,
  type: 'file',
  primary_key: ['id'],
  columns: [
    column('id', 'int64'),
    column(names[0], 'text'),
    column(names[1], 'decimal(12,2)'),
    column(names[2], 'date'),
  ],
});
const ledger = side('ledger', ['ref', 'net', 'day']);
const bank = side('bank', ['memo', 'paid', 'booked']);
const rule = ruleSchema.parse({
  conditions: [
    { kind: 'equal', left: 'ref', right: 'memo', ignore: ['case', 'spaces'] },
    { kind: 'amount', left: 'net', right: 'paid', tolerance: { kind: 'absolute', value: '0.05' } },
    { kind: 'date', left: 'day', right: 'booked', before: 0, after: 5 },
  ],
});
const words = (left: Record<string, string | null>, right: Record<string, string | null>) =>
  verdictsOf({ rule, check: checkPair, compared: [] }, { ...ledger, values: left }, { ...bank, values: right }).map(
    ({ condition, verdict }) => verdictText(condition, verdict, 'ledger', 'bank', 'en-GB'),
  );

it('says in words which condition fails, by how much, and what is allowed', () => {
  expect(
    words({ ref: 'INV 1', net: '1000.00', day: '2026-01-01' }, { memo: 'inv1', paid: '1002.50', booked: '2026-01-10' }),
  ).toEqual([
    '“ref” and “memo” are the same',
    '“net” and “paid” differ by 2.50; the rule allows 0.05',
    '“booked” is 9 days after “day”; the rule allows 5',
  ]);
  expect(
    words({ ref: 'A', net: '10.00', day: '2026-01-02' }, { memo: null, paid: '10.05', booked: '2026-01-01' }),
  ).toEqual([
    '“memo” of bank has nothing in it to compare',
    '“net” and “paid” are as near as the rule allows',
    '“booked” is 1 day before “day”; the rule allows 0',
  ]);
});

it('is asked only where it made the SQL of the run', () => {
  const run = { left: ledger, right: bank, match_sql: compileRule(rule, ledger, bank) } as unknown as Run;
  expect(makesItsSql(rule, run, compileRule)).toBe(true);
  expect(makesItsSql(rule, { ...run, match_sql: `${run.match_sql} ` }, compileRule)).toBe(false);
  expect(makesItsSql(rule, { ...run, left: { ...ledger, columns: [column('id', 'int64')] } }, compileRule)).toBe(false);
});
