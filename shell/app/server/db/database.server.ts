import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { sql } from 'drizzle-orm';
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres';
import { migrate as migratePg } from 'drizzle-orm/node-postgres/migrator';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite';
import { migrate as migratePglite } from 'drizzle-orm/pglite/migrator';
import { lockFolder } from './folder-lock.server.ts';
import { WatchedPool, type DatabaseWatcher } from './watched-pool.server.ts';

/** The database of the app, whichever of the two it is, or a transaction on it. */
export type Db = PgDatabase<PgQueryResultHKT, Record<string, never>>;

export interface OpenDatabase {
  db: Db;
  kind: 'postgres' | 'embedded';
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Where given, a Postgres server; else the embedded database in `dataDir`. */
  url?: string | null;
  dataDir?: string;
  migrationsFolder: string;
  /** Told when a Postgres server cannot be reached any more, and when it can again. */
  watch?: DatabaseWatcher;
}

/** Any number will do, as long as all versions of Kalla use the same. */
const MIGRATION_LOCK = 727_374_001;

/**
 * Opens the database and brings its tables up to date. Two shells that start at once migrate one after the other. Throws
 * `database-unreachable`, as each later use does, where the server of `url` does not answer.
 */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  return options.url ? openPostgres(options.url, options) : openEmbedded(options);
}

async function openPostgres(url: string, options: DatabaseOptions): Promise<OpenDatabase> {
  const settings = { connectionString: url, max: 10, connectionTimeoutMillis: 10_000 };
  const pool = new WatchedPool(settings, (lost) => options.watch?.(lost));
  try {
    const client = await pool.connect();
    try {
      const one = drizzlePg(client);
      await one.execute(sql`select pg_advisory_lock(${MIGRATION_LOCK})`);
      try {
        await migratePg(one, { migrationsFolder: options.migrationsFolder });
      } finally {
        await one.execute(sql`select pg_advisory_unlock(${MIGRATION_LOCK})`);
      }
    } finally {
      client.release();
    }
  } catch (error) {
    await pool.end();
    throw error;
  }
  return { db: drizzlePg(pool) as unknown as Db, kind: 'postgres', close: () => pool.end() };
}

async function openEmbedded(options: DatabaseOptions): Promise<OpenDatabase> {
  const folder = options.dataDir ? join(options.dataDir, 'db') : undefined;
  if (options.dataDir) mkdirSync(options.dataDir, { recursive: true });
  // The embedded database has no server that would refuse a second process, which would destroy the files.
  const unlock = options.dataDir ? lockFolder(options.dataDir) : () => undefined;
  try {
    const client = await PGlite.create(folder ? { dataDir: folder } : {});
    const db = drizzlePglite(client);
    await migratePglite(db, { migrationsFolder: options.migrationsFolder });
    return {
      db: db as unknown as Db,
      kind: 'embedded',
      close: async () => {
        await client.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
