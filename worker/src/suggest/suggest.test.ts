import { recipeSchema, suggestionsSchema, type Suggestions } from '@kalla/core';
import { describe, expect, test } from 'vitest';
import { table, type Cell, type TestTable } from '../testing/fixtures.ts';
import { countsFor, suggestFor } from './testing.ts';

const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const day = (index: number) => new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10);
/** Numbers that look random and are the same each time. */
const random = (seed: number) => {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};
const cents = (value: number) =>
  `${value < 0 ? '-' : ''}${Math.trunc(Math.abs(value) / 100)}.${String(Math.abs(value) % 100).padStart(2, '0')}`;

/** The best proposal, after what has to hold of every answer. */
async function bestOf(left: TestTable, right: TestTable) {
  const found = await suggestFor(left, right);
  suggestionsSchema.parse(found);
  expectWhole(found);
  const best = found.proposals[0];
  expect(best, JSON.stringify(found.notes)).toBeDefined();
  // What is proposed is what a run counts.
  expect(await countsFor(left, right, best!.recipe)).toEqual({
    counts: best!.counts,
    ambiguous: best!.ambiguous,
    sampled: false,
  });
  return { best: best!, found };
}

function expectWhole(found: Suggestions): void {
  const ids = found.proposals.map(({ recipe }) => recipe.recipe_id);
  for (const { recipe, rule, counts, reasons, score } of found.proposals) {
    recipeSchema.parse(recipe);
    expect(recipe.rule).toEqual(rule);
    expect(counts.left).toBe(counts.matched_left_rows + counts.unmatched_left);
    expect(counts.right).toBe(counts.matched_right_rows + counts.unmatched_right);
    expect(reasons.length).toBeGreaterThan(1);
    expect(score).toBeGreaterThan(0);
  }
  expect(ids.length).toBeLessThanOrEqual(5);
  const scores = found.proposals.map(({ score }) => score);
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
}

