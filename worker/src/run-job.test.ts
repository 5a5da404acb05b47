import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConnectorError, jobPayloadSchema, quoteLiteral, resultManifestSchema, type JobPayload } from '@kalla/core';
import { previewRecipe } from './preview-recipe.ts';
import { previewRows } from './preview-rows.ts';
import { exportResultRows } from './results/export-result-rows.ts';
import { readResultRows } from './results/read-result-rows.ts';
import { runJob } from './run-job.ts';
import { memorySource, readParquet, table, testContext, type Cell } from './testing/fixtures.ts';

let context: Awaited<ReturnType<typeof testContext>>;
beforeAll(async () => void (context = await testContext()));
afterAll(() => context.dispose());

const invoices = (count = 3000) =>
  table(
    { id: 'int64', ref: 'text', amount: 'decimal(12,2)', Booked: 'timestamptz' },
    Array.from({ length: count }, (_, index): Cell[] => [
      String(index),
      `R${index}`,
      `${index}.10`,
      '2026-01-31 08:00:00.000001+00',
    ]),
  );
const payments = table(
  { pid: 'text', ref: 'text', paid: 'decimal(12,2)' },
  Array.from({ length: 2000 }, (_, index): Cell[] => [`p${index}`, `R${index * 2}`, `${index * 2}.10`]),
);
const SQL =
  'SELECT i.id, p.pid, i.amount AS left_amount, p.paid AS right_amount FROM invoices i JOIN payments p ON i.ref = p.ref';

const job = (extra: Partial<JobPayload> = {}) =>
  jobPayloadSchema.parse({
    run_id: 'run1',
    callback_url: 'http://127.0.0.1:1/api/worker/progress',
    match_sql: SQL,
    sources: [
      { alias: 'invoices', uri: 'memory:a' },
      { alias: 'payments', uri: 'memory:b' },
    ],
    output_path: context.store.uri('runs/run1'),
    primary_keys: { invoices: ['id'], payments: ['pid'] },
    ...extra,
  });

async function fresh() {
  const own = await testContext();
  return { ...own, store: context.store };
}

async function keysIn(prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const object of context.store.list(prefix)) keys.push(object.key);
  return keys;
}

