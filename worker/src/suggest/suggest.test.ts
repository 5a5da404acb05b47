import { recipeSchema, suggestionsSchema } from '@kalla/core';
import { describe, expect, test } from 'vitest';
import { table } from '../testing/fixtures.ts';
import { countsFor, suggestFor } from './testing.ts';

const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const day = (index: number) => new Date(Date.UTC(2026, 0, 1 + (index % 90))).toISOString().slice(0, 10);

describe('suggestions', () => {
  test('the same reference under other names', async () => {
    const left = table(
      { invoice: 'text', amount: 'decimal(12,2)', issued: 'date' },
      range(400).map((i) => [`R${7 * i + 1000}x`, `${(i * 37) % 900}.50`, day(i)]),
    );
    const right = table(
      { reference: 'text', paid: 'decimal(12,2)', booked: 'date' },
      range(400).map((i) => [`R${7 * (i + 40) + 1000}x`, `${((i + 40) * 37) % 900}.50`, day(i + 42)]),
    );
    const found = await suggestFor(left, right);
    suggestionsSchema.parse(found);
    const best = found.proposals[0]!;
    expect(best.rule.conditions[0]).toMatchObject({ kind: 'equal', left: 'invoice', right: 'reference', ignore: [] });
    expect(best.counts).toMatchObject({ left: 400, right: 400, matched: 360, unmatched_left: 40, unmatched_right: 40 });
    expect(best.ambiguous).toEqual({ left: 0, right: 0 });
    expect(recipeSchema.parse(best.recipe).sources.left).toMatchObject({
      alias: 'books',
      type: 'file',
      schema: ['invoice', 'amount', 'issued'],
      primary_key: ['invoice'],
    });
    expect(await countsFor(left, right, best.recipe)).toEqual({
      counts: best.counts,
      ambiguous: best.ambiguous,
      sampled: false,
    });
  });
});
