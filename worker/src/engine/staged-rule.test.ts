import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileRule, jobPayloadSchema, ruleSchema, type ColumnType, type RuleInput } from '@kalla/core';
import { previewRecipe } from '../preview-recipe.ts';
import { countRecipe } from '../suggest/count-recipe.ts';
import { runJob } from '../run-job.ts';
import { memorySource, readParquet, table, testContext, type Cell, type TestTable } from '../testing/fixtures.ts';

let context: Awaited<ReturnType<typeof testContext>>;
beforeAll(async () => void (context = await testContext()));
afterAll(() => context.dispose());

const TYPES = { id: 'int64', ref: 'text', amount: 'decimal(12,2)', day: 'date' };
const TEXTS = { id: 'text', ref: 'text', amount: 'text', day: 'text' };
const ledger = table(TYPES, [
  ['1', 'A', '10.00', '2026-01-01'],
  ['2', 'B', '20.50', '2026-01-02'],
]);
const SQL = `SELECT l.id AS left_id, b.id AS right_id, b.amount, b.day, l.amount - b.amount AS fee FROM l JOIN b ON l.ref = b.ref
  AND b.amount BETWEEN l.amount - 5 AND l.amount AND b.day BETWEEN l.day AND l.day + INTERVAL '3' DAY`;

async function run(
  left: TestTable,
  right: TestTable,
  match_sql = SQL,
  rule?: RuleInput,
  columnTypes?: Record<string, ColumnType>,
) {
  const own = await testContext();
  const payload = jobPayloadSchema.parse({
    run_id: 'r',
    callback_url: 'http://127.0.0.1:1/api/worker/progress',
    match_sql,
    sources: [
      { alias: 'l', uri: 'memory:l' },
      { alias: 'b', uri: 'memory:b' },
    ],
    output_path: context.store.uri('runs/r'),
    primary_keys: { l: ['id'], b: ['id'] },
    ...(rule ? { rule } : {}),
  });
  try {
    return await runJob(payload, [memorySource('l', left), memorySource('b', right, { columnTypes })], {
      ...own,
      store: context.store,
    });
  } finally {
    await own.dispose();
  }
}
const empty: Cell[] = ['7', 'A', null, null];

