import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { PostgresConfig } from '../config.ts';
import { PostgresConnection, type PostgresConnectionOptions } from '../connection.ts';
import { fromUri } from '../uri.ts';

export { calm, eventually, readAll } from '@kalla/testkit';

/** A database of its own on the real server, dropped at the end, so that test files do not meet. */
export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  readonly config: PostgresConfig;
  /** Runs SQL as the administrator. */
  sql<T extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<T[]>;
  connect(changes?: Partial<PostgresConfig>, options?: PostgresConnectionOptions): PostgresConnection;
  /** Sessions of Kalla on this database now. */
  sessions(): Promise<Array<{ pid: number; state: string; query: string }>>;
}

export async function createTestDatabase(address: string): Promise<TestDatabase> {
  const name = `kalla_test_${randomBytes(5).toString('hex')}`;
  const { config: server } = fromUri(address);
  const config = { ...server, database: name };
  await onServer(server, (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`),
  );
  const admin = new pg.Client(settings(config));
  admin.on('error', () => undefined);
  await admin.connect();
  const sql = async <T extends object>(text: string, values: unknown[] = []) =>
    (values.length ? await admin.query(text, values) : await admin.query(text)).rows as T[];
  return {
    name,
    config,
    sql,
    connect: (changes = {}, options = {}) => new PostgresConnection({ ...config, ...changes }, options),
    sessions: () =>
      sql("SELECT pid, state, query FROM pg_stat_activity WHERE datname = $1 AND application_name = 'kalla'", [name]),
    async [Symbol.asyncDispose]() {
      await admin.end();
      await onServer(server, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
    },
  };
}

function settings({ host, port, database, user, password, sslmode }: PostgresConfig): pg.ClientConfig {
  return { host, port, database, user, password, ssl: sslmode === 'require' ? { rejectUnauthorized: false } : false };
}

async function onServer(config: PostgresConfig, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client(settings(config));
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
