import {
  checkPair,
  compileRule,
  quoteIdentifier,
  quoteLiteral,
  ruleSchema,
  type Condition,
  type JsonCell,
} from '@kalla/core';
import { expect, test } from 'vitest';
import { Engine } from './engine.ts';

/** Columns of two types on each side, with what people write into them. */
const texts = ['INV-00042', 'inv 42', 'Paid INV-00042, thanks', '0042', 'ẞ 1', '-', '', null, 'INV-00042 '];
const amounts = ['10.00', '-10.00', '12.50', '10.05', '0.00', '101.00', '100.00', null];
const days = ['2026-01-31', '2026-02-01', '2026-02-09', '2025-12-31', null];

const equal = (ignore: string[], extract?: object) => ({ kind: 'equal', left: 'c', right: 'c', ignore, ...extract });
const amount = (sign: string, tolerance: object) => ({ kind: 'amount', left: 'c', right: 'c', sign, tolerance });
const date = (before: number, after: number) => ({ kind: 'date', left: 'c', right: 'c', before, after });
const cases: [type: 'text' | 'decimal(12,2)' | 'date', values: (string | null)[], conditions: object[]][] = [
  [
    'text',
    texts,
    [
      equal([]),
      equal(['case', 'spaces', 'punctuation']),
      equal(['case', 'spaces', 'punctuation', 'leading_zeros']),
      equal(['letters', 'punctuation', 'spaces', 'leading_zeros']),
      equal(['case'], { extract: { side: 'left', pattern: 'INV-\\d+', example: 'INV-1' } }),
    ],
  ],
  [
    'decimal(12,2)',
    amounts,
    [
      equal([]),
      amount('same', { kind: 'none' }),
      amount('opposite', { kind: 'absolute', value: '0.05' }),
      amount('any', { kind: 'absolute', value: '2.5' }),
      amount('same', { kind: 'percent', value: '1' }),
    ],
  ],
  ['date', days, [equal([]), date(0, 0), date(1, 9), date(40, 0)]],
];

test('what is said of two rows is what the engine finds, for every pair and every kind of condition', async () => {
  await using engine = await Engine.open({ memoryBytes: 256 * 2 ** 20, threads: 1 });
  let pairs = 0;
  for (const [type, values, conditions] of cases) {
    const sqlType = type === 'text' ? 'VARCHAR' : type;
    for (const table of ['l', 'b']) {
      const rows = values.map((value, id) => `(${id}, ${value === null ? 'NULL' : quoteLiteral(value)}::${sqlType})`);
      await engine.run(
        `CREATE OR REPLACE TABLE ${quoteIdentifier(table)}(id, c) AS SELECT * FROM (VALUES ${rows.join(', ')})`,
      );
    }
    const source = (alias: string) => ({
      alias,
      primary_key: ['id'],
      columns: [
        { name: 'id', type: 'int64' as const },
        { name: 'c', type },
      ],
    });
    for (const input of conditions) {
      const rule = ruleSchema.parse({ conditions: [input], pairing: 'every' });
      const [condition] = rule.conditions as [Condition];
      const found = await engine.rows(
        `SELECT left_id::VARCHAR, right_id::VARCHAR FROM (${compileRule(rule, source('l'), source('b'))})`,
      );
      const matched = new Set(found.map((row) => row.join(' ')));
      values.forEach((left, one) =>
        values.forEach((right, other) => {
          const cell = (value: JsonCell) => ({ value, type });
          const verdict = checkPair(condition, cell(left), cell(right));
          expect(verdict?.holds, `${JSON.stringify(condition)}: ${left} and ${right}`).toBe(
            matched.has(`${one} ${other}`),
          );
          pairs += 1;
        }),
      );
    }
  }
  expect(pairs).toBeGreaterThan(700);
});

test('it says by how much, and what is allowed', () => {
  const parse = (condition: object) => ruleSchema.parse({ conditions: [condition] }).conditions[0]!;
  const money = (value: JsonCell) => ({ value, type: 'decimal(12,2)' as const });
  const day = (value: JsonCell) => ({ value, type: 'date' as const });
  expect(checkPair(parse(amount('same', { kind: 'absolute', value: '0.05' })), money('10.00'), money('12.50'))).toEqual(
    {
      holds: false,
      why: 'amount',
      by: '2.50',
      allowed: '0.05',
    },
  );
  expect(checkPair(parse(amount('same', { kind: 'percent', value: '1' })), money('100.00'), money('98.99'))).toEqual({
    holds: false,
    why: 'amount',
    by: '1.01',
    allowed: '1.00',
    percent: '1',
  });
  expect(checkPair(parse(date(2, 5)), day('2026-01-01'), day('2026-01-10'))).toEqual({
    holds: false,
    why: 'days',
    days: 9,
    allowed: 5,
  });
  expect(checkPair(parse(date(2, 5)), day('2026-01-10'), day('2026-01-01'))).toMatchObject({ days: -9, allowed: 2 });
  expect(checkPair(parse(equal([])), { value: null, type: 'text' }, { value: 'x', type: 'text' })).toEqual({
    holds: false,
    why: 'empty',
    side: 'left',
  });
  // What the cells do not tell is not guessed.
  const float = { value: 1.5, type: 'float64' as const };
  expect(checkPair(parse(equal(['case'])), float, { value: '1.5', type: 'text' })).toBe(null);
});