describe('a job', () => {
  it('stages, matches and publishes three files and then the manifest', async () => {
    const own = await fresh();
    const left = memorySource('invoices', invoices());
    const right = memorySource('payments', payments, { filename: 'bank.csv', sha256: 'ab' });
    const manifest = await runJob(job(), [left, right], own);
    expect(manifest.counts).toEqual({
      left: 3000,
      right: 2000,
      matched: 1500,
      unmatched_left: 1500,
      unmatched_right: 500,
      matched_left_rows: 1500,
      matched_right_rows: 1500,
    });
    expect(await keysIn('runs/run1/')).toEqual(
      ['manifest.json', 'matched.parquet', 'unmatched_left.parquet', 'unmatched_right.parquet'].map(
        (name) => `runs/run1/${name}`,
      ),
    );
    const stored = await context.store.localPath('runs/run1/manifest.json', own.scratchDir);
    expect(resultManifestSchema.parse(JSON.parse(await readFile(stored, 'utf8')))).toEqual(manifest);
    for (const output of Object.values(manifest.outputs)) {
      const bytes = await readFile(await context.store.localPath(`runs/run1/${output.file}`, own.scratchDir));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(output.sha256);
      expect(bytes.length).toBe(output.bytes);
    }
    expect(manifest.right).toMatchObject({
      filename: 'bank.csv',
      sha256: 'ab',
      primary_key: ['pid'],
      notes: [{ message: 'read from payments' }],
    });
    expect(manifest.sums.left).toEqual({ amount: '4498800.00' });
    expect([left.opened, left.closed, right.opened, right.closed]).toEqual([1, 1, 1, 1]);
    const stages = own.progress as { stage: string; source?: string; progress: number | null }[];
    for (const source of ['invoices', 'payments']) {
      const seen = stages.filter((event) => event.source === source).map((event) => event.progress);
      // Opening a source has no known end; reading it has.
      expect([seen[0], seen[1], seen.at(-1)]).toEqual([null, 0, 1]);
    }
    expect(stages.at(-1)).toEqual({ stage: 'matching', progress: 1, matched: 1500, total_left: 3000 });

    // The result as the shell reads it.
    const uri = context.store.uri('runs/run1/unmatched_left.parquet');
    const page = await readResultRows(
      { uri, offset: 1, limit: 2, sort: '-amount', filter: [{ column: 'id', op: 'lt', value: '100' }] },
      own,
    );
    expect(page.total).toBe(50);
    expect(page.rows).toEqual([
      { id: '97', ref: 'R97', amount: '97.10', Booked: '2026-01-31T08:00:00.000001Z' },
      { id: '95', ref: 'R95', amount: '95.10', Booked: '2026-01-31T08:00:00.000001Z' },
    ]);
    // Again, from the kept order, and the last row of all without one.
    expect(
      (
        await readResultRows(
          { uri, offset: 49, limit: 10, sort: '-amount', filter: [{ column: 'id', op: 'lt', value: '100' }] },
          own,
        )
      ).rows.map((row) => row['id']),
    ).toEqual(['1']);
    expect(await readResultRows({ uri, offset: 1499, limit: 10, filter: [] }, own)).toMatchObject({
      total: 1500,
      rows: [{}],
    });
    expect(
      (await readResultRows({ uri, offset: 0, limit: 5, filter: [], q: 'r2999' }, own)).rows.map((row) => row['id']),
    ).toEqual(['2999']);
    for (const [filter, sentence] of [
      [{ column: 'amount', op: 'gt', value: 'much' }, /"much" is not a decimal\(12,2\) value/],
      [{ column: 'nope', op: 'eq', value: '1' }, /no column "nope"/],
      [{ column: 'amount', op: 'eq' }, /has no value/],
    ] as const) {
      await expect(readResultRows({ uri, offset: 0, limit: 1, filter: [filter] }, own)).rejects.toMatchObject({
        problem: { status: 422, detail: expect.stringMatching(sentence) },
      });
    }
    await expect(
      readResultRows({ uri: context.store.uri('runs/none/matched.parquet'), offset: 0, limit: 1, filter: [] }, own),
    ).rejects.toMatchObject({ problem: { status: 404 } });

    const bytes = async (format: 'csv' | 'parquet' | 'xlsx') => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of exportResultRows(
        { uri, format, filter: [{ column: 'id', op: 'lte', value: '3' }], sort: 'id' },
        own,
      ))
        chunks.push(chunk);
      return Buffer.concat(chunks);
    };
    expect((await bytes('csv')).toString()).toBe(
      'id,ref,amount,Booked\n1,R1,1.10,2026-01-31T08:00:00.000001Z\n3,R3,3.10,2026-01-31T08:00:00.000001Z\n',
    );
    const copy = path.join(own.scratchDir, 'copy.parquet');
    await writeFile(copy, await bytes('parquet'));
    expect((await readParquet(copy)).map((row) => row['amount'])).toEqual(['1.10', '3.10']);
    const { default: ExcelJS } = await import('exceljs');
    const book = new ExcelJS.Workbook();
    await book.xlsx.load((await bytes('xlsx')) as unknown as ArrayBuffer);
    expect(book.worksheets[0]!.getRow(3).values).toEqual([undefined, 3, 'R3', 3.1, '2026-01-31T08:00:00.000001Z']);
    await own.dispose();
  });

  it('removes what it published, and an older result, when it fails or is cancelled', async () => {
    const own = await fresh();
    const stop = new AbortController();
    const left = memorySource('invoices', invoices());
    const right = memorySource('payments', payments);
    await runJob(job({ output_path: context.store.uri('runs/run2') }), [left, right], own);
    const again = await fresh();
    const cancelled = runJob(job({ output_path: context.store.uri('runs/run2') }), [left, right], {
      ...again,
      signal: stop.signal,
      onProgress: (event) => void (event.stage === 'matching' && stop.abort()),
    });
    await expect(cancelled).rejects.toMatchObject({ kind: 'cancelled' });
    expect(await keysIn('runs/run2/')).toEqual([]);
    await own.dispose();
    await again.dispose();
  });

  it('says what is wrong with the rule, the keys, the columns and the place', async () => {
    const run = async (extra: Partial<JobPayload>, expectedColumns?: string[]) => {
      const own = await fresh();
      const left = memorySource('invoices', invoices(10), { expectedColumns, filename: 'ledger.csv' });
      const outcome = await runJob(
        job({ output_path: context.store.uri('runs/bad'), ...extra }),
        [left, memorySource('payments', payments)],
        own,
      ).catch((error: unknown) => error);
      await own.dispose();
      return outcome;
    };
    expect(await run({ match_sql: 'SELECT i.id FROM invoices i' })).toMatchObject({
      problem: { status: 422, detail: expect.stringContaining('lacks the key column "pid"') },
    });
    expect(await run({ primary_keys: { invoices: ['nr'], payments: ['pid'] } })).toMatchObject({
      problem: { detail: expect.stringContaining('"nr"') },
    });
    expect(await run({ primary_keys: { invoices: ['id'] } })).toMatchObject({
      problem: { detail: expect.stringContaining('"payments"') },
    });
    expect(await run({ output_path: '/elsewhere' })).toMatchObject({
      problem: { detail: expect.stringMatching(/\/elsewhere.*Give an "output_path" below file:\/\/\/.*\/store\//) },
    });
    const changed = await run({}, ['ID', 'amount', 'currency']);
    expect(changed).toMatchObject({
      kind: 'schema-changed',
      message: expect.stringMatching(/ledger\.csv lacks the column "currency"/),
    });
    expect(await keysIn('runs/bad/')).toEqual([]);
  });

  it('runs scans, uses an unchanged Parquet file in place and lets the connector explain a bad cell', async () => {
    const own = await fresh();
    const csv = path.join(own.scratchDir, 'ledger.csv');
    await writeFile(
      csv,
      `id,ref,amount\n${Array.from({ length: 5000 }, (_, index) => `${index},R${index},${index}.5`).join('\n')}\n`,
    );
    const columns = [
      { name: 'id', type: 'int64' },
      { name: 'ref', type: 'text' },
      { name: 'amount', type: 'decimal(12,2)' },
    ];
    const scan = (amount: string) => ({
      format: 'csv' as const,
      paths: [csv],
      sql: `SELECT id, ref, ${amount} AS amount FROM read_csv(${quoteLiteral(csv)}, columns = {'id': 'BIGINT', 'ref': 'VARCHAR', 'amount': 'VARCHAR'}, header = true)`,
      settings: { preserve_insertion_order: 'true' },
    });
    const left = memorySource('invoices', { columns, scan: scan('CAST(amount AS DECIMAL(12,2))') });
    const parquet = await context.store.localPath('runs/run1/unmatched_right.parquet', own.scratchDir);
    const right = memorySource('payments', {
      columns: payments.columns,
      scan: {
        format: 'parquet',
        paths: [parquet],
        sql: `SELECT * FROM read_parquet(${quoteLiteral(parquet)})`,
        inPlace: true,
      },
    });
    const before = await readFile(parquet);
    const manifest = await runJob(
      job({
        output_path: context.store.uri('runs/scan'),
        primary_keys: { invoices: ['_row'], payments: ['pid'] },
        match_sql: 'SELECT i._row, p.pid FROM invoices i JOIN payments p ON i.ref = p.ref',
      }),
      [left, right],
      own,
    );
    expect(manifest.counts).toMatchObject({ left: 5000, right: 500, matched: 500, unmatched_right: 0 });
    const matched = await readParquet(await context.store.localPath('runs/scan/matched.parquet', own.scratchDir));
    // The bank's p1500 is R3000, which stands in row 3001 of the file.
    expect(matched.find((row) => row['pid'] === 'p1500')).toEqual({ pid: 'p1500', _row: '3001' });
    expect(await readFile(parquet)).toEqual(before);

    const broken = memorySource('invoices', {
      columns,
      scan: scan("CASE WHEN id = 4000 THEN error('amount: ' || amount) ELSE amount::DECIMAL(12,2) END"),
      explain: (message) => new ConnectorError('type', `ledger.csv, line 4002: ${/amount: [\d.]+/.exec(message)?.[0]}`),
    });
    const failing = await fresh();
    await expect(runJob(job({ output_path: context.store.uri('runs/x') }), [broken, right], failing)).rejects.toThrow(
      'ledger.csv, line 4002: amount: 4000.5',
    );
    await own.dispose();
    await failing.dispose();
  });
});

