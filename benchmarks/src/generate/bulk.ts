import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier, quoteLiteral } from '@kalla/core';
import { z } from 'zod';
import { firstRow, withDuckdb } from '../duckdb.ts';

/** `invoices` is the wide table of the staging figures and the left side of a match; `payments` is its right side. */
export const datasets = ['invoices', 'payments'] as const;
export type Dataset = (typeof datasets)[number];
export const formats = ['csv', 'parquet'] as const;
export type Format = (typeof formats)[number];

export interface BulkRequest {
  dataset: Dataset;
  rows: number;
  seed: number;
}

/** Columns and their exact DuckDB types, in order. */
export const bulkColumns: Record<Dataset, Record<string, string>> = {
  invoices: {
    id: 'UUID',
    seq: 'BIGINT',
    amount: 'DECIMAL(18,2)',
    inv_date: 'DATE',
    created_at: 'TIMESTAMP WITH TIME ZONE',
    reference: 'VARCHAR',
    currency: 'VARCHAR',
    note: 'VARCHAR',
    meta: 'VARCHAR',
  },
  payments: {
    pay_id: 'UUID',
    inv_ref: 'VARCHAR',
    paid: 'DECIMAL(18,2)',
    paid_on: 'DATE',
    currency: 'VARCHAR',
    memo: 'VARCHAR',
    booked_at: 'TIMESTAMP WITH TIME ZONE',
  },
};

/** What is known about a table because it was made so: facts that do not depend on the order of the rows. All values are text. */
export const bulkTruthSchema = z.object({ rows: z.number().int(), facts: z.record(z.string(), z.string().nullable()) });
export type BulkTruth = z.infer<typeof bulkTruthSchema>;

const dice = (of: string, salt: number, seed: number) => `hash(${of} * 1000 + ${salt + seed * 37})`;
const invoiceAmount = (i: string, seed: number) =>
  `CAST(CAST(CAST(${dice(i, 1, seed)} % 100000000 AS BIGINT) - 5000000 AS DECIMAL(18,0)) / 100 AS DECIMAL(18,2))`;
const invoiceReference = (i: string) => `'INV-' || (2020 + ${i} % 5) || '-' || lpad(CAST(${i} AS VARCHAR), 9, '0')`;
const day = (of: string, salt: number, seed: number) =>
  `DATE '2020-01-01' + CAST(${dice(of, salt, seed)} % 2000 AS INTEGER)`;
const moment = (of: string, salt: number, seed: number) =>
  `TIMESTAMPTZ '2020-01-01 00:00:00+00' + to_microseconds(CAST(${dice(of, salt, seed)} % 150000000000000 AS BIGINT))`;
const currency = (of: string, seed: number) =>
  `['USD', 'EUR', 'GBP', 'JPY', 'CHF', 'SEK'][CAST(${dice(of, 6, seed)} % 6 AS INTEGER) + 1]`;
const uuid = (of: string, kind: string, seed: number) => `CAST(md5('${kind}-${seed}-' || ${of}) AS UUID)`;

/** The SELECT that makes a table. Cells hold quotes, line breaks, accents, empty text and NULL, as real exports do. */
export function bulkSelect({ dataset, rows, seed }: BulkRequest): string {
  const [i, j] = ['i', 'j'];
  if (dataset === 'invoices') {
    return `SELECT ${uuid(i, 'invoice', seed)} AS id, i AS seq, ${invoiceAmount(i, seed)} AS amount,
      CAST(${day(i, 3, seed)} AS DATE) AS inv_date, ${moment(i, 4, seed)} AS created_at,
      ${invoiceReference(i)} AS reference, ${currency(i, seed)} AS currency,
      CASE WHEN ${dice(i, 7, seed)} % 5 = 0 THEN NULL WHEN ${dice(i, 7, seed)} % 97 = 1 THEN ''
           WHEN ${dice(i, 7, seed)} % 89 = 1 THEN 'said "hi", then' || chr(10) || 'a new line é✓'
           ELSE 'payment for order ' || (${dice(i, 8, seed)} % 1000000) END AS note,
      '{"src": "erp", "lines": ' || (${dice(i, 9, seed)} % 20) || ', "tags": ["a", "b' || (${dice(i, 10, seed)} % 100) || '"]}' AS meta
      FROM range(${rows}) t(i)`;
  }
  return `SELECT ${uuid(j, 'payment', seed)} AS pay_id,
      CASE WHEN kind = 'stranger' THEN 'UNKNOWN-' || j ELSE ${invoiceReference('paid_for')} END AS inv_ref,
      CAST(${invoiceAmount('paid_for', seed)} - CASE kind WHEN 'fee' THEN 0.03 WHEN 'short' THEN 10 ELSE 0 END AS DECIMAL(18,2)) AS paid,
      CAST(${day(j, 23, seed)} AS DATE) AS paid_on, ${currency('paid_for', seed)} AS currency,
      'transfer ' || (${dice(j, 24, seed)} % 1000000) AS memo, ${moment(j, 25, seed)} AS booked_at
      FROM (${paymentCases(rows, seed)})`;
}

