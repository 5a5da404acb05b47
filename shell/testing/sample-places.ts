import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import exceljs from 'exceljs';
import type pg from 'pg';
import { callJson } from '../../testing/call-json.ts';
import { withPostgres } from '../../testing/with-postgres.ts';

/** The folder of the shipped sample. */
export const samples = resolve(import.meta.dirname, '..', '..', 'samples');
const PROJECT = 'kalla-test';

/** What a source of the sample is registered with; without its alias. */
export interface SampleSource {
  type: string;
  uri: string;
  primary_key: string[];
}

export interface SamplePlaces {
  /** Name that is in each table's name, so that runs at the same time do not meet. */
  unique: string;
  /** The ledger: texts, DATE and NUMERIC. */
  bigquery: SampleSource;
  /** The statement: keywords, days, and the amount as a number in the document. */
  elasticsearch: SampleSource;
  /** The statement in columns of its types. */
  postgres: SampleSource;
  /** Takes the data away again; for a PostgreSQL server the table. */
  stop(): Promise<void>;
}

/**
 * Puts the sample into a warehouse, an index and a database of the test's real servers, under names of its own.
 *
 * @param places addresses, as `partAddress` says them
 * @param storage host and port of BigQuery's Storage Read API
 */
export async function createSamplePlaces(
  places: { bigquery: string; elasticsearch: string; postgres: string },
  storage = process.env.KALLA_TEST_BIGQUERY_GRPC ?? '',
): Promise<SamplePlaces> {
  const unique = randomBytes(5).toString('hex');
  const name = `kalla_${unique}`;
  const index = `kalla-${unique}`;
  const table = new URL(places.postgres);
  table.searchParams.set('table', `public.${name}`);
  await Promise.all([
    fillBigQuery(places.bigquery, name),
    fillElasticsearch(`${places.elasticsearch}/${index}`),
    withPostgres(places.postgres, (client) => fillPostgres(client, name)),
  ]);
  return {
    unique,
    bigquery: {
      type: 'bigquery',
      primary_key: ['entry_id'],
      uri:
        `bigquery://${PROJECT}/${name}?table=${name}.ledger&auth=none` +
        `&endpoint=${encodeURIComponent(places.bigquery)}&storage_endpoint=${storage}`,
    },
    elasticsearch: {
      type: 'elasticsearch',
      primary_key: ['statement_id'],
      uri: `elasticsearch+http://${new URL(places.elasticsearch).host}/${index}?decimal_field=amount:2`,
    },
    postgres: { type: 'postgres', primary_key: ['statement_id'], uri: table.href },
    async stop() {
      const dataset = `${places.bigquery}/bigquery/v2/projects/${PROJECT}/datasets/${name}?deleteContents=true`;
      await Promise.all([
        fetch(dataset, { method: 'DELETE' }),
        fetch(`${places.elasticsearch}/${index}`, { method: 'DELETE' }),
        withPostgres(places.postgres, (client) => client.query(`DROP TABLE IF EXISTS ${name}`)),
      ]);
    },
  };
}

/** The cells of a sample; an empty one is null. */
export function sampleRows(name: 'ledger' | 'bank'): Record<string, string | null>[] {
  const [header = [], ...rows] = readFileSync(join(samples, `${name}.csv`), 'utf8')
    .trimEnd()
    .split('\n')
    .map(cells);
  return rows.map((row) => Object.fromEntries(header.map((column, index) => [column, row[index] || null])));
}

/** The ledger as a workbook: two lines above the table, dates, and amounts as the nearest double of fifteen digits. */
export async function ledgerWorkbook(): Promise<ArrayBuffer> {
  const book = new exceljs.Workbook();
  const sheet = book.addWorksheet('Ledger');
  const rows = sampleRows('ledger');
  sheet.addRow(['Ledger of the first quarter']);
  sheet.addRow([]);
  sheet.addRow(Object.keys(rows[0] ?? {}));
  for (const { booking_date, amount, ...rest } of rows) {
    const { entry_id, customer, invoice_number, currency, note } = rest;
    // eslint-disable-next-line kalla/money -- a workbook has no other numbers; that they come out exactly is what is tested
    sheet.addRow([entry_id, new Date(booking_date!), customer, invoice_number, Number(amount), currency, note]);
  }
  return book.xlsx.writeBuffer();
}

/** One line of a CSV file without line breaks in its cells, as those of the samples are. */
function cells(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '').trimEnd() : quoted.replaceAll('""', '"'),
  );
}

async function fillBigQuery(address: string, datasetId: string) {
  const api = `${address}/bigquery/v2/projects/${PROJECT}/datasets`;
  await callJson('POST', api, { datasetReference: { projectId: PROJECT, datasetId }, location: 'US' });
  const rows = sampleRows('ledger');
  const types: Record<string, string> = { booking_date: 'DATE', amount: 'NUMERIC' };
  const fields = Object.keys(rows[0] ?? {}).map((name) => ({ name, type: types[name] ?? 'STRING' }));
  const tableReference = { projectId: PROJECT, datasetId, tableId: 'ledger' };
  await callJson('POST', `${api}/${datasetId}/tables`, { tableReference, schema: { fields } });
  for (let at = 0; at < rows.length; at += 500) {
    const part = rows.slice(at, at + 500).map((json) => ({ json }));
    const { insertErrors } = await callJson<{ insertErrors?: unknown[] }>(
      'POST',
      `${api}/${datasetId}/tables/ledger/insertAll`,
      { rows: part },
    );
    if (Array.isArray(insertErrors) && insertErrors.length > 0) throw new Error(JSON.stringify(insertErrors[0]));
  }
}

async function fillElasticsearch(index: string) {
  const names = ['statement_id', 'payer', 'reference', 'currency', 'memo'];
  const properties = {
    ...Object.fromEntries(names.map((name) => [name, { type: 'keyword' }])),
    value_date: { type: 'date', format: 'strict_date' },
    amount: { type: 'double' },
  };
  await callJson('PUT', index, { mappings: { properties } });
  const lines = sampleRows('bank').flatMap(({ amount, ...rest }) => [
    JSON.stringify({ index: {} }),
    // The amount's own digits: it never was a number here.
    `${JSON.stringify(rest).slice(0, -1)},"amount":${amount}}`,
  ]);
  const { errors } = await callJson<{ errors: boolean }>(
    'POST',
    `${index}/_bulk?refresh=true`,
    `${lines.join('\n')}\n`,
    'application/x-ndjson',
  );
  if (errors !== false) throw new Error('Elasticsearch refused a document of the sample.');
}

async function fillPostgres(client: pg.Client, name: string) {
  await client.query(
    `CREATE TABLE ${name} (statement_id text PRIMARY KEY, value_date date, payer text, reference text, amount numeric(12,2), currency text, memo text)`,
  );
  await client.query(`INSERT INTO ${name} SELECT * FROM json_populate_recordset(NULL::${name}, $1)`, [
    JSON.stringify(sampleRows('bank')),
  ]);
}
