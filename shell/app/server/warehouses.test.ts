import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Recipe } from '@kalla/core';
import exceljs from 'exceljs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partAddress } from '../../../testing/require-part.ts';
import { sampleCounts } from '../../../testing/sample-counts.ts';
import { startWorker, workerIsBuilt } from '../../testing/real-worker.ts';
import { readEvents, startTestShell, type TestShell } from '../../testing/running-shell.ts';

const samples = resolve(import.meta.dirname, '..', '..', '..', 'samples');
const recipe = JSON.parse(readFileSync(join(samples, 'recipe.json'), 'utf8')) as Recipe;
const PROJECT = 'kalla-test';
const places = {
  bigquery: partAddress('bigquery'),
  elasticsearch: partAddress('elasticsearch'),
  postgres: partAddress('postgres'),
};

/** The cells of a sample; an empty one is null. */
function rowsOf(name: 'ledger' | 'bank'): Record<string, string | null>[] {
  const [header = [], ...rows] = readFileSync(join(samples, `${name}.csv`), 'utf8')
    .trimEnd()
    .split('\n')
    .map(cells);
  return rows.map((row) => Object.fromEntries(header.map((column, index) => [column, row[index] || null])));
}

/** One line of a CSV file without line breaks in its cells, as those of the samples are. */
function cells(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '').trimEnd() : quoted.replaceAll('""', '"'),
  );
}