/**
 * One row per payment: `paid_for` is the invoice it pays, `kind` why it matches or does not.
 * 80 % pay in full, 5 % less a fee of 0.03, 5 % are 10.00 short, 5 % name no known invoice, 5 % pay the invoice before theirs once more.
 */
function paymentCases(rows: number, seed: number): string {
  // A prime step visits every invoice once, in an order that no join can use.
  return `SELECT j, kind, CASE WHEN kind = 'again' THEN (own + ${rows} - 1) % ${rows} ELSE own END AS paid_for
    FROM (SELECT j, (j * 982451653 + ${seed}) % ${rows} AS own, ${dice('j', 21, seed)} % 100 AS die,
      CASE WHEN die < 80 THEN 'full' WHEN die < 85 THEN 'fee' WHEN die < 90 THEN 'short' WHEN die < 95 THEN 'stranger' ELSE 'again' END AS kind
      FROM range(${rows}) t(j))`;
}

/** The match rule for the two tables; its tolerance is 0.05. */
export const bulkMatchSql = `SELECT l.id, r.pay_id, l.seq, l.amount, l.inv_date, l.created_at, l.reference, l.currency, l.note, l.meta,
  r.inv_ref, r.paid, r.paid_on, r.currency AS paid_currency, r.memo, r.booked_at
FROM invoices l JOIN payments r
  ON l.reference = r.inv_ref
  AND r.paid BETWEEN l.amount - CAST(0.05 AS DECIMAL(18,2)) AND l.amount + CAST(0.05 AS DECIMAL(18,2))`;

/** Counts of a match of invoices with payments of the same number and seed, from the cases alone, without any join on text. */
export async function matchTruth(rows: number, seed: number): Promise<Record<string, number>> {
  return withDuckdb({}, async (connection) => {
    const row = await firstRow(
      connection,
      `SELECT count(*) AS matched, count(DISTINCT paid_for) AS matched_left_rows
       FROM (${paymentCases(rows, seed)}) WHERE kind IN ('full', 'fee', 'again')`,
    );
    const matched = Number(row['matched']);
    const left = Number(row['matched_left_rows']);
    return {
      left: rows,
      right: rows,
      matched,
      matched_left_rows: left,
      matched_right_rows: matched,
      unmatched_left: rows - left,
      unmatched_right: rows - matched,
    };
  });
}

/**
 * Facts about a table that hold in any order of its rows: exact sums of numbers, and for every other column a checksum of
 * its text, its NULLs and its empty texts. Two tables with the same facts hold, for our purpose, the same cells.
 */
export async function factsOf(connection: DuckDBConnection, from: string, dataset: Dataset): Promise<BulkTruth> {
  const parts = Object.entries(bulkColumns[dataset]).flatMap(([name, type]) => {
    const column = quoteIdentifier(name);
    const as = (fact: string) => quoteIdentifier(`${name}.${fact}`);
    if (/^(DECIMAL|BIGINT)/.test(type)) return [`sum(${column}) AS ${as('sum')}`];
    // A sum, not an exclusive or: equal cells must not cancel each other.
    const checksum = `sum(CAST(hash(CAST(CAST(${column} AS ${type}) AS VARCHAR)) AS HUGEINT)) AS ${as('checksum')}`;
    const nulls = `count(*) - count(${column}) AS ${as('nulls')}`;
    return type === 'VARCHAR'
      ? [checksum, nulls, `count(*) FILTER (${column} = '') AS ${as('empty')}`]
      : [checksum, nulls];
  });
  const { rows, ...facts } = await firstRow(connection, `SELECT count(*) AS rows, ${parts.join(', ')} FROM ${from}`);
  return { rows: Number(rows), facts };
}

/** Names of the facts in which two tables differ; empty where they agree. */
export function differingFacts(expected: BulkTruth, found: BulkTruth): string[] {
  const names = Object.keys(expected.facts).filter((name) => expected.facts[name] !== found.facts[name]);
  return expected.rows === found.rows ? names : ['rows', ...names];
}

/** Writes a table to a file and the truth about it beside it, in `<path>.truth.json`. */
export async function writeBulk(request: BulkRequest, path: string, format: Format): Promise<BulkTruth> {
  await mkdir(dirname(path), { recursive: true });
  return withDuckdb({ TimeZone: 'UTC' }, async (connection) => {
    const options = format === 'csv' ? 'FORMAT csv, HEADER true' : 'FORMAT parquet, COMPRESSION zstd';
    const select = bulkSelect(request);
    // Written beside and renamed: a file that is there is whole.
    await connection.run(`COPY (${select}) TO ${quoteLiteral(`${path}.part`)} (${options})`);
    const truth = await factsOf(connection, `(${select})`, request.dataset);
    await writeFile(truthPath(path), `${JSON.stringify(truth, null, 2)}\n`);
    await rename(`${path}.part`, path);
    return truth;
  });
}

export async function readTruth(path: string): Promise<BulkTruth> {
  return bulkTruthSchema.parse(JSON.parse(await readFile(truthPath(path), 'utf8')));
}

function truthPath(path: string): string {
  return `${path}.truth.json`;
}
