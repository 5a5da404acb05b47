import { ConnectorError, type Operation, type Page, type TableQuery, type TableRef } from '@kalla/core';
import type { BigQueryConfig } from './config.ts';
import type { Rest } from './rest.ts';
import { parseTableName } from './table-name.ts';

/** A column as BigQuery's REST interface describes it. */
export interface TableField {
  name: string;
  type: string;
  mode?: string;
  fields?: TableField[];
  precision?: string;
  scale?: string;
  collation?: string;
  timestampPrecision?: string;
  rangeElementType?: { type: string };
  description?: string;
}

/** A table as it was found, with all that reading needs. */
export interface FoundTable {
  /** `dataset.table`, or with its project in front where that is not the source's. */
  id: string;
  project: string;
  dataset: string;
  table: string;
  type: string;
  fields: TableField[];
  primaryKey: string[] | null;
  rows: number | null;
  /** Size of all columns; null for what has none of its own, such as a view. */
  bytes: number | null;
  location: string | null;
}

interface ListAnswer<T> {
  nextPageToken?: string | null;
  datasets?: T[];
  tables?: T[];
}
type DatasetItem = { datasetReference: { datasetId: string } };
type TableItem = { tableReference: { tableId: string }; type?: string };

const KINDS: Record<string, TableRef['kind']> = {
  VIEW: 'view',
  MATERIALIZED_VIEW: 'materialized-view',
  EXTERNAL: 'foreign-table',
};
/** Where a search goes on: BigQuery cannot search, so its lists are gone through, at most so many calls for one page of ours. */
const CALLS_PER_PAGE = 40;
const DATASETS_PER_CALL = 1000;
const SEARCH_PAGE = 1000;

/** `[page of datasets, dataset on it, page of tables, tables of it that were given out]` */
type Place = [datasetPage: string, dataset: number, tablePage: string, skip: number];

/**
 * Tables and views page by page, dataset after dataset. A page may hold fewer than asked for and still have a next one: where a
 * search finds little among many datasets, it returns what it has.
 */
export async function listTables(
  rest: Rest,
  config: BigQueryConfig,
  { q, cursor, limit = 100 }: TableQuery,
  operation: Operation,
): Promise<Page<TableRef>> {
  const items: TableRef[] = [];
  const wanted = Math.max(1, Math.min(limit, 1000));
  const search = q?.trim().toLowerCase() ?? '';
  // `dataset.tab` looks for "tab" in datasets that match.
  const perCall = search ? SEARCH_PAGE : wanted;
  let [datasetPage, at, tablePage, skip]: Place = cursor ? readCursor(cursor) : ['', 0, '', 0];
  let calls = 0;
  for (;;) {
    const datasets = config.dataset
      ? { ids: [config.dataset], next: '' }
      : await listDatasets(rest, config, datasetPage, operation);
    calls += 1;
    for (; at < datasets.ids.length; at += 1, tablePage = '', skip = 0) {
      const dataset = datasets.ids[at]!;
      for (;;) {
        if (items.length >= wanted || calls >= CALLS_PER_PAGE)
          return { items, next: writeCursor([datasetPage, at, tablePage, skip]) };
        const answer = await rest.call<ListAnswer<TableItem>>(
          {
            path: `/projects/${encodeURIComponent(config.project)}/datasets/${encodeURIComponent(dataset)}/tables`,
            query: { maxResults: perCall, pageToken: tablePage },
          },
          operation,
        );
        calls += 1;
        const found = (answer.tables ?? [])
          .map((item) => toRef(dataset, item))
          .filter(({ id }) => id.toLowerCase().includes(search));
        const room = found.slice(skip, skip + wanted - items.length);
        items.push(...room);
        skip += room.length;
        if (skip < found.length) return { items, next: writeCursor([datasetPage, at, tablePage, skip]) };
        skip = 0;
        tablePage = answer.nextPageToken ?? '';
        if (!tablePage) break;
      }
    }
    if (!datasets.next) return { items, next: null };
    datasetPage = datasets.next;
    at = 0;
  }
}

async function listDatasets(rest: Rest, config: BigQueryConfig, page: string, operation: Operation) {
  const answer = await rest.call<ListAnswer<DatasetItem>>(
    {
      path: `/projects/${encodeURIComponent(config.project)}/datasets`,
      query: { maxResults: DATASETS_PER_CALL, pageToken: page },
    },
    operation,
  );
  return {
    ids: (answer.datasets ?? []).map(({ datasetReference }) => datasetReference.datasetId),
    next: answer.nextPageToken ?? '',
  };
}

function toRef(dataset: string, { tableReference, type }: TableItem): TableRef {
  const id = `${dataset}.${tableReference.tableId}`;
  return { id, name: id, kind: KINDS[type ?? ''] ?? 'table', rowEstimate: null };
}

/** @throws ConnectorError `config` where no table can be meant, `not-found` where it is absent. */
export async function findTable(
  rest: Rest,
  config: BigQueryConfig,
  table: string | undefined,
  operation: Operation,
): Promise<FoundTable> {
  if (!table) throw new ConnectorError('config', 'Say which table to read.', { field: 'table' });
  const name = parseTableName(table);
  const dataset = name?.dataset ?? config.dataset;
  if (!name || !dataset) {
    throw new ConnectorError('config', `"${table.slice(0, 200)}" is not the name of a table in BigQuery.`, {
      field: 'table',
      hint: 'It is written dataset.table, for example ledger.invoices.',
    });
  }
  const project = name.project ?? config.project;
  const id = `${project === config.project ? '' : `${project}.`}${dataset}.${name.table}`;
  const found = await rest.call<{
    type?: string;
    schema?: { fields?: TableField[] };
    numRows?: string;
    numBytes?: string;
    location?: string;
    tableConstraints?: { primaryKey?: { columns?: string[] } };
  }>(
    {
      path: `/projects/${encodeURIComponent(project)}/datasets/${encodeURIComponent(dataset)}/tables/${encodeURIComponent(name.table)}`,
      table: id,
    },
    operation,
  );
  const fields = found.schema?.fields ?? [];
  if (fields.length === 0) throw new ConnectorError('config', `Table ${id} has no columns.`, { field: 'table' });
  const type = found.type ?? 'TABLE';
  const hasRows = /^(TABLE|SNAPSHOT)$/.test(type);
  const size = (text: string | undefined) => (hasRows && text !== undefined ? Number(text) : null);
  return {
    id,
    project,
    dataset,
    table: name.table,
    type,
    fields,
    primaryKey: found.tableConstraints?.primaryKey?.columns ?? null,
    rows: size(found.numRows),
    bytes: size(found.numBytes),
    location: found.location ?? null,
  };
}

export function toTableRef({ id, type, rows }: FoundTable): TableRef {
  return { id, name: id, kind: KINDS[type] ?? 'table', rowEstimate: rows };
}

function writeCursor(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

function readCursor(cursor: string): Place {
  const broken = () => new ConnectorError('config', 'The cursor of the table list is not one that was given out.');
  let place: unknown;
  try {
    place = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw broken();
  }
  const types = Array.isArray(place) ? place.map((part) => typeof part).join() : '';
  if (types !== 'string,number,string,number') throw broken();
  return place as Place;
}
