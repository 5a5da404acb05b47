import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobPayloadSchema } from '@kalla/core';
import { previewRecipe } from '../preview-recipe.ts';
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

async function run(left: TestTable, right: TestTable, match_sql = SQL) {
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
  });
  try {
    return await runJob(payload, [memorySource('l', left), memorySource('b', right)], { ...own, store: context.store });
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
    expect(manifest.warnings.map(({ message }) => message).join()).toMatch(/have no value at all here/);
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
      /There is no column "nope"/,
    );
    const text = table({ ...TYPES, amount: 'text' }, [['7', 'A', 'ten', '2026-01-01']]);
    await expect(run(ledger, text)).rejects.toThrow(/text|types/);
  });
});