describe('a file that does not tell the types of its columns', () => {
  it.each<[string, TestTable, TestTable, number, number]>([
    ['no rows on the right', ledger, table(TEXTS, []), 2, 0],
    ['no rows on the left', table(TEXTS, []), ledger, 0, 2],
    ['empty columns', ledger, table({ ...TYPES, amount: 'text', day: 'text' }, [empty]), 2, 1],
  ])('%s: every row is accounted for', async (_name, left, right, unmatchedLeft, unmatchedRight) => {
    const manifest = await run(left, right);
    expect(manifest.counts).toMatchObject({
      matched: 0,
      unmatched_left: unmatchedLeft,
      unmatched_right: unmatchedRight,
    });
    expect(manifest.warnings.map(({ message }) => message).join()).toMatch(
      left.rows.length && right.rows.length ? /have no value at all here/ : /has 0 rows/,
    );
    const rows = await readParquet(
      (await context.store.localPath('runs/r/unmatched_left.parquet', context.scratchDir)) as string,
    );
    expect(rows).toHaveLength(unmatchedLeft);
  });

  it('matches by the other columns and keeps the empty one empty', async () => {
    const right = table({ ...TYPES, amount: 'text' }, [['7', 'A', null, '2026-01-01']]);
    const manifest = await run(
      ledger,
      right,
      'SELECT l.id AS left_id, b.id AS right_id, COALESCE(b.amount, l.amount) AS amount FROM l JOIN b ON l.ref = b.ref AND l.day = b.day',
    );
    expect(manifest.counts).toMatchObject({ matched: 1, unmatched_left: 1, unmatched_right: 0 });
    const file = (await context.store.localPath('runs/r/matched.parquet', context.scratchDir)) as string;
    expect(await readParquet(file)).toEqual([{ left_id: '1', right_id: '7', amount: '10.00' }]);
  });

  it('previews as it runs', async () => {
    const preview = await previewRecipe(
      { match_sql: SQL, sources: [{ alias: 'l' }, { alias: 'b' }], primary_keys: { l: ['id'], b: ['id'] }, limit: 5 },
      [memorySource('l', ledger), memorySource('b', table(TEXTS, []))],
      context,
    );
    expect(preview.counts).toMatchObject({ left: 2, right: 0, matched: 0, unmatched_left: 2 });
  });

  it('still says what is wrong with a rule, in the words for the file as it is', async () => {
    await expect(run(ledger, table(TEXTS, []), SQL.replace('l.ref', 'l.nope'))).rejects.toThrow(
      /"l" has no column "nope"/,
    );
    const text = table({ ...TYPES, amount: 'text' }, [['7', 'A', 'ten', '2026-01-01']]);
    await expect(run(ledger, text)).rejects.toThrow(/text|types/);
  });

  it('says which source lacks a column, and says once what is wrong at both ends of a range', async () => {
    const { amount: _renamed, ...rest } = TYPES;
    const renamed = table({ ...rest, total: 'decimal(12,2)' }, [['7', 'A', '2026-01-01', '10.00']]);
    const lacking = 'SELECT l.id AS left_id, x.id AS right_id FROM l JOIN b x ON l.ref = x.ref AND l.amount = x.amount';
    await expect(run(ledger, renamed, lacking)).rejects.toThrow(
      /^"b" has no column "amount"\. "b" has: "id", "ref", "day", "total"\.$/,
    );
    const text = table({ ...TYPES, amount: 'text' }, [['7', 'A', 'ten', '2026-01-01']]);
    const fault: unknown = await run(ledger, text).catch((error: unknown) => error);
    expect(String(fault).match(/A text is compared with a number/g)).toHaveLength(1);
  });

  it('names the cell that makes a column of numbers a text', async () => {
    const text = table({ ...TYPES, amount: 'text' }, [['7', 'A', '12,x', '2026-01-01']]);
    const odd = 'Column "amount" is kept as text: 1 of 2 cells is no number, that in row 1: "12,x".';
    const notes = [{ column: 'amount', message: odd, count: 1, row: 1, value: '12,x' }];
    await expect(run(ledger, { ...text, notes })).rejects.toThrow(`In "b": ${odd}`);
    // Where the recipe was made with numbers there, that is said as well, and the cell once.
    const fault: unknown = await run(ledger, { ...text, notes }, SQL, undefined, { amount: 'decimal(12,2)' }).catch(
      (error: unknown) => error,
    );
    expect(String(fault)).toContain(
      `The column "amount" of "b" was read as a number when the recipe was made and is text here. ${odd}`,
    );
    expect(String(fault).split(odd)).toHaveLength(2);
  });

  it('asks what keeps a column of dates a text', async () => {
    const message = 'In column "day" no date tells whether the day or the month comes first.';
    const notes = [{ column: 'day', message, choice: { date_order: ['dmy', 'mdy'] } }];
    const text = { ...table({ ...TYPES, day: 'text' }, [['7', 'A', '10.00', '01/02/2026']]), notes };
    await expect(run(ledger, text, SQL, undefined, { day: 'date' })).rejects.toThrow(
      `was read as a date when the recipe was made and is text here. ${message} ` +
        'Say it in the options of the file, or of the source in the recipe: {"date_order":"dmy"} or {"date_order":"mdy"}.',
    );
  });

  it.each([
    ['written by hand', undefined],
    [
      'made of clicks',
      {
        conditions: [
          { kind: 'equal', left: 'ref', right: 'ref' },
          { kind: 'amount', left: 'amount', right: 'amount', tolerance: { kind: 'absolute', value: '0.05' } },
          { kind: 'date', left: 'day', right: 'day', after: 3 },
        ],
      } satisfies RuleInput,
    ],
  ])('two files without rows under a rule %s: nothing matches, and 0 rows are said', async (_name, rule) => {
    const nothing = table(TEXTS, []);
    const side = (alias: string) => ({ alias, primary_key: ['id'], columns: ledger.columns });
    const sql = rule ? compileRule(ruleSchema.parse(rule), side('l'), side('b')) : SQL;
    const none = { left: 0, right: 0, matched: 0, unmatched_left: 0, unmatched_right: 0 };
    const manifest = await run(nothing, nothing, sql, rule);
    expect(manifest.counts).toMatchObject(none);
    expect(manifest.warnings.map(({ message }) => message)).toEqual(
      expect.arrayContaining(['"l" has 0 rows.', '"b" has 0 rows.']),
    );
    const request = {
      match_sql: sql,
      sources: [{ alias: 'l' }, { alias: 'b' }],
      primary_keys: { l: ['id'], b: ['id'] },
      ...(rule ? { rule: ruleSchema.parse(rule) } : {}),
    };
    const sources = [
      memorySource('l', nothing, { sha256: randomUUID() }),
      memorySource('b', nothing, { sha256: randomUUID() }),
    ] as const;
    expect((await previewRecipe({ ...request, limit: 5 }, sources, context)).counts).toMatchObject(none);
    expect((await countRecipe(request, sources, context)).counts).toMatchObject(none);
  });
});

