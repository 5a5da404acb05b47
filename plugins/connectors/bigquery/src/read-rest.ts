import { ConnectorError, type Batch, type Operation } from '@kalla/core';
import type { FoundTable } from './catalog.ts';
import { jsonBatch, type JsonRow } from './json-batch.ts';
import type { Rest } from './rest.ts';
import type { PlannedColumn } from './types.ts';

/** Rows of one answer. BigQuery gives fewer where they are wide. */
const PAGE = 10_000;
/** BigQuery looks the rows up before it answers. */
const PATIENCE_MS = 60_000;

/** The rows of a table or of a query's result over REST, page after page in one stream. */
export async function* readRows(
  rest: Rest,
  { project, dataset, table, fields, id }: FoundTable,
  columns: readonly PlannedColumn[],
  operation: Operation,
): AsyncGenerator<Batch, void, void> {
  const wanted = new Set(columns.map(({ field }) => field.name));
  // The cells come in the order of the table, whatever the order in which they are asked for.
  const order = fields.filter(({ name }) => wanted.has(name)).map(({ name }) => name);
  const places = columns.map(({ field }) => order.indexOf(field.name));
  let pageToken: string | undefined;
  let before = 0;
  do {
    const page = await rest.call<{ rows?: JsonRow[]; pageToken?: string | null }>(
      {
        path: `/projects/${[project, 'datasets', dataset, 'tables', table].map(encodeURIComponent).join('/')}/data`,
        query: {
          maxResults: PAGE,
          pageToken,
          selectedFields: order.join(','),
          'formatOptions.useInt64Timestamp': true,
        },
        table: id,
        patienceMs: PATIENCE_MS,
      },
      operation,
    );
    const rows = page.rows ?? [];
    if (rows[0] && rows[0].f.length !== order.length) {
      throw new ConnectorError('schema-changed', `Table ${id} has other columns than when the read was planned.`, {
        hint: 'Run it again.',
      });
    }
    if (rows.length > 0) yield jsonBatch(columns, places, rows, { table: id, before });
    before += rows.length;
    pageToken = page.pageToken ?? undefined;
  } while (pageToken);
}
