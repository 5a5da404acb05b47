import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** A password that no sentence has by chance: where it turns up, it was let out. */
export const secret = 'Pa55-w0rd-that-stays-inside';
/** A table name with everything that a name may have. */
export const oddTable = `we"ird <b>x</b> '; DROP TABLE invoices; -- 🧾\nline`;

export interface BooksDatabase {
  /** Connection string of a user who may only read, with its password. */
  uri: string;
  host: string;
  port: string;
  name: string;
  user: string;
  /** Changes what the reader reads. */
  change(statement: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A database of its own on the test's PostgreSQL server: `invoices` with a key, `payments` with one in two columns, `dupes`
 * with none, a table with an odd name and odd columns, and in the schema `many` one of 1,000 columns and 5,000 more.
 */
export async function createBooks(address: string): Promise<BooksDatabase> {
  const id = randomBytes(5).toString('hex');
  const [name, user] = [`kalla_books_${id}`, `kalla_reader_${id}`];
  const url = new URL(address);
  const run = async (database: string, statements: string[]) => {
    const target = new URL(address);
    target.pathname = `/${database}`;
    const client = new pg.Client({ connectionString: target.href });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  };
  const own = url.pathname.slice(1) || 'postgres';
  const odd = pg.escapeIdentifier(oddTable);
  await run(own, [
    `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`,
    `CREATE ROLE ${user} LOGIN PASSWORD '${secret}'`,
  ]);
  await run(name, [
    `CREATE TABLE invoices (invoice_id text PRIMARY KEY, customer text, amount numeric(12,2), due date, paid boolean, note text)`,
    `INSERT INTO invoices SELECT 'INV-' || lpad(i::text, 5, '0'), 'Customer ' || i % 40, i * 37 % 90000 / 100.0 - 200,
       date '2026-01-01' + i % 60, i % 3 = 0, CASE WHEN i % 4 > 0 THEN 'note ' || i END FROM generate_series(1, 2000) i`,
    `CREATE TABLE payments (batch int, line int, paid numeric(12,2))`,
    `INSERT INTO payments SELECT i / 10, i % 10, i / 7.0 FROM generate_series(0, 1499) i`,
    `CREATE TABLE dupes (ref text, paid numeric(12,2))`,
    `INSERT INTO dupes SELECT CASE WHEN i = 5 THEN NULL WHEN i < 4 THEN 'A-1' ELSE 'A-' || i END, 1 FROM generate_series(1, 300) i`,
    `CREATE TABLE ${odd} ("a ""q""" int, "'; DROP TABLE invoices; --" text, "b\nc" text, "<img src=x onerror=alert(1)>" text,
       "💶" numeric(10,2))`,
    `INSERT INTO ${odd} SELECT i, E'x\\ny', 'z', '<script>alert(1)</script>', i FROM generate_series(1, 50) i`,
    'CREATE SCHEMA many',
    // A transaction for all of them would need more locks than a server has by default.
    ...Array.from(
      { length: 10 },
      (_, part) =>
        `DO $$ BEGIN FOR i IN ${part * 500 + 1}..${part * 500 + 500} LOOP
           EXECUTE format('CREATE TABLE many.t_%s (id int)', lpad(i::text, 4, '0')); END LOOP; END $$`,
    ),
    `DO $$ BEGIN
       EXECUTE (SELECT format('CREATE TABLE many.wide (%s, PRIMARY KEY (c0))', string_agg(format('c%s int', n), ', ' ORDER BY n))
         FROM generate_series(0, 999) n);
       EXECUTE (SELECT format('INSERT INTO many.wide SELECT %s FROM generate_series(0, 29) i', string_agg(format('%s + i', n * 100), ', ' ORDER BY n))
         FROM generate_series(0, 999) n); END $$`,
    'ANALYZE invoices',
    `GRANT USAGE ON SCHEMA many TO ${user}`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA public, many TO ${user}`,
  ]);
  return {
    uri: `postgres://${user}:${secret}@${url.hostname}:${url.port || '5432'}/${name}`,
    host: url.hostname,
    port: url.port || '5432',
    name,
    user,
    change: (statement) => run(name, [statement]),
    stop: () => run(own, [`DROP DATABASE ${name} WITH (FORCE)`, `DROP ROLE ${user}`]),
  };
}
