import { describe, expect, it } from 'vitest';
import type { ValidateRequest } from '@kalla/core';
import { validateMatchSql } from './validate.ts';

const left = { alias: 'l', primary_key: ['id'], column_names: ['id', 'amount', 'ref', 'day', 'Booking text'] };
const right = { alias: 'r', primary_key: ['pid'], column_names: ['pid', 'paid', 'ref', 'paid_on'] };

const errorsOf = async (match_sql: string, sides: Partial<ValidateRequest> = {}) =>
  (await validateMatchSql({ match_sql, left, right, ...sides })).errors;

describe('columns that a source lacks, where only the names of its columns are known', () => {
  it.each([
    ['a qualified one', 'SELECT l.id, r.pid FROM l JOIN r ON l.reff = r.ref', ['"l" has no column "reff".']],
    ['one alone', 'SELECT id, pid FROM l JOIN r ON amnt = paid', ['There is no column "amnt" there.']],
    [
      'several, on both sides',
      'SELECT l.id, r.pid, l.one FROM l JOIN r ON l.two = r.ref AND l.amount = r.three WHERE r.four > 3',
      [
        '"l" has no column "one".',
        '"l" has no column "two".',
        '"r" has no column "four".',
        '"r" has no column "three".',
      ],
    ],
    [
      'under another name of its table',
      'SELECT a.id, b.pid FROM l a JOIN r b ON a.nope = b.ref',
      ['"l" has no column "nope".'],
    ],
    ['in USING', 'SELECT l.id, r.pid FROM l JOIN r USING (reff)', ['There is no column "reff" there.']],
    [
      'within a subquery',
      'SELECT l.id, x.pid FROM l JOIN (SELECT r.pid, r.nope AS ref FROM r) x ON l.ref = x.ref',
      ['"r" has no column "nope".'],
    ],
    [
      'within WITH',
      'WITH x AS (SELECT pid, SUM(b.total) AS total FROM r b GROUP BY pid) SELECT l.id, x.pid FROM l JOIN x ON l.amount = x.total',
      ['"r" has no column "total".'],
    ],
    [
      'behind functions whose types are not known',
      "SELECT l.id, r.pid FROM l JOIN r ON REPLACE(UPPER(l.ref), '-', '') = r.reff AND l.amount BETWEEN r.paid - CAST(0.05 AS DECIMAL(9,2)) AND r.paidd",
      ['"r" has no column "paidd".', '"r" has no column "reff".'],
    ],
    [
      'a date that is counted on',
      "SELECT l.id, r.pid FROM l JOIN r ON r.paid_on BETWEEN l.day AND l.day + INTERVAL '3' DAY AND l.x = r.ref",
      ['"l" has no column "x".'],
    ],
  ])('%s', async (_what, sql, messages) => {
    const errors = await errorsOf(sql);
    expect(errors.map(({ message }) => message).sort()).toEqual([...messages].sort());
    for (const { hint } of errors) expect(hint).toMatch(/has: .*"(amount|paid)"/);
  });

  it('shows where it stands and what comes nearest of many', async () => {
    const column_names = ['id', ...Array.from({ length: 300 }, (_, index) => `field_${index}`), 'amount'];
    const sql = 'SELECT l.id, r.pid FROM l JOIN r ON l.amuont = r.paid';
    const [error, ...more] = await errorsOf(sql, { left: { ...left, column_names } });
    expect(more).toEqual([]);
    expect(error).toMatchObject({ message: '"l" has no column "amuont".', position: sql.indexOf('l.amuont') });
    expect(error?.hint).toMatch(/^Nearest to that "l" has: "amount"/);
  });

  it.each([
    ['what is there', 'SELECT l.id, r.pid FROM l JOIN r ON l.ref = r.ref'],
    ['other capitals', 'SELECT L.ID, r.Pid FROM l JOIN r ON l."booking TEXT" = r.REF'],
    ['stars', 'SELECT * FROM l JOIN r USING (ref)'],
    ['the number of the row', 'SELECT l.id, r.pid, l._row FROM l JOIN r ON l.ref = r.ref AND l._row = r._row'],
    [
      'names that it makes itself',
      'WITH x AS (SELECT pid, paid * 2 AS twice FROM r) SELECT l.id, x.pid FROM l JOIN x ON l.amount = x.twice',
    ],
    [
      'arithmetic on types that are not known',
      'SELECT l.id, r.pid, l.amount - r.paid AS open FROM l JOIN r ON l.ref = r.ref WHERE ABS(l.amount - r.paid) < 1',
    ],
    [
      'QUALIFY',
      'SELECT l.id, r.pid FROM l JOIN r ON l.ref = r.ref QUALIFY ROW_NUMBER() OVER (PARTITION BY l.id ORDER BY r.paid_on) = 1',
    ],
  ])('finds no fault with %s', async (_what, sql) => {
    expect(await errorsOf(sql)).toEqual([]);
  });

  it('says of a key that its source lacks it', async () => {
    const errors = await errorsOf('SELECT l.id, r.nr FROM l JOIN r ON l.ref = r.ref', {
      right: { ...right, primary_key: ['nr'] },
    });
    expect(errors).toContainEqual({
      message: 'The key column "nr" is not in "r".',
      hint: 'It has: "pid", "paid", "ref", "paid_on".',
      field: 'nr',
    });
  });

  it('lets a side of which nothing is known have what the rule asks of it', async () => {
    const unknown = { alias: 'r', primary_key: ['pid'] };
    const ask = async (sql: string) => (await errorsOf(sql, { right: unknown })).map(({ message }) => message);
    expect(
      await ask('SELECT l.id, r.pid, anything FROM l JOIN r ON l.ref = r.reference AND l.amount = r.total'),
    ).toEqual([]);
    expect(await ask('SELECT id, pid FROM l JOIN r USING (ref) WHERE whatever > 3')).toEqual([]);
    expect(await ask('SELECT id, pid FROM l JOIN r USING (reff)')).toEqual(['There is no column "reff" there.']);
    expect(await ask('SELECT l.id, r.pid FROM l JOIN (SELECT * FROM r) r ON l.ref = r.reference')).toEqual([]);
    expect(await ask('SELECT l.id, r.pid, anything FROM l JOIN r ON l.reff = r.reference')).toEqual([
      '"l" has no column "reff".',
    ]);
  });

  it('knows the types that a recipe records', async () => {
    const column_types = { amount: 'decimal(12,2)', day: 'date' } as const;
    const sql = 'SELECT l.id, r.pid FROM l JOIN r ON EXTRACT(year FROM l.day) = r.yeer AND ROUND(l.amount, 0) = r.paid';
    expect((await errorsOf(sql, { left: { ...left, column_types } })).map(({ message }) => message)).toEqual([
      '"r" has no column "yeer".',
    ]);
  });
});