describe('previews', () => {
  it('runs the recipe dry and shows rows of each set', async () => {
    const own = await fresh();
    const sources = [memorySource('invoices', invoices(100)), memorySource('payments', payments)] as const;
    const preview = await previewRecipe(
      { match_sql: SQL, sources: [], primary_keys: { invoices: ['id'], payments: ['pid'] }, limit: 3 } as never,
      [...sources],
      own,
    );
    expect(preview).toMatchObject({ sampled: false, counts: { left: 100, matched: 50, unmatched_left: 50 } });
    expect(preview.matched).toHaveLength(3);
    expect(preview.unmatched_right[0]).toEqual({ pid: 'p50', ref: 'R100', paid: '100.10' });
    await own.dispose();
  });

  it('shows the rows of a source as they would be staged', async () => {
    const own = await fresh();
    const page = await previewRows(
      memorySource('invoices', invoices(100), { filename: 'a.csv' }),
      { offset: 98, limit: 5 },
      own,
    );
    expect(page.total).toBe(100);
    expect(page.rows).toEqual([
      { id: '98', ref: 'R98', amount: '98.10', Booked: '2026-01-31T08:00:00.000001Z', _row: '99' },
      { id: '99', ref: 'R99', amount: '99.10', Booked: '2026-01-31T08:00:00.000001Z', _row: '100' },
    ]);
    const first = await previewRows(memorySource('invoices', invoices(100)), { offset: 0, limit: 5 }, own);
    expect(first).toMatchObject({ total: null });
    expect(first.rows).toHaveLength(5);
    expect(Object.keys(first.rows[0]!)).not.toContain('_row');
    await own.dispose();
  });
});
