import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { quoteIdentifier } from '@kalla/core';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { bulkColumns } from './bulk.ts';

/** Postgres types where their name is not the one of DuckDB. `json` keeps the text as it is; `jsonb` would not. */
const TYPES: Record<string, string> = {
  VARCHAR: 'text',
  'DECIMAL(18,2)': 'numeric(18,2)',
  'TIMESTAMP WITH TIME ZONE': 'timestamptz',
};

/**
 * Makes a table anew from a CSV file of `writeBulk` (dataset invoices) by COPY, some 200,000 rows a second. The table has a
 * primary key and fresh statistics, as a table in use has.
 */
export async function seedTable(url: string, table: string, csvPath: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const name = quoteIdentifier(table);
    const columns = Object.entries(bulkColumns.invoices).map(
      ([column, type]) => `${quoteIdentifier(column)} ${column === 'meta' ? 'json' : (TYPES[type] ?? type)}`,
    );
    await client.query('BEGIN');
    await client.query(`DROP TABLE IF EXISTS ${name}`);
    await client.query(`CREATE TABLE ${name} (${columns.join(', ')})`);
    // FREEZE: rows are visible to all at once, so that the first reader does not have to write hint bits.
    const sink = client.query(copyFrom(`COPY ${name} FROM STDIN (FORMAT csv, HEADER true, NULL '', FREEZE true)`));
    await pipeline(createReadStream(csvPath, { highWaterMark: 1 << 20 }), sink);
    await client.query(`ALTER TABLE ${name} ADD PRIMARY KEY (id)`);
    await client.query('COMMIT');
    await client.query(`ANALYZE ${name}`);
  } finally {
    await client.end();
  }
}
