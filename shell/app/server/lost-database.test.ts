import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith } from '../../../testing/require-part.ts';
import { openGate, type DatabaseGate } from '../../testing/database-gate.ts';
import { createPostgresDatabase, migrationsFolder } from '../../testing/databases.ts';
import { startTestShell, type TestShell } from '../../testing/running-shell.ts';
import { openDatabase } from './db/database.server.ts';
import { lostDatabaseOf } from './db/lost-database.server.ts';

describeWith('postgres', 'with its database gone', (address) => {
  let database: Awaited<ReturnType<typeof createPostgresDatabase>>;
  let gate: DatabaseGate;
  let shell: TestShell;
  beforeAll(async () => {
    database = await createPostgresDatabase(address);
    gate = await openGate(database.url);
    shell = await startTestShell({ DATABASE_URL: gate.url });
  });
  afterAll(async () => {
    await shell?.end();
    await gate?.shut();
    await database?.drop();
  });

  it.each([
    ['GET', '/healthz', undefined],
    ['GET', '/api/recipes', undefined],
    ['GET', '/api/runs/r_1', undefined],
    ['GET', '/api/sources', undefined],
    ['POST', '/api/runs', { recipe_id: 'x', files: {} }],
    ['DELETE', '/api/recipes/x', undefined],
  ])('%s %s says what is wrong and that it passes, and works again without a restart', async (method, path, body) => {
    const before = await shell.call(method, path, body);
    expect(before.status).toBeLessThan(500);
    await gate.shut();
    const { status, headers, body: told } = await shell.call(method, path, body);
    await gate.open();
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('5');
    expect(told.type).toBe('https://kalla.dev/problems/database-unreachable');
    expect(told.detail).toMatch(
      /^Kalla cannot reach its database\. Nothing that was saved is lost.+ again by itself.+DATABASE_URL/,
    );
    const { hostname, port, username, pathname } = new URL(gate.url);
    for (const part of [hostname, port, username && `${username}@`, pathname].filter(Boolean))
      expect(JSON.stringify(told)).not.toContain(part);
    expect(await shell.call(method, path, body)).toMatchObject({ status: before.status, body: before.body });
  });

  it('logs the loss once, and that it is over', async () => {
    const warn = vi.spyOn(shell.services.log, 'warn');
    const error = vi.spyOn(shell.services.log, 'error');
    await gate.shut();
    for (let times = 0; times < 3; times++) await shell.call('GET', '/api/recipes');
    await gate.open();
    await shell.call('GET', '/api/recipes');
    const told = warn.mock.calls.map((call) => JSON.stringify(call));
    expect(told).toEqual([
      expect.stringMatching(/the database cannot be reached/),
      expect.stringMatching(/the database is reached again/),
    ]);
    expect(told.join()).not.toMatch(/stack|postgres:/);
    expect(error).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  it('lives on when the connection breaks between two steps of a transaction', async () => {
    const { db, close } = await openDatabase({ url: gate.url, migrationsFolder });
    const broken = await db
      .transaction(async (step) => {
        await step.execute(sql`select 1`);
        await gate.shut();
        await new Promise((done) => setTimeout(done, 100)); // Nobody asks for anything while the loss is heard of.
        await step.execute(sql`select 1`);
      })
      .catch((error: unknown) => error);
    await gate.open();
    expect(lostDatabaseOf(broken)?.status).toBe(503);
    expect(await db.execute(sql`select 1 as one`)).toMatchObject({ rows: [{ one: 1 }] });
    await close();
  });

  it('takes a server that stops for lost, and a fault of a query for a fault', async () => {
    const { db, close } = await openDatabase({ url: gate.url, migrationsFolder });
    const failed = async (query: ReturnType<typeof sql>) => db.execute(query).catch((error: unknown) => error);
    // What every connection is told when PostgreSQL is stopped: SQLSTATE 57P01.
    expect(lostDatabaseOf(await failed(sql`select pg_terminate_backend(pg_backend_pid())`))?.status).toBe(503);
    expect(lostDatabaseOf(await failed(sql`select 1 / 0`))).toBeUndefined();
    await close();
  });
});