describe('suggestions', { timeout: 120_000 }, () => {
  test('the same reference under other names', async () => {
    const next = random(1);
    const rows = range(400).map((i) => [`R${7 * i + 1000}x`, cents(100 + next(90_000)), day(next(90))]);
    const left = table({ invoice: 'text', amount: 'decimal(12,2)', issued: 'date' }, rows.slice(0, 360));
    const right = table({ reference: 'text', paid: 'decimal(12,2)', booked: 'date' }, rows.slice(40).reverse());
    const { best, found } = await bestOf(left, right);
    expect(best.rule.conditions).toEqual([{ kind: 'equal', left: 'invoice', right: 'reference', ignore: [] }]);
    expect(best.counts).toMatchObject({ left: 360, right: 360, matched: 320, unmatched_left: 40, unmatched_right: 40 });
    expect(best.ambiguous).toEqual({ left: 0, right: 0 });
    expect(best.score).toBeGreaterThan(0.8);
    expect(best.recipe.sources.left).toMatchObject({ alias: 'books', type: 'file', primary_key: ['invoice'] });
    expect(best.recipe.sources.left.schema).toEqual(['invoice', 'amount', 'issued']);
    expect(found.left.keys[0]).toMatchObject({ columns: ['invoice'], reason: '360 rows, 360 different values' });
    expect(found.column_pairs).toContainEqual(
      expect.objectContaining({ left: 'amount', right: 'paid', kind: 'amount' }),
    );
  });

  test('a reference that is written in another way', async () => {
    const next = random(2);
    const numbers = range(300).map((i) => 42 + 3 * i + next(3));
    const left = table(
      { doc: 'text', amount: 'decimal(12,2)' },
      numbers.map((n) => [`INV-${String(n).padStart(6, '0')}`, cents(next(100_000))]),
    );
    const right = table(
      { text: 'text', amount: 'decimal(12,2)' },
      numbers.slice(30).map((n, at) => [at % 2 ? `inv ${n}` : `Inv ${n}.`, cents(next(100_000))]),
    );
    const { best } = await bestOf(left, right);
    expect(best.rule.conditions).toHaveLength(1);
    expect(best.rule.conditions[0]).toMatchObject({ kind: 'equal', left: 'doc', right: 'text' });
    expect(best.rule.conditions[0]).toHaveProperty('ignore', ['case', 'spaces', 'punctuation', 'leading_zeros']);
    expect(best.counts).toMatchObject({ matched: 270, matched_left_rows: 270, matched_right_rows: 270 });
  });

  test('a reference inside a longer text', async () => {
    const next = random(3);
    const numbers = range(300).map((i) => 1000 + 13 * i + next(9));
    const left = table(
      { number: 'text', total: 'decimal(12,2)' },
      numbers.map((n) => [`RE-${n}-A`, cents(next(100_000))]),
    );
    const words = ['Payment', 'thanks', 'from Miller', 'for'];
    const right = table(
      { memo: 'text', total: 'decimal(12,2)' },
      numbers.slice(20).map((n) => [`${words[next(4)]} RE-${n}-A ${words[next(4)]} ${next(99)}`, cents(next(100_000))]),
    );
    const { best } = await bestOf(left, right);
    expect(best.rule.conditions[0]).toMatchObject({
      kind: 'equal',
      left: 'number',
      right: 'memo',
      extract: { side: 'right' },
    });
    expect(best.counts).toMatchObject({ matched: 280, unmatched_left: 20, unmatched_right: 0 });
    expect(best.recipe.match_description).toContain('the reference inside "memo" of bank, such as RE-');
  });

  const noReference = (seed: number, change: (amount: number, lag: number) => [string, string]) => {
    const next = random(seed);
    const rows = range(600).map(() => ({ amount: 500 + next(4_000), date: next(200), lag: next(4) }));
    const left = table(
      { id: 'int32', value: 'decimal(12,2)', made: 'date' },
      rows.map(({ amount, date }, i) => [String(i + 1), cents(amount), day(date)]),
    );
    const right = table(
      { paid: 'decimal(12,2)', booked: 'date' },
      rows.slice(60).map(({ amount, date, lag }) => {
        const [paid, days] = change(amount, lag);
        return [paid, day(date + Number(days))];
      }),
    );
    return { left, right };
  };

  test('no reference at all: amount and a lag of days', async () => {
    const { left, right } = noReference(4, (amount, lag) => [cents(amount), String(lag)]);
    const { best } = await bestOf(left, right);
    expect(best.rule.conditions).toEqual([
      expect.objectContaining({
        kind: 'amount',
        left: 'value',
        right: 'paid',
        sign: 'same',
        tolerance: { kind: 'none' },
      }),
      { kind: 'date', left: 'made', right: 'booked', before: 0, after: 3 },
    ]);
    expect(best.counts.matched).toBeGreaterThanOrEqual(538);
    expect(best.recipe.sources.right.primary_key).toEqual(['_row']);
  });

  test('opposite signs', async () => {
    const { left, right } = noReference(5, (amount, lag) => [cents(-amount), String(lag)]);
    const { best } = await bestOf(left, right);
    expect(best.rule.conditions[0]).toMatchObject({ kind: 'amount', sign: 'opposite' });
    expect(best.counts.matched).toBeGreaterThanOrEqual(538);
  });

  test('a tolerance where the reference repeats', async () => {
    const next = random(6);
    const rows = range(500).map((i) => ({ customer: `C${1000 + (i % 120) * 7}`, amount: 10_000 + next(500_000) }));
    const left = table(
      { customer: 'text', amount: 'decimal(12,2)' },
      rows.map(({ customer, amount }) => [customer, cents(amount)]),
    );
    const right = table(
      { client: 'text', paid: 'decimal(12,2)' },
      rows.map(({ customer, amount }, at) => [customer, cents(amount + (at % 3 ? next(5) : 0))]),
    );
    const { best } = await bestOf(left, right);
    expect(best.rule.conditions).toEqual([
      { kind: 'equal', left: 'customer', right: 'client', ignore: [] },
      expect.objectContaining({ kind: 'amount', tolerance: { kind: 'absolute', value: '0.05' } }),
    ]);
    expect(best.counts.matched).toBeGreaterThanOrEqual(495);
  });

  test('a composite key', async () => {
    const next = random(7);
    const lines = range(200).flatMap((order) =>
      range(1 + (order % 4)).map((line) => [`PO${order * 11 + 500}`, String(line + 1)]),
    );
    const left = table(
      { order: 'text', line: 'int32', qty: 'int32' },
      lines.map((line) => [...line, String(next(9))]),
    );
    const right = table(
      { po: 'text', pos: 'int32', price: 'decimal(12,2)' },
      lines.map((line) => [...line, cents(next(9_000))]),
    );
    const { best, found } = await bestOf(left, right);
    expect(best.rule.conditions).toEqual([
      { kind: 'equal', left: 'order', right: 'po', ignore: [] },
      { kind: 'equal', left: 'line', right: 'pos', ignore: [] },
    ]);
    expect(best.counts).toMatchObject({ matched: lines.length, unmatched_left: 0, unmatched_right: 0 });
    expect(found.left.keys[0]!.columns).toEqual(['order', 'line']);
    expect(best.recipe.sources.right.primary_key).toEqual(['po', 'pos']);
  });

  /** Every shop has the same tickets each day: 4,000 rows, told apart by three columns together and by no two of them. */
  const tills = (seed: number, rows: readonly number[], different: number) => {
    const next = random(seed);
    const totals = range(4000).map(() => cents(500 * (1 + next(different))));
    return rows.map((i) => [
      `S${201 + (i % 4)}`,
      day(Math.floor(i / 80)),
      String(1 + (Math.floor(i / 4) % 20)).padStart(4, '0'),
      totals[i]!,
    ]);
  };
  const till = { shop: 'text', day: 'date', ticket: 'text', total: 'decimal(12,2)' };
  const journal = { store: 'text', date: 'date', number: 'text', due: 'decimal(12,2)' };

  test('a key of several columns, where more rows share a value of each than can be paired', async () => {
    const left = table(till, tills(14, range(3800), 3));
    const right = table(journal, tills(14, range(4000).slice(100).reverse(), 3));
    const { best, found } = await bestOf(left, right);
    expect(best.rule.conditions).toEqual([
      { kind: 'equal', left: 'shop', right: 'store', ignore: [] },
      { kind: 'date', left: 'day', right: 'date', before: 0, after: 0 },
      { kind: 'equal', left: 'ticket', right: 'number', ignore: [] },
    ]);
    expect(best.counts).toMatchObject({ matched: 3700, unmatched_left: 100, unmatched_right: 200 });
    expect(best.ambiguous).toEqual({ left: 0, right: 0 });
    expect(found.column_pairs).toContainEqual(expect.objectContaining({ left: 'day', right: 'date', kind: 'date' }));
  });

  test('keys of the same values in rows that agree in nothing else are no proof', async () => {
    const found = await suggestFor(
      table(till, tills(15, range(3800), 900)),
      table(journal, tills(16, range(4000).slice(100).reverse(), 900)),
    );
    expect(found.proposals.filter(({ score }) => score > 0.3)).toEqual([]);
  });

  test('equal amounts of other currencies do not match', async () => {
    const next = random(8);
    const codes = ['EUR', 'USD', 'CHF'];
    const rows = range(600).map((i) => ({
      code: codes[i % 3]!,
      amount: 1000 + next(3000),
      date: next(120),
      lag: next(3),
    }));
    const left = table(
      { cur: 'text', value: 'decimal(12,2)', made: 'date' },
      rows.map(({ code, amount, date }) => [code, cents(amount), day(date)]),
    );
    const right = table(
      { currency: 'text', paid: 'decimal(12,2)', booked: 'date' },
      rows.map(({ code, amount, date, lag }) => [code, cents(amount), day(date + lag)]),
    );
    const { best, found } = await bestOf(left, right);
    expect(best.rule.conditions).toContainEqual({ kind: 'equal', left: 'cur', right: 'currency', ignore: [] });
    expect(best.rule.conditions).toContainEqual(expect.objectContaining({ kind: 'date', before: 0, after: 2 }));
    expect(best.counts.matched).toBeGreaterThanOrEqual(597);
    expect(found.notes.map(({ message }) => message).join()).toContain('several currencies');
  });

  test('a reference inside a text, where a customer and an amount find the same', async () => {
    const next = random(12);
    const rows = range(200).map((i) => ({
      ref: `RE-${10_000 + 7 * i}`,
      customer: `Firm ${next(12)}`,
      amount: next(90_000),
    }));
    const left = table(
      { invoice: 'text', customer: 'text', total: 'decimal(12,2)' },
      rows.map(({ ref, customer, amount }) => [ref, customer, cents(amount)]),
    );
    const right = table(
      { payer: 'text', memo: 'text', paid: 'decimal(12,2)' },
      rows.slice(20).map(({ ref, customer, amount }) => [customer, `${customer} pays ${ref} now`, cents(amount)]),
    );
    const { best } = await bestOf(left, right);
    expect(best.rule.conditions).toEqual([expect.objectContaining({ kind: 'equal', left: 'invoice', right: 'memo' })]);
    expect(best.counts.matched).toBe(180);
  });

  test('formats are ignored where most values are already alike without', async () => {
    const numbers = range(300).map((i) => `INV-${10_000 + 7 * i}`);
    const left = table(
      { invoice: 'text' },
      numbers.map((ref) => [ref]),
    );
    const right = table(
      { reference: 'text' },
      numbers.map((ref, at) => [at % 5 ? ref : ref.toLowerCase().replace('-', ' ')]),
    );
    const { best } = await bestOf(left, right);
    expect(best.counts.matched).toBe(300);
  });

  test('counters of files in the order of their dates are no reference', async () => {
    const next = random(13);
    const side = (from: number) =>
      range(400).map((i) => [
        `${'LB'[from]}-${String(i + 1).padStart(5, '0')}`,
        day(Math.floor(i / 4) + next(2)),
        cents(1 + next(900_000)),
      ]);
    const columns = { id: 'text', day: 'date', amount: 'decimal(12,2)' } as const;
    const found = await suggestFor(table(columns, side(0)), table(columns, side(1)));
    expect(found.proposals.filter(({ score }) => score > 0.3)).toEqual([]);
  });

  test('counters that meet by chance are told from what belongs together', async () => {
    const next = random(9);
    const rows = range(400).map((i) => ({
      ref: `${String.fromCharCode(65 + next(26))}${100_000 + next(800_000)}`,
      amount: cents(next(90_000)),
      i,
    }));
    const left = table(
      { id: 'int32', ref: 'text', amount: 'decimal(12,2)' },
      rows.map(({ ref, amount, i }) => [String(i + 1), ref, amount]),
    );
    const right = table(
      { id: 'int32', ref: 'text', amount: 'decimal(12,2)' },
      [...rows]
        .sort((a, b) => a.ref.localeCompare(b.ref))
        .slice(0, 300)
        .map(({ ref, amount }, at) => [String(at + 1), ref, amount]),
    );
    const { best } = await bestOf(left, right);
    expect(best.rule.conditions).toEqual([{ kind: 'equal', left: 'ref', right: 'ref', ignore: [] }]);
    expect(best.counts.matched).toBe(300);
  });

  test('counters that everything else speaks for are not said to be chance', async () => {
    const next = random(11);
    const rows = range(400).map((i) => [i, next(500_000), i % 90] as const);
    const columns = { id: 'text', amount: 'decimal(12,2)', day: 'date' } as const;
    const side = (letter: string, some: typeof rows) =>
      table(
        columns,
        some.map(([i, amount, on]) => [`${letter}${String(i).padStart(5, '0')}`, cents(amount), day(on)]),
      );
    const { found } = await bestOf(
      side('E', rows),
      side(
        'S',
        rows.filter(([i]) => i % 8 > 0),
      ),
    );
    const counters = found.proposals.find(({ rule }) => rule.conditions.every(({ left }) => left === 'id'));
    expect(counters?.score, JSON.stringify(found.proposals.map(({ reasons }) => reasons))).toBeGreaterThan(0.85);
    expect(counters?.reasons.join(' ')).not.toContain('could be chance');
  });

  test('nothing in common: no proposal, and it says so', async () => {
    const next = random(10);
    const left = table(
      { name: 'text', born: 'date' },
      range(200).map((i) => [`Person ${String.fromCharCode(97 + next(26))}${i}q`, day(-next(9000))]),
    );
    const right = table(
      { part: 'text', weight: 'decimal(12,3)' },
      range(200).map((i) => [`P/${i * 3 + 7}/zz`, `${next(90)}.${100 + next(900)}`]),
    );
    const found = await suggestFor(left, right);
    expect(found.proposals).toEqual([]);
    expect(found.notes[0]!.message).toContain('nothing in common');
  });

  test('sides swapped give the same the other way round', async () => {
    const { left, right } = noReference(11, (amount, lag) => [cents(-amount), String(lag)]);
    const { best } = await bestOf(left, right);
    const { best: swapped } = await bestOf(right, left);
    expect(swapped.counts.matched).toBe(best.counts.matched);
    const mirrored = swapped.rule.conditions.map((condition) => ({
      ...condition,
      left: condition.right,
      right: condition.left,
      ...(condition.kind === 'date' ? { before: condition.after, after: condition.before } : {}),
    }));
    expect(mirrored).toEqual(best.rule.conditions);
  });

  test('hostile column names, empty columns and single rows', async () => {
    const names = [
      'a"b',
      "x'); DROP TABLE left_all; --",
      'line\nbreak',
      '😀',
      '<script>alert(1)</script>',
      '_ROW',
      'c0',
    ];
    const columns = Object.fromEntries([...names.map((name) => [name, 'text']), ['empty', 'text'], ['void', 'int32']]);
    const cells = (i: number): Cell[] => [...names.map((_, at) => `v${at}-${i * 17 + 100}`), null, null];
    const left = table(columns, range(50).map(cells));
    const right = table(
      { ...columns, more: 'date' },
      range(50).map((i) => [...cells(i), null]),
    );
    const { best, found } = await bestOf(left, right);
    expect(best.counts.matched).toBe(50);
    expect(found.notes.map(({ message }) => message).join()).toContain(
      '"empty", "void" of books are empty in every row',
    );
    const single = await suggestFor(table({ ref: 'text' }, [['ABC-1234']]), table({ id: 'text' }, [['ABC-1234']]));
    expect(single.proposals[0]?.counts).toMatchObject({ matched: 1 });
    const none = await suggestFor(table({ ref: 'text' }, []), table({ id: 'text' }, [['ABC-1234']]));
    expect([none.proposals, none.notes[0]!.message]).toEqual([
      [],
      '"books" has no rows, so there is nothing to find a rule by.',
    ]);
  });

  test('columns of every type, with numbers that no machine word holds', async () => {
    const columns = {
      ref: 'text',
      flag: 'boolean',
      small: 'int8',
      big: 'uint64',
      rate: 'float64',
      huge: 'decimal(38,10)',
      long: 'decimal(30,0)',
      booked: 'timestamptz',
      local: 'timestamp',
      due: 'date',
      at: 'time',
      id: 'uuid',
      raw: 'binary',
    };
    const odd = ['NaN', 'inf', '-inf', '-0.0', '1e300', null];
    const rows = range(300).map((i): Cell[] => [
      `\u001f\u{1f600} REF-${i * 13 + 1000}`,
      i % 2 === 0 ? 'true' : 'false',
      String((i % 200) - 100),
      `184467440737095${String(10_000 + i)}`,
      odd[i % 50] ?? `${i}.25`,
      i % 7 === 0 ? '-9999999999999999999999999999.0000000001' : `${i * 3}.5`,
      `123456789012345678901234567${100 + i}`,
      i === 5 ? 'infinity' : `${day(i % 90)} 23:30:00+00`,
      i === 6 ? '-infinity' : `${day(i % 90)} 10:00:00`,
      i === 7 ? 'infinity' : day(i % 90),
      '10:00:00',
      `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
      `b${i}`,
    ]);
    const { best } = await bestOf(table(columns, rows), table(columns, [...rows].reverse()));
    expect(best.counts.matched).toBe(300);
  });
});
