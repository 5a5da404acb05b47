import { compileRule, LONGEST_RULE, ruleSchema, type RuleSource } from '@kalla/core';
import { expect, test } from 'vitest';
import { checkRule } from './check-rule.ts';
import { validateMatchSql } from './validate.ts';

const side = (alias: string): RuleSource => ({
  alias,
  primary_key: ['id'],
  columns: [
    { name: 'id', type: 'int64' },
    { name: 'ref', type: 'text' },
    { name: 'amount', type: 'decimal(12,2)' },
    { name: 'day', type: 'date' },
  ],
});
const request = (match_sql: string) => ({
  match_sql,
  left: { ...side('l'), primary_key: ['id'], columns: [...side('l').columns] },
  right: { ...side('b'), primary_key: ['id'], columns: [...side('b').columns] },
});
const joins = (count: number) =>
  'SELECT l.id AS left_id, b.id AS right_id FROM l JOIN b ON l.ref = b.ref' +
  Array.from(
    { length: count },
    (_, index) => ` JOIN b t${index} ON t${index}.ref = l.ref AND t${index}.id = b.id`,
  ).join('');

test('hundreds of joins are refused before the engine looks for their order', async () => {
  const { valid, errors } = await validateMatchSql(request(joins(400)));
  expect(valid).toBe(false);
  expect(errors[0]?.message).toBe('The match rule names 402 tables in its FROM and JOIN parts; 60 are the most.');
});

test('so many joins as are allowed pass', async () => {
  expect((await validateMatchSql(request(joins(58)))).errors).toEqual([]);
});

test('a rule that is not understood in time is refused with a sentence', async () => {
  await expect(checkRule(request(joins(58)), 0.001)).rejects.toThrow(
    /^Reading the match rule was stopped after 0.001 seconds, the longest that is allowed\./,
  );
});

test('what clicks make stays far below the limit', async () => {
  const rule = ruleSchema.parse({
    conditions: [
      { kind: 'equal', left: 'ref', right: 'ref', ignore: ['case'] },
      { kind: 'amount', left: 'amount', right: 'amount', tolerance: { kind: 'absolute', value: '0.05' } },
      { kind: 'date', left: 'day', right: 'day', before: 1, after: 3 },
    ],
  });
  const sql = compileRule(rule, side('l'), side('b'));
  expect((await validateMatchSql(request(sql))).errors).toEqual([]);
  expect(sql.match(/\b(FROM|JOIN)\b/g)!.length).toBeLessThan(40);
});

test('what clicks make of two sides of a thousand columns can be saved and is understood', async () => {
  const wide = (alias: string) => ({
    ...side(alias),
    columns: [
      ...side(alias).columns,
      ...Array.from({ length: 996 }, (_, index) => ({
        name: `a column of the report ${index}`,
        type: 'text' as const,
      })),
    ],
  });
  const rule = ruleSchema.parse({
    conditions: [
      { kind: 'equal', left: 'ref', right: 'ref' },
      { kind: 'amount', left: 'amount', right: 'amount', tolerance: { kind: 'absolute', value: '0.05' } },
    ],
  });
  const sql = compileRule(rule, wide('l'), wide('b'));
  expect(sql.length).toBeLessThan(LONGEST_RULE);
  const sides = { left: { ...wide('l'), primary_key: ['id'] }, right: { ...wide('b'), primary_key: ['id'] } };
  expect((await validateMatchSql({ match_sql: sql, ...sides })).errors).toEqual([]);
  const long = await validateMatchSql({ match_sql: `${sql}${' '.repeat(LONGEST_RULE)}`, ...sides });
  expect(long.errors[0]?.message).toBe('The match rule is longer than 1000000 characters.');
});