describe('a reference that has nothing but digits this month', () => {
  const rule = ruleSchema.parse({ conditions: [{ kind: 'equal', left: 'ref', right: 'ref' }] });
  const source = (alias: string) => ({ alias, primary_key: ['id'], columns: ledger.columns });
  const sql = compileRule(rule, source('l'), source('b'));
  const rows = (...refs: string[]) => refs.map((ref, index): Cell[] => [String(index), ref, '1.00', '2026-01-01']);
  const digits = table({ ...TYPES, ref: 'int64' }, rows('1001', '1002'));
  const words = table(TYPES, rows('1001', '001002'));

  it.each<[string, TestTable, TestTable, number]>([
    ['on one side', words, digits, 1],
    ['on both sides', digits, digits, 2],
  ])('%s is compared as a text in run, preview and count', async (_name, left, right, matched) => {
    const manifest = await run(left, right, sql, rule);
    expect(manifest.counts).toMatchObject({ left: 2, right: 2, matched });
    expect(manifest.warnings.map(({ message }) => message).join()).toMatch(
      /"ref" of "b" holds nothing but digits here/,
    );
    const request = {
      match_sql: sql,
      sources: [{ alias: 'l' }, { alias: 'b' }],
      primary_keys: { l: ['id'], b: ['id'] },
      rule,
    };
    const sources = [
      memorySource('l', left, { sha256: randomUUID() }),
      memorySource('b', right, { sha256: randomUUID() }),
    ] as const;
    expect((await previewRecipe({ ...request, limit: 5 }, sources, context)).counts).toEqual(manifest.counts);
    expect((await countRecipe(request, sources, context)).counts).toEqual(manifest.counts);
  });

  it('is not made a text where the SQL is all that is known, and the reason is said', async () => {
    const unlike = { ...memorySource('b', digits), columnTypes: { ref: 'text' } };
    await expect(
      run(words, digits, 'SELECT l.id AS left_id, b.id AS right_id FROM l JOIN b ON l.ref = b.ref'),
    ).rejects.toThrow(/text/);
    await expect(
      previewRecipe(
        {
          match_sql: 'SELECT l.id AS left_id, b.id AS right_id FROM l JOIN b ON l.ref = b.ref',
          sources: [{ alias: 'l' }, { alias: 'b' }],
          primary_keys: { l: ['id'], b: ['id'] },
          limit: 5,
        },
        [memorySource('l', words), unlike],
        context,
      ),
    ).rejects.toThrow('The column "ref" of "b" was read as text when the recipe was made and is a number here.');
  });
});
