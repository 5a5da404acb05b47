import { expect, it } from 'vitest';
import { comparedInSql } from './compared-in-sql.ts';

const side = (alias: string) => ({ alias, primary_key: ['id'] });
const pairs = (sql: string) => comparedInSql(sql, side('ledger'), side('bank'));

it('sees what each condition compares, whatever stands around the columns', () => {
  expect(
    pairs(
      `SELECT l.id, b.id AS right_id FROM ledger l JOIN bank AS b
         ON REPLACE(UPPER(l.invoice_number), ' AND b.x', '') = UPPER(b.reference) AND l.currency = b.currency
        AND b.amount BETWEEN l.amount - 15 AND l.amount -- AND l.memo = b.note
        AND b."value ""date""" >= l.day`,
    ),
  ).toEqual([
    ['invoice_number', 'reference'],
    ['currency', 'currency'],
    ['amount', 'amount'],
    ['day', 'value "date"'],
  ]);
});

it('takes tables by their own names, a WHERE, and each pair once', () => {
  expect(
    pairs('SELECT * FROM "ledger" CROSS JOIN bank WHERE ledger.ref = bank.memo AND bank.memo = ledger.ref'),
  ).toEqual([['ref', 'memo']]);
});

it('knows a table that has no other name from the word that follows it', () => {
  expect(pairs('SELECT * FROM ledger JOIN bank ON ledger.ref = bank.memo')).toEqual([['ref', 'memo']]);
});

it('does not guess where more columns meet, or only one', () => {
  expect(pairs('SELECT * FROM ledger l JOIN bank b ON l.a || l.b = b.c AND l.d > 0 AND other.x = b.e')).toEqual([]);
});
