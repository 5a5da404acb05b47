import { spellRows } from '@kalla/testkit';
import type { ReadRequest } from '@kalla/core';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { describeWith } from '../../../../testing/require-part.ts';
import type { BigQueryConnection } from './connection.ts';
import { calm, createTestProject, eventually, readAll, type TestProject } from './testing/test-project.ts';

// 250,000 rows take the server some seconds, and far more on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

/** What the conformance kit does not ask: the other types, views, REST, streams that break off, jobs that are cancelled. */
describeWith('bigquery', 'reading BigQuery', (address) => {
  let project: TestProject;
  let kinds: string;
  beforeAll(async () => {
    project = await createTestProject(address);
    kinds = `${project.dataset}.kinds`;
    await project.sql(
      String.raw`CREATE TABLE @@.kinds (id INT64, big BIGNUMERIC, ratio FLOAT64, st STRUCT<a INT64, b STRING, c NUMERIC>, arr ARRAY<INT64>, nested ARRAY<STRUCT<n NUMERIC, days ARRAY<DATE>>>, j JSON, g GEOGRAPHY, iv INTERVAL, r RANGE<DATE>)`,
    );
    await project.sql(String.raw`INSERT INTO @@.kinds VALUES
      (1, BIGNUMERIC '-1.123456789012345678', 0.1, STRUCT(9007199254740993, 'say "𝔸"', NUMERIC '-10.50'), [1, 2], [STRUCT(NUMERIC '1.5', [DATE '2026-01-31'])], JSON '{"a": 1.5}', ST_GEOGPOINT(1, 2), INTERVAL 3 DAY, RANGE(DATE '2026-01-01', NULL)),
      (2, NULL, NULL, NULL, [], [], NULL, NULL, NULL, NULL)`);
    await project.sql('CREATE VIEW @@.cheap AS SELECT id, big FROM @@.kinds WHERE id < 10');
    await project.sql(
      `CREATE TABLE @@.paged AS SELECT CAST(i AS NUMERIC) AS amount FROM UNNEST(GENERATE_ARRAY(1, 25000)) AS i`,
    );
    await project.sql(
      `CREATE TABLE @@.many AS SELECT CAST(i AS INT64) AS id, CAST(i AS NUMERIC) AS amount FROM UNNEST(GENERATE_ARRAY(1, 250000)) AS i`,
    );
  });
  afterEach(() => project.front.clear());
  afterAll(() => project?.[Symbol.asyncDispose]());

  const cells = async (connection: BigQueryConnection, request: ReadRequest) => {
    const plan = await connection.plan(request, calm());
    const types = plan.columns.map(({ type }) => type);
    return { plan, rows: spellRows(await readAll(connection, plan), types) };
  };

  const WANTED = [
    [
      '1',
      '-1.123456789012345678',
      '0.1',
      '{"a":9007199254740993,"b":"say \\"𝔸\\"","c":-10.5}',
      '[1,2]',
      '[{"n":1.5,"days":["2026-01-31"]}]',
      '{"a":1.5}',
      'POINT(1 2)',
      '0-0 3 0:0:0',
      '[2026-01-01, UNBOUNDED)',
    ],
    ['2', null, null, null, '[]', '[]', null, null, null, null],
  ];

  it('reads the types that have no exact counterpart as stated text, and says so for each', async () => {
    await using connection = project.connect();
    const { plan, rows } = await cells(connection, { table: kinds });
    expect(rows).toEqual(WANTED);
    expect(plan.columns.map(({ type }) => type).slice(1, 4)).toEqual(['text', 'float64', 'text']);
    expect(plan.notes.map(({ column }) => column)).toEqual(['big', 'st', 'arr', 'nested', 'j', 'g', 'iv', 'r']);
    expect(plan.estimate.bytes).toBeGreaterThan(0);
    expect(plan.snapshot).toBe(true);
  });

  it('reads the same cells over REST where sessions may not be made, with a note that names the role', async () => {
    project.front.inject({
      path: 'CreateReadSession',
      grpc: {
        status: 7,
        message:
          "request failed: the user does not have 'bigquery.readsessions.create' permission for 'projects/kalla-test'",
      },
    });
    await using connection = project.connect();
    const { plan, rows } = await cells(connection, { table: kinds, filter: [{ column: 'id', op: 'eq', value: '1' }] });
    expect(rows).toEqual(WANTED);
    expect(plan.residual).toHaveLength(1);
    expect(plan.notes.at(-1)?.message).toMatch(
      /may not read rows over the Storage Read API in project "kalla-test".*over REST instead/,
    );
    const some = await cells(connection, { table: kinds, columns: ['r', 'id'], limit: 1 });
    expect(some.rows).toHaveLength(1);
    expect(WANTED.map((row) => [row[9], row[0]])).toContainEqual(some.rows[0]);
  });

  it('reads a table over REST page by page where no Storage Read API is at the address', async () => {
    await using connection = project.connect({ storage_endpoint: undefined });
    const { plan, rows } = await cells(connection, { table: `${project.dataset}.paged`, columns: ['amount'] });
    expect(plan.snapshot).toBe(false);
    expect(new Set(rows.map(([amount]) => amount)).size).toBe(25_000);
  });

  it('reads a view by a query, and only when it is read', async () => {
    await using connection = project.connect();
    project.front.inject({
      path: '/jobs',
      times: 1,
      rewrite: (job) => ({ ...job, statistics: { totalBytesProcessed: '1250000000' } }),
    });
    const request = {
      table: `${project.dataset}.cheap`,
      columns: ['big', 'id'],
      filter: [{ column: 'id', op: 'lte' as const, value: '1' }],
    };
    const plan = await connection.plan(request, calm());
    expect(plan.estimate.bytes).toBe(1_250_000_000);
    expect(plan.notes.at(-1)?.message).toBe(
      'A view is read by a query in BigQuery, which goes through 1.3 GB and is billed as one.',
    );
    expect(project.front.calls.filter((call) => /\/queries\//.test(call))).toEqual([]);
    expect(plan.residual).toEqual([]);
    expect(spellRows(await readAll(connection, plan), ['text', 'int64'])).toEqual([['-1.123456789012345678', '1']]);
  });

  it('goes on after the last row where a stream breaks off', async () => {
    await using connection = project.connect();
    project.front.inject({ path: 'ReadRows', times: 2, breakAfterMessages: 2 });
    const { plan, rows } = await cells(connection, { table: `${project.dataset}.many` });
    expect(plan.splits.length).toBeGreaterThan(1);
    expect(rows.length).toBe(250_000);
    expect(new Set(rows.map(([id]) => id)).size).toBe(250_000);
  });

  it('gives up a stream that only breaks off', async () => {
    await using connection = project.connect();
    const plan = await connection.plan({ table: kinds }, calm());
    project.front.inject({ path: 'ReadRows', grpc: { status: 14, message: 'going away' } });
    await expect(readAll(connection, plan)).rejects.toMatchObject({
      kind: 'transient',
      message: expect.stringContaining('going away'),
    });
  });

  it('cancels the job on the server when the signal aborts, within two seconds', async () => {
    await using connection = project.connect();
    // The server answers at once on such small data; so its "not done yet" goes on for ever here.
    project.front.inject({ path: '/queries/', rewrite: (answer) => ({ ...answer, jobComplete: false }) });
    const plan = await connection.plan({ table: `${project.dataset}.cheap` }, calm());
    const stop = new AbortController();
    const reading = connection.read(plan, plan.splits[0]!, { signal: stop.signal }).next();
    await eventually(
      () => project.front.calls,
      (calls) => calls.some((call) => call.includes('/queries/kalla_')),
      10_000,
    );
    const began = performance.now();
    stop.abort();
    await expect(reading).rejects.toMatchObject({ kind: 'cancelled' });
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(project.front.calls.at(-1)).toMatch(/^POST .*\/jobs\/kalla_[0-9a-f-]+\/cancel/);
    expect(await project.runningJobs()).toBe(0);
  });

  it('ends a stream whose reader stopped asking when the signal aborts', async () => {
    await using connection = project.connect();
    const plan = await connection.plan({ table: `${project.dataset}.many` }, calm());
    const stop = new AbortController();
    const batches = connection.read(plan, plan.splits[0]!, { signal: stop.signal });
    expect((await batches.next()).done).toBe(false);
    expect(project.front.openStreams()).toBe(1);
    stop.abort();
    await eventually(
      () => project.front.openStreams(),
      (open) => open === 0,
    );
    await expect(batches.next()).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('lists the tables of all datasets where none is named, finds by part of a name, and takes every spelling of one', async () => {
    await using connection = project.connect({ dataset: undefined });
    const found: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await connection.listTables(
        { q: `${project.dataset}.`, limit: 2, ...(cursor ? { cursor } : {}) },
        calm(),
      );
      found.push(...page.items.map(({ id, kind }) => `${id} ${kind}`));
      if (page.next === null) break;
      cursor = page.next;
    }
    const { dataset } = project;
    expect(found.sort()).toEqual([
      `${dataset}.cheap view`,
      `${dataset}.kinds table`,
      `${dataset}.many table`,
      `${dataset}.paged table`,
    ]);
    for (const name of [kinds, `kalla-test.${kinds}`, `kalla-test:${kinds}`, `\`kalla-test.${kinds}\``])
      expect((await connection.describe(name, calm())).table.id).toBe(kinds);
    await expect(connection.listTables({ cursor: 'x' }, calm())).rejects.toMatchObject({ kind: 'config' });
    for (const name of ['kinds', 'a.b.c.d', '', '../x', "k'; DROP TABLE x; --"])
      await expect(connection.describe(name, calm())).rejects.toMatchObject({ kind: 'config' });
  });

  it('names columns that are gone', async () => {
    await using connection = project.connect();
    await expect(connection.plan({ table: kinds, columns: ['id', 'gone'] }, calm())).rejects.toMatchObject({
      kind: 'schema-changed',
      message: `Table ${kinds} has no column "gone".`,
    });
  });
});
