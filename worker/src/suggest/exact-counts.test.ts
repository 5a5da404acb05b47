import { compileRule, ruleSchema, type RuleInput } from '@kalla/core';
import { expect, test } from 'vitest';
import { stagedTable, table, testContext, type Cell } from '../testing/fixtures.ts';
import { Bench, benchSource } from './bench.ts';
import { ExactCounts } from './exact-counts.ts';

const dice = (seed: number) => {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};

/** Few customers, near amounts and near days: many rows have several partners, and many are alike. */
function rows(seed: number, count: number): Cell[][] {
  const next = dice(seed);
  return Array.from({ length: count }, (_, at) => [
    `K${(at * 7919) % count}`,
    next(20) === 0 ? null : `C-0${next(6)}`,
    next(20) === 0 ? null : `${next(40) - 20}.${10 + next(3)}`,
    `2026-01-${String(1 + next(14)).padStart(2, '0')}`,
  ]);
}

const TYPES = { id: 'text', customer: 'text', amount: 'decimal(12,2)', day: 'date' };
type Conditions = RuleInput['conditions'];
const CUSTOMER: Conditions[number] = {
  kind: 'equal',
  left: 'c1',
  right: 'c1',
  ignore: ['punctuation', 'leading_zeros'],
};
const AMOUNT = { kind: 'amount', left: 'c2', right: 'c2', sign: 'same' } as const;
const DAY = { kind: 'date', left: 'c3', right: 'c3' } as const;
const RULES: Record<string, Conditions> = {
  'a tolerance': [CUSTOMER, { ...AMOUNT, tolerance: { kind: 'absolute', value: '1.50' } }],
  'a share, and days': [
    CUSTOMER,
    { ...AMOUNT, tolerance: { kind: 'percent', value: '10' } },
    { ...DAY, before: 2, after: 9 },
  ],
  'days alone': [
    { ...AMOUNT, tolerance: { kind: 'none' } },
    { ...DAY, before: 0, after: 6 },
  ],
  'signs aside': [
    CUSTOMER,
    { ...AMOUNT, sign: 'any', tolerance: { kind: 'absolute', value: '5' } },
    { ...DAY, before: 20, after: 20 },
  ],
};

test.each(Object.entries(RULES).flatMap(([name, conditions]) => [1, 2, 3].map((seed) => ({ name, conditions, seed }))))(
  'each row once is counted as a run pairs them: $name, $seed',
  async ({ conditions, seed }) => {
    const context = await testContext();
    try {
      const sides = {
        left: await stagedTable('left', table(TYPES, rows(seed, 300)), context.scratchDir),
        right: await stagedTable('right', table(TYPES, rows(seed + 100, 280)), context.scratchDir),
      };
      await using bench = await Bench.open(sides, context);
      for (const key of [0, -1]) {
        const rule = ruleSchema.parse({ conditions, pairing: 'once' });
        const source = (side: 'left' | 'right') => ({
          ...benchSource(side, bench.columns(side), `${side}_all`),
          primary_key: [key < 0 ? '_row' : 'c0'],
        });
        const [run] = await bench.numbers(
          `SELECT count(*)::VARCHAR FROM (${compileRule(rule, source('left'), source('right'))})`,
        );
        const keys = { left: [key], right: [key] };
        const inMemory = await new ExactCounts(bench, keys).of(rule);
        const bySql = await new ExactCounts(bench, keys, [], 0).of(rule);
        expect(inMemory!.ambiguous.left).toBeGreaterThan(20);
        expect([inMemory!.counts.matched, bySql]).toEqual([run, inMemory]);
      }
    } finally {
      await context.dispose();
    }
  },
);