describe.skipIf(!workerIsBuilt || Object.values(places).includes(undefined))(
  'the sample, with its sides in warehouses, databases and workbooks',
  { timeout: 120_000 },
  () => {
    const unique = randomBytes(5).toString('hex');
    let shell: TestShell;
    let worker: Awaited<ReturnType<typeof startWorker>>;

    beforeAll(async () => {
      const dataDir = mkdtempSync(join(tmpdir(), 'kalla-shell-'));
      worker = await startWorker(dataDir);
      shell = await startTestShell({ ...worker.env, KALLA_DATA_DIR: dataDir });
      await Promise.all([fillBigQuery(), fillElasticsearch(), fillPostgres()]);
    }, 180_000);
    afterAll(async () => {
      await shell?.end();
      await worker?.stop();
      const dataset = `${places.bigquery}/bigquery/v2/projects/${PROJECT}/datasets/kalla_${unique}?deleteContents=true`;
      await fetch(dataset, { method: 'DELETE' });
      await fetch(`${places.elasticsearch}/kalla-${unique}`, { method: 'DELETE' });
    });

    async function send(url: string, method: string, body: unknown, type = 'application/json') {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const response = await fetch(url, { method, headers: { 'content-type': type }, body: text });
      const answer = await response.text();
      if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${answer.slice(0, 500)}`);
      return JSON.parse(answer) as Record<string, unknown>;
    }

    /** The ledger: texts, DATE and NUMERIC. */
    async function fillBigQuery() {
      const api = `${places.bigquery}/bigquery/v2/projects/${PROJECT}/datasets`;
      const datasetId = `kalla_${unique}`;
      await send(api, 'POST', { datasetReference: { projectId: PROJECT, datasetId }, location: 'US' });
      const rows = rowsOf('ledger');
      const types: Record<string, string> = { booking_date: 'DATE', amount: 'NUMERIC' };
      const fields = Object.keys(rows[0] ?? {}).map((name) => ({ name, type: types[name] ?? 'STRING' }));
      const tableReference = { projectId: PROJECT, datasetId, tableId: 'ledger' };
      await send(`${api}/${datasetId}/tables`, 'POST', { tableReference, schema: { fields } });
      for (let at = 0; at < rows.length; at += 500) {
        const part = rows.slice(at, at + 500).map((json) => ({ json }));
        const answer = await send(`${api}/${datasetId}/tables/ledger/insertAll`, 'POST', { rows: part });
        expect(answer.insertErrors ?? []).toEqual([]);
      }
    }

    /** The statement: keywords, days, and the amount as people put money into Elasticsearch, as a number in the document. */
    async function fillElasticsearch() {
      const index = `${places.elasticsearch}/kalla-${unique}`;
      const names = ['statement_id', 'payer', 'reference', 'currency', 'memo'];
      const properties = {
        ...Object.fromEntries(names.map((name) => [name, { type: 'keyword' }])),
        value_date: { type: 'date', format: 'strict_date' },
        amount: { type: 'double' },
      };
      await send(index, 'PUT', { mappings: { properties } });
      const lines = rowsOf('bank').flatMap(({ amount, ...rest }) => [
        JSON.stringify({ index: {} }),
        // The amount's own digits: it never was a number here.
        `${JSON.stringify(rest).slice(0, -1)},"amount":${amount}}`,
      ]);
      const bulk = await send(`${index}/_bulk?refresh=true`, 'POST', `${lines.join('\n')}\n`, 'application/x-ndjson');
      expect(bulk.errors).toBe(false);
    }

    async function fillPostgres() {
      const client = new pg.Client({ connectionString: places.postgres });
      await client.connect();
      try {
        await client.query(
          `CREATE TABLE kalla_${unique} (statement_id text PRIMARY KEY, value_date date, payer text, reference text, amount numeric(12,2), currency text, memo text)`,
        );
        await client.query(
          `INSERT INTO kalla_${unique} SELECT * FROM json_populate_recordset(NULL::kalla_${unique}, $1)`,
          [JSON.stringify(rowsOf('bank'))],
        );
      } finally {
        await client.end();
      }
    }

    async function register(alias: string, source: object) {
      const made = await shell.call('POST', '/api/sources', { alias, ...source });
      expect(made.status, JSON.stringify(made.body)).toBe(201);
      const steps = await readEvents(await fetch(`${shell.address}/api/sources/${alias}/check`, { method: 'POST' }));
      expect(steps.map(({ data }) => data).filter(({ ok }) => ok === false)).toEqual([]);
    }

    const bigQuery = () => ({
      type: 'bigquery',
      primary_key: ['entry_id'],
      uri:
        `bigquery://${PROJECT}/kalla_${unique}?table=kalla_${unique}.ledger&auth=none` +
        `&endpoint=${encodeURIComponent(places.bigquery!)}&storage_endpoint=${process.env.KALLA_TEST_BIGQUERY_GRPC}`,
    });
    const elasticsearch = () => ({
      type: 'elasticsearch',
      primary_key: ['statement_id'],
      uri: `elasticsearch+http://${new URL(places.elasticsearch!).host}/kalla-${unique}?decimal_field=amount:2`,
    });
    const postgres = () => {
      const uri = new URL(places.postgres!);
      uri.searchParams.set('table', `public.kalla_${unique}`);
      return { type: 'postgres', primary_key: ['statement_id'], uri: uri.href };
    };

    /** Runs the sample's rule over the given sides; a side that is not given is a registered source under its name. */
    async function run(id: string, left: object, right: object, files?: Record<string, string>) {
      const { ledger, bank } = { ledger: recipe.sources.left, bank: recipe.sources.right };
      const stored = await shell.call('POST', '/api/recipes', {
        ...recipe,
        recipe_id: id,
        sources: {
          left: { ...left, primary_key: ledger.primary_key },
          right: { ...right, primary_key: bank.primary_key },
        },
        match_sql: recipe.match_sql.replace('FROM ledger l', `FROM ${id}_l l`).replace('JOIN bank b', `JOIN ${id}_r b`),
      });
      expect(stored.status, JSON.stringify(stored.body)).toBe(201);
      const started = await shell.call('POST', '/api/runs', { recipe_id: id, ...(files ? { files } : {}) });
      expect(started.status, JSON.stringify(started.body)).toBe(202);
      const events = await readEvents(await fetch(`${shell.address}/api/runs/${started.body.run_id}/events`));
      return events.at(-1)!.data;
    }

    it('BigQuery × Elasticsearch', async () => {
      await register('be_l', bigQuery());
      await register('be_r', elasticsearch());
      expect(await run('be', { alias: 'be_l' }, { alias: 'be_r' })).toMatchObject({
        status: 'completed',
        counts: sampleCounts,
      });
    });

    it('BigQuery × PostgreSQL', async () => {
      await register('bp_l', bigQuery());
      await register('bp_r', postgres());
      expect(await run('bp', { alias: 'bp_l' }, { alias: 'bp_r' })).toMatchObject({
        status: 'completed',
        counts: sampleCounts,
      });
    });

    it('Excel × Elasticsearch', async () => {
      const book = new exceljs.Workbook();
      const sheet = book.addWorksheet('Ledger');
      const rows = rowsOf('ledger');
      sheet.addRow(['Ledger of the first quarter']);
      sheet.addRow([]);
      sheet.addRow(Object.keys(rows[0] ?? {}));
      for (const { booking_date, amount, ...rest } of rows) {
        // As a workbook holds them: a date, and the nearest double of fifteen digits.
        const { entry_id, customer, invoice_number, currency, note } = rest;
        // eslint-disable-next-line kalla/money -- a workbook has no other numbers; that they come out exactly is what is tested
        sheet.addRow([entry_id, new Date(booking_date!), customer, invoice_number, Number(amount), currency, note]);
      }
      const form = new FormData();
      form.append('file', new Blob([await book.xlsx.writeBuffer()]), 'ledger.xlsx');
      const uploaded = await shell.call('POST', '/api/uploads', form);
      expect(uploaded.status, JSON.stringify(uploaded.body)).toBe(201);
      await register('xe_r', elasticsearch());
      const left = { alias: 'xe_l', type: 'file', schema: Object.keys(rows[0] ?? {}) };
      const files = { xe_l: uploaded.body.upload_id as string };
      expect(await run('xe', left, { alias: 'xe_r' }, files)).toMatchObject({
        status: 'completed',
        counts: sampleCounts,
      });
    });
  },
);
