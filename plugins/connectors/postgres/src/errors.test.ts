import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { CheckStep, ConnectorError } from '@kalla/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../../testing/require-part.ts';
import type { PostgresConfig } from './config.ts';
import { calm, createTestDatabase, eventually, readAll, type TestDatabase } from './testing/test-database.ts';

describeWith('postgres', 'what can go wrong', (address) => {
  let db: TestDatabase;
  const reader = `reader_${Date.now()}`;
  beforeAll(async () => {
    db = await createTestDatabase(address);
    await db.sql(`CREATE ROLE ${reader} LOGIN PASSWORD 'reader-secret'`);
  });
  afterAll(async () => {
    await db.sql(`DROP OWNED BY ${reader}; DROP ROLE ${reader}`);
    await db[Symbol.asyncDispose]();
  });

  async function failure(changes: Partial<PostgresConfig>, table = 'public.none'): Promise<ConnectorError> {
    await using connection = db.connect(changes);
    return connection.describe(table, calm()).then(
      () => expect.unreachable('it should have failed'),
      (error: ConnectorError) => error,
    );
  }
  async function steps(changes: Partial<PostgresConfig> = {}): Promise<CheckStep[]> {
    await using connection = db.connect(changes);
    const found: CheckStep[] = [];
    for await (const step of connection.check(calm())) found.push(step);
    return found;
  }
  const asReader = { user: reader, password: 'reader-secret' };

  it('says which credentials, database or server is wrong, and never the password', async () => {
    const password = 'wrong-secret-4711';
    const wrong = await failure({ password });
    expect(wrong).toMatchObject({ kind: 'auth', field: 'password' });
    expect(`${wrong.message} ${wrong.hint}`).not.toContain(password);
    expect(await failure({ password: undefined })).toMatchObject({ kind: 'auth', field: 'password' });
    expect(await failure({ user: 'nobody-here' })).toMatchObject({ kind: 'auth' });
    expect(await failure({ database: 'Nowhere' })).toMatchObject({ kind: 'not-found', field: 'database' });
    expect(await failure({ host: 'no-such-host.invalid' })).toMatchObject({ kind: 'unreachable', field: 'host' });
    expect(await failure({ port: 1 })).toMatchObject({ kind: 'unreachable', field: 'port' });
    expect(await failure({ sslmode: 'require' })).toMatchObject({ kind: 'tls', field: 'sslmode' });
  });

  it('takes a view that changes data or breaks off for the user’s matter, with the server’s reason', async () => {
    await db.sql(`
      CREATE TABLE log (id int);
      CREATE FUNCTION writes() RETURNS int LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (1); RETURN 1; END $$;
      CREATE FUNCTION breaks() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE 'the books are closed'; END $$;
      CREATE VIEW writing AS SELECT writes() AS id;
      CREATE VIEW breaking AS SELECT breaks() AS id`);
    for (const [table, kind, sentence] of [
      ['writing', 'permission', /changes data when it is read/],
      ['breaking', 'config', /the books are closed/],
    ] as const) {
      await using connection = db.connect();
      const plan = await connection.plan({ table }, calm());
      await expect(readAll(connection, plan)).rejects.toMatchObject({ kind, message: expect.stringMatching(sentence) });
    }
    expect(await db.sql('SELECT * FROM log')).toEqual([]);
  });

  it('does not take the operator’s own password where none is set', async () => {
    process.env.PGPASSWORD = db.config.password;
    try {
      expect(await failure({ password: undefined })).toMatchObject({ kind: 'auth' });
    } finally {
      delete process.env.PGPASSWORD;
    }
  });

  it('gives up on a server that accepts and then says nothing', async () => {
    const mute: Server = createServer(() => undefined);
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = mute.address() as AddressInfo;
      const started = performance.now();
      const error = await failure({ port, connect_timeout: 1 });
      expect(error).toMatchObject({ kind: 'unreachable' });
      expect(error.message).toContain('within 1 s');
      expect(performance.now() - started).toBeLessThan(5000);
      expect(await steps({ port, connect_timeout: 1, sslmode: 'require' })).toMatchObject([
        { step: 'reach', ok: false },
      ]);
    } finally {
      mute.close();
    }
  });

  it('names the tables that come near to one that is not there', async () => {
    await db.sql('CREATE TABLE invoices (id int); CREATE SCHEMA books; CREATE TABLE books.invoice_lines (id int)');
    const error = await failure({}, 'public.invoces');
    expect(error).toMatchObject({ kind: 'not-found', field: 'table' });
    expect(error.hint).toContain('public.invoices');
    await using connection = db.connect({ schema: 'books' });
    expect((await connection.describe('invoice_lines', calm())).table.id).toBe('books.invoice_lines');
    expect((await connection.listTables({}, calm())).items.map(({ id }) => id)).toEqual(['books.invoice_lines']);
  });

  it('tells a missing right from a missing table, also for a view and for single columns', async () => {
    await db.sql(`CREATE TABLE closed (id int); CREATE VIEW closed_view AS SELECT * FROM closed;
      CREATE TABLE half (id int PRIMARY KEY, secret text); INSERT INTO half VALUES (1, 'x'); GRANT SELECT (id) ON half TO ${reader}`);
    for (const table of ['closed', 'closed_view']) {
      const error = await failure(asReader, `public.${table}`);
      expect(error).toMatchObject({ kind: 'permission', message: `User "${reader}" may not read public.${table}.` });
      expect(error.hint).toContain(`GRANT SELECT ON "public"."${table}"`);
    }
    await using connection = db.connect(asReader);
    const info = await connection.describe('half', calm());
    expect(info.columns.map(({ name }) => name)).toEqual(['id']);
    expect(info.notes.map(({ column }) => column)).toEqual(['secret']);
    expect((await readAll(connection, await connection.plan({ table: 'half' }, calm())))[0]?.numRows).toBe(1);
    await expect(connection.plan({ table: 'half', columns: ['secret'] }, calm())).rejects.toMatchObject({
      kind: 'permission',
    });
    expect((await connection.listTables({ q: 'closed' }, calm())).items).toEqual([]);
  });

  it('names what changed between planning and reading', async () => {
    await db.sql(
      "CREATE TABLE moving (id int, amount numeric(10,2), note text); INSERT INTO moving VALUES (1, 2.50, 'x')",
    );
    await using connection = db.connect();
    const plan = await connection.plan({ table: 'moving' }, calm());
    await db.sql('ALTER TABLE moving ALTER amount TYPE numeric(12,4)');
    const altered = (await readAll(connection, plan).catch((error: unknown) => error)) as ConnectorError;
    expect(altered).toMatchObject({ kind: 'schema-changed' });
    expect(altered.message).toContain('"amount" is numeric(12,4) now and was numeric(10,2)');
    await db.sql('ALTER TABLE moving RENAME amount TO value');
    const renamed = (await readAll(connection, plan).catch((error: unknown) => error)) as ConnectorError;
    expect(renamed).toMatchObject({ kind: 'schema-changed', faults: [{ column: 'amount' }] });
    expect(renamed.message).toBe('Table public.moving: column "amount" is not there. It has "id", "value", "note".');
    await expect(connection.plan({ table: 'moving', columns: ['id', 'gone'] }, calm())).rejects.toMatchObject({
      kind: 'schema-changed',
    });
    await db.sql('DROP TABLE moving');
    await expect(readAll(connection, plan)).rejects.toMatchObject({ kind: 'not-found' });
    await eventually(
      () => db.sessions(),
      (sessions) => sessions.length === 0,
    );
  });

  it('reports a value that a view cannot compute as the view’s fault', async () => {
    await db.sql('CREATE VIEW broken AS SELECT i AS id, 1 / (i - 3) AS q FROM generate_series(1, 5) i');
    await using connection = db.connect();
    const plan = await connection.plan({ table: 'broken' }, calm());
    const error = (await readAll(connection, plan).catch((thrown: unknown) => thrown)) as ConnectorError;
    expect(error).toMatchObject({ kind: 'type' });
    expect(error.message).toContain('division by zero');
  });

  it('checks step by step and stops at the first that fails', async () => {
    const all = await steps();
    expect(all.map(({ step, ok }) => [step, ok])).toEqual([
      ['reach', true],
      ['authenticate', true],
      ['authorise', true],
      ['read', true],
    ]);
    expect(all.every(({ ms }) => ms >= 0 && ms < 5000)).toBe(true);
    expect((await steps({ password: 'nope' })).map(({ step, ok }) => [step, ok])).toEqual([
      ['reach', true],
      ['authenticate', false],
    ]);
    expect(await steps({ port: 1 })).toMatchObject([{ step: 'reach', ok: false }]);
    expect((await steps({ ...asReader, schema: 'books' })).at(-1)).toMatchObject({ step: 'authorise', ok: false });
    await eventually(
      () => db.sessions(),
      (sessions) => sessions.length === 0,
    );
  });

  it('pages through many tables on the server, by part of a name', async () => {
    await db.sql(
      "DO $$ BEGIN FOR i IN 1..250 LOOP EXECUTE format('CREATE TABLE many.t%s (id int)', lpad(i::text, 3, '0')); END LOOP; END $$".replace(
        'DO',
        'CREATE SCHEMA many; DO',
      ),
    );
    await using connection = db.connect();
    const ids: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await connection.listTables({ q: 'MANY.t', limit: 100, ...(cursor ? { cursor } : {}) }, calm());
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.next ?? undefined;
      pages++;
    } while (cursor);
    expect(pages).toBe(3);
    expect(ids).toEqual(Array.from({ length: 250 }, (_, i) => `many.t${String(i + 1).padStart(3, '0')}`));
    await expect(connection.listTables({ cursor: 'x' }, calm())).rejects.toMatchObject({ kind: 'config' });
  });

  it('takes as keys only what the catalog proves unique and never NULL', async () => {
    await db.sql(`CREATE TABLE keyed (a int, b int NOT NULL, c int NOT NULL UNIQUE, d int UNIQUE, e int NOT NULL, PRIMARY KEY (a, b));
      CREATE UNIQUE INDEX ON keyed (e) WHERE a > 0; CREATE UNIQUE INDEX ON keyed ((b + 1)); CREATE UNIQUE INDEX ON keyed (e, c) INCLUDE (d);
      CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child () INHERITS (parent)`);
    await using connection = db.connect();
    expect(await connection.describe('keyed', calm())).toMatchObject({
      primaryKey: ['a', 'b'],
      keyCandidates: [['a', 'b'], ['c'], ['e', 'c']],
    });
    expect(await connection.describe('parent', calm())).toMatchObject({ primaryKey: null, keyCandidates: [] });
  });
});
