import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../../testing/require-part.ts';
import { Session } from './session.ts';
import { calm, createTestDatabase, eventually, type TestDatabase } from './testing/test-database.ts';

describeWith('postgres', 'cancelling', (address) => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(address);
    await db.sql(`CREATE TABLE big AS SELECT i AS id, repeat('x', 200) AS t FROM generate_series(1, 400000) i;
      CREATE VIEW slow AS SELECT i AS id, pg_sleep(60) IS NULL AS s FROM generate_series(1, 3) i`);
  });
  afterAll(() => db[Symbol.asyncDispose]());
  const none = (sessions: unknown[]) => sessions.length === 0;
  const copying = (sessions: Array<{ query: string }>) => sessions.some(({ query }) => query.startsWith('COPY'));

  it('ends a statement that has sent nothing yet within two seconds of the abort', async () => {
    await using connection = db.connect();
    const plan = await connection.plan({ table: 'slow' }, calm());
    const stop = new AbortController();
    const reading = (async () => {
      for await (const _batch of connection.read(plan, plan.splits[0]!, { signal: stop.signal })) expect.unreachable();
    })();
    await eventually(() => db.sessions(), copying);
    const started = performance.now();
    stop.abort();
    await expect(reading).rejects.toMatchObject({ kind: 'cancelled' });
    await eventually(() => db.sessions(), none, 2000);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('leaves no statement behind when our process is killed and can cancel nothing', async () => {
    const session = await Session.open(db.config, calm());
    await session.begin();
    const lost = session.rows('SELECT pg_sleep(60)').catch((error: unknown) => error);
    await eventually(
      () => db.sessions(),
      (sessions) => sessions.some(({ query }) => query.includes('pg_sleep')),
    );
    session.client.removeAllListeners('error').on('error', () => undefined);
    // As the kernel does with the sockets of a process that is gone.
    (session.client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    await eventually(() => db.sessions(), none, 15_000);
    expect(await lost).toMatchObject({ kind: 'transient' });
  });

  it('ends a read whose reader stopped asking, when the signal aborts', async () => {
    await using connection = db.connect();
    const plan = await connection.plan({ table: 'big' }, calm());
    const stop = new AbortController();
    const batches = connection.read(plan, plan.splits[0]!, { signal: stop.signal })[Symbol.asyncIterator]();
    expect((await batches.next()).done).toBe(false);
    // Held back by the socket: the statement is still at work while nobody asks for more.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await db.sessions()).toMatchObject([{ state: 'active' }]);
    stop.abort();
    await eventually(() => db.sessions(), none, 2000);
    await expect(
      (async () => {
        while (!(await batches.next()).done);
      })(),
    ).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('ends the session of a loop that is left early', async () => {
    await using connection = db.connect({}, { splitPages: 1000 });
    const plan = await connection.plan({ table: 'big' }, calm());
    expect(plan.splits.length).toBeGreaterThan(1);
    for await (const batch of connection.read(plan, plan.splits[0]!, calm())) {
      expect(batch.numRows).toBeGreaterThan(0);
      break;
    }
    // What keeps the moment for the other splits stays until the connection is closed.
    await eventually(
      () => db.sessions(),
      (sessions) => sessions.length === 1 && sessions[0]!.state === 'idle in transaction',
    );
    await connection[Symbol.asyncDispose]();
    await eventually(() => db.sessions(), none, 2000);
  });

  it('does not begin when the signal is aborted before', async () => {
    await using connection = db.connect();
    const signal = AbortSignal.abort();
    await expect(connection.describe('big', { signal })).rejects.toMatchObject({ kind: 'cancelled' });
    await expect(connection.plan({ table: 'big' }, { signal })).rejects.toMatchObject({ kind: 'cancelled' });
    await eventually(
      () => db.sessions(),
      (sessions) => sessions.length === 0,
    );
  });

  it('says that the session was ended by the server', async () => {
    await using connection = db.connect();
    const plan = await connection.plan({ table: 'slow' }, calm());
    const reading = (async () => {
      for await (const _batch of connection.read(plan, plan.splits[0]!, calm())) expect.unreachable();
    })();
    const outcome = expect(reading).rejects.toMatchObject({ kind: 'transient' });
    const [session] = await eventually(() => db.sessions(), copying);
    await db.sql('SELECT pg_terminate_backend($1)', [session!.pid]);
    await outcome;
  });

  it('says so too where the session was ended while nothing was asked of it', async () => {
    await using session = await Session.open(db.config, calm());
    await session.begin();
    const [row] = await session.rows<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await db.sql('SELECT pg_terminate_backend($1)', [row!.pid]);
    await new Promise((resolve) => session.client.once('end', resolve));
    await expect(session.rows('SELECT 1')).rejects.toMatchObject({
      kind: 'transient',
      message: expect.stringContaining('ended the session'),
    });
  });
});
