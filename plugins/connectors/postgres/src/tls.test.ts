import { connect, rootCertificates } from 'node:tls';
import net from 'node:net';
import type { ConnectorError } from '@kalla/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../../testing/require-part.ts';
import type { PostgresConfig, SslMode } from './config.ts';
import { calm, createTestDatabase, eventually, readAll, type TestDatabase } from './testing/test-database.ts';

describeWith('postgres-tls', 'TLS', (address) => {
  let db: TestDatabase;
  let certificate: string;
  beforeAll(async () => {
    db = await createTestDatabase(address);
    await db.sql('CREATE TABLE t AS SELECT 1 AS id; CREATE VIEW slow AS SELECT pg_sleep(60) IS NULL AS s');
    certificate = await serverCertificate(db.config);
  });
  afterAll(() => db[Symbol.asyncDispose]());

  const check = async (changes: Partial<PostgresConfig>) => {
    await using connection = db.connect(changes);
    const steps = [];
    for await (const step of connection.check(calm())) steps.push(step);
    return steps;
  };

  it('connects in each mode as libpq does, and says whether the line is secure', async () => {
    const modes: Array<[SslMode, boolean, RegExp]> = [
      ['disable', false, /not encrypted/],
      ['prefer', false, /secured by TLS/],
      ['require', false, /secured by TLS/],
      ['require', true, /secured by TLS/],
      ['verify-ca', true, /secured by TLS/],
      ['verify-full', true, /secured by TLS/],
    ];
    for (const [sslmode, trusted, says] of modes) {
      const steps = await check({ sslmode, ...(trusted ? { sslrootcert: certificate } : {}) });
      expect(
        steps.map(({ ok }) => ok),
        sslmode,
      ).toEqual([true, true, true, true]);
      expect(steps[1]?.message).toMatch(says);
    }
  });

  it('refuses a certificate that nobody vouches for, or that is made out to another name', async () => {
    await using unknown = db.connect({ sslmode: 'verify-full' });
    const untrusted = (await unknown.describe('t', calm()).catch((error: unknown) => error)) as ConnectorError;
    expect(untrusted).toMatchObject({ kind: 'tls', field: 'sslrootcert' });
    expect((await check({ sslmode: 'verify-ca' })).at(-1)).toMatchObject({ step: 'reach', ok: false });
    await using elsewhere = db.connect({ sslmode: 'verify-full', sslrootcert: certificate, host: '127.0.0.2' });
    // The server listens on 127.0.0.1 alone, so the wrong name is tried through a forwarder.
    const forward = await forwarder('127.0.0.2', db.config);
    try {
      await using wrongName = db.connect({
        sslmode: 'verify-full',
        sslrootcert: certificate,
        host: '127.0.0.2',
        port: forward.port,
      });
      await expect(wrongName.describe('t', calm())).rejects.toMatchObject({ kind: 'tls', field: 'host' });
      await using anyName = db.connect({
        sslmode: 'verify-ca',
        sslrootcert: certificate,
        host: '127.0.0.2',
        port: forward.port,
      });
      expect((await anyName.describe('t', calm())).columns).toHaveLength(1);
    } finally {
      forward.close();
    }
    await expect(elsewhere.describe('t', calm())).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('refuses the server where the trusted certificate is that of somebody else, in every mode that checks it', async () => {
    const stranger = rootCertificates[0]!;
    for (const sslmode of ['require', 'verify-ca', 'verify-full'] as const) {
      await using connection = db.connect({ sslmode, sslrootcert: stranger });
      await expect(connection.describe('t', calm()), sslmode).rejects.toMatchObject({
        kind: 'tls',
        field: 'sslrootcert',
      });
    }
  });

  it('reads a large table over TLS, every row once, and goes on with the session', async () => {
    await db.sql(`CREATE TABLE large AS SELECT i AS id, repeat('x', i % 90) AS pad FROM generate_series(1, 120000) i`);
    await using connection = db.connect({ sslmode: 'verify-full', sslrootcert: certificate });
    const plan = await connection.plan({ table: 'large' }, calm());
    const batches = await readAll(connection, plan);
    const ids = batches.flatMap((batch) => Array.from(batch.getChildAt(0)!.data[0]!.values as Int32Array));
    expect(new Set(ids).size).toBe(120_000);
    expect(ids).toHaveLength(120_000);
  });

  it('cancels over TLS too', async () => {
    await using connection = db.connect({ sslmode: 'verify-full', sslrootcert: certificate });
    const plan = await connection.plan({ table: 'slow' }, calm());
    const stop = new AbortController();
    const reading = connection.read(plan, plan.splits[0]!, { signal: stop.signal })[Symbol.asyncIterator]().next();
    const outcome = expect(reading).rejects.toMatchObject({ kind: 'cancelled' });
    await eventually(
      () => db.sessions(),
      (sessions) => sessions.some(({ query }) => query.startsWith('COPY')),
    );
    stop.abort();
    await outcome;
    await eventually(
      () => db.sessions(),
      (sessions) => sessions.length === 0,
    );
  });
});

/** The certificate that the server shows, as PEM: it is its own authority. */
async function serverCertificate({ host, port }: PostgresConfig): Promise<string> {
  const plain = net.connect({ host, port });
  await new Promise((resolve) => plain.once('connect', resolve));
  plain.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
  await new Promise((resolve) => plain.once('data', resolve));
  const secure = connect({ socket: plain, rejectUnauthorized: false });
  await new Promise((resolve) => secure.once('secureConnect', resolve));
  const { raw } = secure.getPeerCertificate();
  secure.destroy();
  return `-----BEGIN CERTIFICATE-----\n${raw.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`;
}

async function forwarder(
  host: string,
  { host: toHost, port: toPort }: PostgresConfig,
): Promise<{ port: number; close(): void }> {
  const server = net.createServer((from) => {
    const to = net.connect({ host: toHost, port: toPort });
    from.pipe(to).pipe(from);
    from.on('error', () => to.destroy());
    to.on('error', () => from.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return { port: (server.address() as net.AddressInfo).port, close: () => server.close() };
}
