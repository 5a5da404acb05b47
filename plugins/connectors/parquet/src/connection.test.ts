import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Connection } from '@kalla/core';
import { calm, TestFiles } from '@kalla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ParquetConfig } from './config.ts';
import plugin from './index.ts';

let files: TestFiles<ParquetConfig>;
beforeAll(async () => {
  files = await TestFiles.create(plugin, 'bank.parquet');
});
afterAll(async () => {
  await files[Symbol.asyncDispose]();
});

/** Writes a real Parquet file with DuckDB. */
async function write(sql: string, name = 'x.parquet'): Promise<string> {
  const path = join(files.folder, name);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`COPY (${sql}) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

async function cells(connection: Connection): Promise<unknown[][]> {
  const plan = await connection.plan({}, calm());
  const rows: unknown[][] = [];
  for await (const batch of connection.read(plan, plan.splits[0] ?? { id: '' }, calm())) {
    for (let r = 0; r < batch.numRows; r++) {
      rows.push(plan.columns.map((_, c) => batch.getChildAt(c)?.get(r) as unknown));
    }
  }
  return rows;
}

describe('describe and plan', () => {
  test('exact types are used in place, without a cast', async () => {
    const path = await write(
      `SELECT i::BIGINT AS id, (i || '.5')::DECIMAL(12,2) AS amount, DATE '2026-01-31' + i::INT AS day, 'a' || i AS name,
       TIMESTAMPTZ '2026-01-31 08:00:00.000001+00' AS at, uuid() AS u, i % 2 = 0 AS ok FROM range(3) t(i)`,
    );
    const connection = await files.connect({ uri: path });
    const info = await connection.describe(undefined, calm());
    expect(info.columns.map(({ name, type }) => [name, type])).toEqual([
      ['id', 'int64'],
      ['amount', 'decimal(12,2)'],
      ['day', 'date'],
      ['name', 'text'],
      ['at', 'timestamptz'],
      ['u', 'uuid'],
      ['ok', 'boolean'],
    ]);
    expect(info.rowCount).toBe(3);
    expect(info.keyCandidates[0]).toEqual(['id']);
    expect(info.columns[1]?.sample).toEqual(['0.50', '1.50', '2.50']);
    const plan = await connection.plan({}, calm());
    expect(plan.scan?.inPlace).toBe(true);
    expect((await connection.plan({ columns: ['name', 'id'] }, calm())).scan?.inPlace).toBe(false);
  });

  test('nested columns are text in JSON, nanoseconds and 128-bit integers keep every digit, each with a note', async () => {
    const path = await write(
      `SELECT {'a': 1, 'b': [1, 2]} AS s, [1, NULL] AS l, MAP {'k': 'v'} AS m, TIMESTAMP_NS '2026-01-31 08:00:00.123456789' AS ns,
       NULL::STRUCT(a INT) AS none, 1 AS plain`,
    );
    const connection = await files.connect({ uri: path });
    const info = await connection.describe(undefined, calm());
    expect(info.columns.map(({ type }) => type)).toEqual(['text', 'text', 'text', 'text', 'text', 'int32']);
    expect(info.notes.map(({ column }) => column)).toEqual(['s', 'l', 'm', 'ns', 'none']);
    expect(info.columns[4]?.nulls).toBe(1);
    expect(await cells(connection)).toEqual([
      ['{"a":1,"b":[1,2]}', '[1,null]', '{"k":"v"}', '2026-01-31 08:00:00.123456789', null, 1],
    ]);
    expect((await connection.plan({}, calm())).scan?.inPlace).toBe(false);
  });

  test('a file without rows is accepted and said', async () => {
    const connection = await files.connect({ uri: await write('SELECT 1 AS id WHERE FALSE') });
    const info = await connection.describe(undefined, calm());
    expect(info.rowCount).toBe(0);
    expect(info.notes.at(-1)?.message).toMatch(/no rows/);
    expect(await cells(connection)).toEqual([]);
  });

  test('a column that is gone is named', async () => {
    const connection = await files.connect({ uri: await write('SELECT 1 AS id') });
    await expect(connection.plan({ columns: ['nope'] }, calm())).rejects.toMatchObject({ kind: 'schema-changed' });
  });

  test('read gives what DuckDB reads, in batches, past one batch', async () => {
    const path = await write(
      `SELECT i AS id, ((i * 7919) % 1000003 - 500000)::DECIMAL(38,4) / 1 AS x, CASE WHEN i % 3 = 0 THEN NULL ELSE (i * 1.01)::DECIMAL(12,2) END AS amount FROM range(150000) t(i)`,
    );
    const connection = await files.connect({ uri: path });
    const plan = await connection.plan({ columns: ['id', 'amount'] }, calm());
    let rows = 0;
    let sum = 0n;
    for await (const batch of connection.read(plan, { id: 'file' }, calm())) {
      expect(batch.numRows).toBeLessThanOrEqual(65_536);
      const words = batch.getChildAt(1)?.data[0]?.values as Uint32Array;
      const column = batch.getChildAt(1);
      for (let r = 0; r < batch.numRows; r++) {
        if (column?.isValid(r)) sum += BigInt(words[r * 4] ?? 0) + (BigInt(words[r * 4 + 1] ?? 0) << 32n);
      }
      rows += batch.numRows;
    }
    expect(rows).toBe(150_000);
    let expected = 0n;
    for (let i = 0n; i < 150_000n; i++) if (i % 3n !== 0n) expected += i * 101n;
    expect(sum).toBe(expected);
  });
});

describe('bad files', () => {
  test.each([
    ['not Parquet', Buffer.from('id,amount\n1,2\n'), /not a Parquet file/],
    ['empty', Buffer.alloc(0), /is empty/],
    ['magic only', Buffer.from('PAR1PAR1PAR1'), /damaged|cut short/],
  ])('%s', async (_name, bytes, sentence) => {
    const connection = await files.file(bytes);
    await expect(connection.describe(undefined, calm())).rejects.toMatchObject({
      name: 'ConnectorError',
      kind: 'type',
      message: expect.stringMatching(sentence) as string,
    });
  });

  test('cut short, and damaged inside', async () => {
    const whole = await readFile(await write("SELECT i, 'text ' || i AS t FROM range(10000) t(i)"));
    const cut = await files.file(whole.subarray(0, whole.length - 100));
    await expect(cut.describe(undefined, calm())).rejects.toMatchObject({
      message: expect.stringMatching(/cut short/) as string,
    });
    const hurt = Buffer.from(whole);
    hurt.fill(0xaa, whole.length - 60, whole.length - 10);
    const damaged = await files.file(hurt);
    await expect(damaged.describe(undefined, calm())).rejects.toMatchObject({
      kind: 'type',
      message: expect.stringMatching(/damaged/) as string,
    });
  });

  test('an aborted call says cancelled', async () => {
    const connection = await files.connect({ uri: await write('SELECT 1 AS id') });
    await expect(connection.describe(undefined, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: 'cancelled',
    });
  });

  test('check tells the steps and stops at the first failure', async () => {
    const path = join(files.folder, 'bad.parquet');
    await writeFile(path, 'no parquet at all');
    const steps = [];
    for await (const step of (await files.connect({ uri: path })).check(calm())) steps.push([step.step, step.ok]);
    expect(steps).toEqual([
      ['reach', true],
      ['authenticate', true],
      ['authorise', true],
      ['read', false],
    ]);
  });
});

test('a shown address holds no secret', () => {
  const { config } = plugin.fromUri('https://u:pw@files.example/a%20b.parquet?X-Amz-Signature=abc&v=1');
  expect(config.filename).toBe('a b.parquet');
  expect(plugin.toUri(config)).toBe('https://files.example/a%20b.parquet?v=1');
});

test('tells how much of a large file is looked through', { timeout: 60_000 }, async () => {
  const path = await write(
    "SELECT i AS id, 'R-' || i AS ref, i % 97 AS units FROM range(3000000) AS t(i)",
    'large.parquet',
  );
  const shares: number[] = [];
  const connection = await files.connect({ uri: path });
  const info = await connection.describe(undefined, { ...calm(), onProgress: (share) => shares.push(share) });
  expect(info).toMatchObject({ rowCount: 3_000_000, keyCandidates: [['id'], ['ref']] });
  expect(new Set(shares).size).toBeGreaterThan(1);
  expect(shares).toEqual(shares.toSorted((one, other) => one - other));
  expect(shares.at(-1)).toBeLessThanOrEqual(1);
});
