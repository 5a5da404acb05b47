import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { quoteLiteral } from '@kalla/core';
import { withDuckdb } from '../duckdb.ts';
import { bulkColumns } from './bulk.ts';

/** Documents in one request. */
const AT_ONCE = 5000;

/** As people map such a table: text that nobody searches is not indexed. Moments have microseconds, which `date` would cut. */
const PROPERTIES = {
  id: { type: 'keyword' },
  seq: { type: 'long' },
  amount: { type: 'double' },
  inv_date: { type: 'date', format: 'yyyy-MM-dd' },
  created_at: { type: 'date_nanos' },
  reference: { type: 'keyword' },
  currency: { type: 'keyword' },
  note: { type: 'keyword', index: false, doc_values: false },
  meta: { type: 'keyword', index: false, doc_values: false },
};

/**
 * Makes an index anew from a CSV file of `writeBulk` (dataset invoices), some 30,000 documents a second, in one shard, merged
 * as an index is that nobody writes to any more.
 */
export async function seedIndex(url: string, index: string, csvPath: string): Promise<void> {
  const lines = `${csvPath}.ndjson`;
  const types = JSON.stringify(bulkColumns.invoices).replaceAll('"', "'");
  await withDuckdb({ TimeZone: 'UTC' }, (connection) =>
    connection.run(
      `COPY (SELECT id::VARCHAR AS id, seq, amount, inv_date::VARCHAR AS inv_date,
         strftime(created_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ') AS created_at, reference, currency, note, meta
       FROM read_csv(${quoteLiteral(csvPath)}, columns = ${types}, auto_detect = false, header = true, delim = ',', quote = '"',
         escape = '"', nullstr = '', allow_quoted_nulls = false)) TO ${quoteLiteral(lines)} (FORMAT json)`,
    ),
  );
  try {
    await call(url, 'DELETE', `/${index}?ignore_unavailable=true`);
    await call(url, 'PUT', `/${index}`, {
      settings: { number_of_shards: 1, number_of_replicas: 0, refresh_interval: -1 },
      mappings: { properties: PROPERTIES },
    });
    let batch: string[] = [];
    const send = async () => {
      const body = batch.map((line) => `{"create":{}}\n${line}\n`).join('');
      batch = [];
      const answer = await call<{ errors: boolean }>(url, 'POST', `/${index}/_bulk`, body);
      if (answer.errors) throw new Error('Elasticsearch did not take every document.');
    };
    for await (const line of createInterface({ input: createReadStream(lines), crlfDelay: Infinity }))
      if (batch.push(line) === AT_ONCE) await send();
    if (batch.length > 0) await send();
    await call(url, 'POST', `/${index}/_forcemerge?max_num_segments=1`);
    await call(url, 'POST', `/${index}/_refresh`);
  } finally {
    await rm(lines, { force: true });
  }
}

/** A request in JSON. Throws with the server's words where it fails. */
async function call<T>(url: string, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(url + path, {
    method,
    headers: { 'content-type': typeof body === 'string' ? 'application/x-ndjson' : 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
  return JSON.parse(text) as T;
}
