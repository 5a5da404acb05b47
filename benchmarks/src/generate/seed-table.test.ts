import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, it } from 'vitest';
import { describeWith } from '../../../testing/require-part.ts';
import { writeBulk } from './bulk.ts';
import { seedTable } from './seed-table.ts';

describeWith('postgres', 'seedTable', (url) => {
  it('brings every row in, with its NULLs and its empty texts, twice in a row', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kalla-seed-test-'));
    const table = `kalla_bench_test_${process.pid}`;
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      const truth = await writeBulk({ dataset: 'invoices', rows: 500, seed: 5 }, join(folder, 'x.csv'), 'csv');
      await seedTable(url, table, join(folder, 'x.csv'));
      await seedTable(url, table, join(folder, 'x.csv'));
      const { rows } = await client.query<Record<string, string>>(
        `SELECT count(*)::text AS rows, sum(amount)::text AS sum, (count(*) - count(note))::text AS nulls,
           (count(*) FILTER (WHERE note = ''))::text AS empty FROM ${table}`,
      );
      expect(rows[0]).toEqual({
        rows: '500',
        sum: truth.facts['amount.sum'],
        nulls: truth.facts['note.nulls'],
        empty: truth.facts['note.empty'],
      });
      expect(Number(rows[0]?.['empty'])).toBeGreaterThan(0);
    } finally {
      await client.query(`DROP TABLE IF EXISTS ${table}`);
      await client.end();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
