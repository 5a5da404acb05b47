import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeWith } from '../../testing/require-part.ts';
import { withPostgres } from '../../testing/with-postgres.ts';
import { openDatabase, type Db, type OpenDatabase } from '../app/server/db/database.server.ts';

export const migrationsFolder = join(import.meta.dirname, '..', 'drizzle');

/** Runs the same tests on the embedded database and on a real Postgres, each in a database of its own. */
export function describeOnBoth(name: string, body: (db: () => Db) => void): void {
  describe(`${name}, embedded`, () => withDatabase(() => openDatabase({ migrationsFolder }), body));
  describeWith('postgres', `${name}, Postgres`, (address) => {
    let drop = async () => {};
    withDatabase(async () => {
      const fresh = await createPostgresDatabase(address);
      drop = fresh.drop;
      return openDatabase({ url: fresh.url, migrationsFolder });
    }, body);
    afterAll(() => drop());
  });
}

/** A new, empty database on a server. */
export async function createPostgresDatabase(address: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `kalla_test_${randomBytes(6).toString('hex')}`;
  const run = (statement: string) =>
    withPostgres(address, async (client) => {
      await client.query(statement);
    });
  await run(`create database ${name}`);
  const url = new URL(address);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(`drop database ${name} with (force)`) };
}

function withDatabase(open: () => Promise<OpenDatabase>, body: (db: () => Db) => void): void {
  let database: OpenDatabase;
  beforeAll(async () => {
    database = await open();
  });
  body(() => database.db);
  afterAll(() => database.close());
}
