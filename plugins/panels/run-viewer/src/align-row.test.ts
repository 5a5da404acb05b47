import { compileRule, comparedColumns, ruleSchema, type ColumnInfo, type Run } from '@kalla/core';
import { expect, it } from 'vitest';
import { alignRow } from './align-row.ts';

const columns = (text: string): ColumnInfo[] =>
  text.split(' ').map((each) => {
    const [name = '', type = 'text'] = each.split(':');
    return { name, type };
  });
const side = (alias: string, text: string) => ({
  alias,
  type: 'file',
  primary_key: [text.split(/[ :]/)[0]!],
  columns: columns(text),
});
const ledger = side('ledger', 'entry memo customer net:decimal(12,2) currency day:date');
const bank = side('bank', 'line iban text paid:decimal(12,2) currency booked:date');
const rule = ruleSchema.parse({
  conditions: [
    { kind: 'equal', left: 'memo', right: 'text' },
    { kind: 'amount', left: 'net', right: 'paid', tolerance: { kind: 'absolute', value: '0.05' } },
    { kind: 'date', left: 'day', right: 'booked', before: 0, after: 5 },
  ],
});
const lines = (fields: ReturnType<typeof alignRow>) =>
  fields.map((field) =>
    field.kind === 'pair' ? `${field.left.name}|${field.right.name}` : `${field.kind}:${field.column.name}`,
  );
const run = (match_sql: string, left = ledger, right = bank) => ({ left, right, match_sql }) as unknown as Run;

it('lays what the clicks compare beside each other first, then equal names, then the rest of each side', () => {
  // As the clicks name their result; "customer" and "iban" stand next to each other in it and have nothing to do with another.
  const result = columns(
    'entry line memo text left_amount:decimal(12,2) right_amount:decimal(12,2) left_date:date right_date:date customer left_currency iban right_currency',
  );
  const compared = comparedColumns(rule, ledger, bank);
  expect(lines(alignRow(result, run(compileRule(rule, ledger, bank)), compared))).toEqual([
    'memo|text',
    'left_amount|right_amount',
    'left_date|right_date',
    'left_currency|right_currency',
    'left:entry',
    'left:customer',
    'right:line',
    'right:iban',
  ]);
});

it('keeps beside each other what the table shows the difference of', () => {
  const result = columns('entry line memo text net:decimal(12,2) paid:decimal(12,2) day:date booked:date');
  const sql = 'SELECT … FROM ledger l JOIN bank b ON l.memo = b.text';
  const fields = alignRow(result, run(sql), null, [
    ['net', 'paid'],
    ['booked', 'day'],
  ]);
  expect(lines(fields)).toEqual(['memo|text', 'net|paid', 'day|booked', 'left:entry', 'right:line']);
});

it('shows a column that two conditions compare with each of its partners', () => {
  const twice = ruleSchema.parse({
    conditions: [
      { kind: 'equal', left: 'memo', right: 'text' },
      { kind: 'equal', left: 'memo', right: 'iban' },
    ],
  });
  const fields = alignRow(columns('entry line memo text iban'), run(''), comparedColumns(twice, ledger, bank));
  expect(lines(fields)).toEqual(['memo|text', 'memo|iban', 'left:entry', 'right:line']);
});

it('goes by the conditions of SQL that was written by hand, as far as they are plain', () => {
  const sql =
    'SELECT … FROM ledger l JOIN bank b ON UPPER(l.memo) = b.text AND b.paid BETWEEN l.net - 1 AND l.net AND l.currency = b.currency';
  const result = columns('entry line memo iban text customer net:decimal(12,2) paid:decimal(12,2) currency fee');
  expect(lines(alignRow(result, run(sql), null))).toEqual([
    'memo|text',
    'net|paid',
    'both:currency',
    'left:entry',
    'left:customer',
    'right:line',
    'right:iban',
    'rule:fee',
  ]);
});
