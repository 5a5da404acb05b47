import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quoteLiteral } from '@kalla/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstRow, withDuckdb } from '../duckdb.ts';
import {
  bulkColumns,
  bulkMatchSql,
  bulkSelect,
  differingFacts,
  factsOf,
  matchTruth,
  readTruth,
  writeBulk,
} from './bulk.ts';

const ROWS = 3000;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kalla-bulk-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('writeBulk', () => {
  it.each(['invoices', 'payments'] as const)('knows what is in %s, as CSV and as Parquet', async (dataset) => {
    const request = { dataset, rows: ROWS, seed: 7 };
    const [csv, parquet] = [join(folder, `${dataset}.csv`), join(folder, `${dataset}.parquet`)];
    const truth = await writeBulk(request, csv, 'csv');
    expect(await writeBulk(request, parquet, 'parquet')).toEqual(truth);
    expect(await readTruth(csv)).toEqual(truth);
    expect(truth.rows).toBe(ROWS);

    const types = JSON.stringify(bulkColumns[dataset]).replaceAll('"', "'");
    const readCsv = `read_csv(${quoteLiteral(csv)}, columns = ${types}, header = true, nullstr = '', allow_quoted_nulls = false)`;
    await withDuckdb({ TimeZone: 'UTC' }, async (connection) => {
      expect(differingFacts(truth, await factsOf(connection, readCsv, dataset))).toEqual([]);
      expect(
        differingFacts(truth, await factsOf(connection, `read_parquet(${quoteLiteral(parquet)})`, dataset)),
      ).toEqual([]);
    });
  });

  it('makes other data from another seed', async () => {
    const one = await writeBulk({ dataset: 'invoices', rows: 50, seed: 1 }, join(folder, 'one.csv'), 'csv');
    const two = await writeBulk({ dataset: 'invoices', rows: 50, seed: 2 }, join(folder, 'two.csv'), 'csv');
    expect(differingFacts(one, two)).toEqual(expect.arrayContaining(['amount.sum', 'id.checksum', 'note.checksum']));
  });
});

describe('factsOf', () => {
  it.each([
    [
      'a cent',
      `SELECT * REPLACE (CASE WHEN seq = 5 THEN amount + 0.01 ELSE amount END AS amount) FROM t`,
      ['amount.sum'],
    ],
    [
      'NULL for empty text',
      `SELECT * REPLACE (NULLIF(note, '') AS note) FROM t`,
      ['note.checksum', 'note.nulls', 'note.empty'],
    ],
    ['a row less', `SELECT * FROM t WHERE seq <> 0`, ['rows', 'id.checksum']],
  ])('shows %s', async (_, changed, facts) => {
    await withDuckdb({}, async (connection) => {
      await connection.run(`CREATE TABLE t AS ${bulkSelect({ dataset: 'invoices', rows: ROWS, seed: 1 })}`);
      const truth = await factsOf(connection, 't', 'invoices');
      const found = differingFacts(truth, await factsOf(connection, `(${changed})`, 'invoices'));
      expect(found).toEqual(expect.arrayContaining(facts));
    });
  });
});

describe('matchTruth', () => {
  it('is what the match rule finds', async () => {
    await withDuckdb({}, async (connection) => {
      for (const dataset of ['invoices', 'payments'] as const) {
        await connection.run(`CREATE TABLE ${dataset} AS ${bulkSelect({ dataset, rows: ROWS, seed: 3 })}`);
      }
      await connection.run(`CREATE TABLE matched AS ${bulkMatchSql}`);
      const found = await firstRow(
        connection,
        `SELECT (SELECT count(*) FROM invoices) AS "left", (SELECT count(*) FROM payments) AS "right",
           (SELECT count(*) FROM matched) AS matched,
           (SELECT count(DISTINCT id) FROM matched) AS matched_left_rows,
           (SELECT count(DISTINCT pay_id) FROM matched) AS matched_right_rows,
           (SELECT count(*) FROM invoices ANTI JOIN matched USING (id)) AS unmatched_left,
           (SELECT count(*) FROM payments ANTI JOIN matched USING (pay_id)) AS unmatched_right`,
      );
      const truth = await matchTruth(ROWS, 3);
      expect(Object.fromEntries(Object.entries(found).map(([name, value]) => [name, Number(value)]))).toEqual(truth);
      expect(truth['matched']).toBeGreaterThan(ROWS * 0.8);
      expect(truth['matched_left_rows']).toBeLessThan(truth['matched'] ?? 0);
    });
  });
});
