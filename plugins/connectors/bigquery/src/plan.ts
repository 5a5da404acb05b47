import { ConnectorError, type Note, type Operation, type ReadPlan, type ReadRequest } from '@kalla/core';
import { findTable, type FoundTable } from './catalog.ts';
import type { BigQueryConfig } from './config.ts';
import { splitFilter } from './filter.ts';
import { messages } from './messages.ts';
import { needsQuery, selectFrom, type Queries } from './query.ts';
import type { Rest } from './rest.ts';
import type { ReadSession, Storage } from './storage.ts';
import { planColumn, type PlannedColumn } from './types.ts';

/** What a connection has at hand to plan and read with. */
export interface Tools {
  config: BigQueryConfig;
  rest: Rest;
  queries: Queries;
  /** Null where there is no Storage Read API at the address. */
  storage: Storage | null;
}

/** A plan as this connector makes it: with what `read` needs besides. */
export interface BigQueryPlan extends ReadPlan {
  readonly bigquery: {
    table: FoundTable;
    columns: PlannedColumn[];
    limit: number | null;
    /** How the rows come: streams of a session that is open, the result of a query that is still to be run, or pages of REST. */
    way: { kind: 'session'; session: ReadSession } | { kind: 'query'; sql: string } | { kind: 'rest' };
  };
}

/** Plans a read. No query is run and nothing is billed before `read`. */
export async function planRead(tools: Tools, request: ReadRequest, operation: Operation): Promise<BigQueryPlan> {
  const { config, rest } = tools;
  tools.storage?.warm();
  const table = await findTable(rest, config, request.table, operation);
  const { columns, notes } = planColumns(table, config, request.columns);
  const all = request.columns ? planColumns(table, config).columns : columns;
  const filters = request.filter ?? [];
  const { where, residual } = splitFilter(filters, new Map(all.map((column) => [column.info.name, column])));
  const limitOf = (left: number) =>
    request.limit !== undefined && left === 0 ? Math.max(0, Math.floor(request.limit)) : null;
  const base = { columns: columns.map(({ info }) => info), snapshot: true };

  if (needsQuery(table)) {
    // Rows that the caller still drops must not count against the limit.
    const limit = limitOf(residual.length);
    const sql = selectFrom(table, columns, where, limit);
    const bytes = await tools.queries.estimate(sql, table, operation);
    const message = messages.viewByQuery(bytes === null ? null : inBytes(bytes));
    return {
      ...base,
      residual,
      splits: [{ id: 'query' }],
      estimate: { rows: null, bytes },
      notes: [...notes, { message }],
      bigquery: { table, columns, limit, way: { kind: 'query', sql } },
    };
  }

  const opened = await openSession(tools, table, columns, where, request.limit, operation);
  if ('session' in opened) {
    const { session } = opened;
    const limit = limitOf(residual.length);
    const rows = where === null ? session.rows : null;
    return {
      ...base,
      residual,
      // A session of an empty table has no stream, and a plan has at least one split.
      splits: session.streams.length > 0 ? session.streams.map((id) => ({ id })) : [{ id: 'nothing' }],
      estimate: {
        rows: rows === null || limit === null ? rows : Math.min(rows, limit),
        bytes: limit === null ? session.bytes : null,
      },
      notes,
      bigquery: { table, columns, limit, way: { kind: 'session', session } },
    };
  }
  // A list of rows knows no conditions.
  const limit = limitOf(filters.length);
  return {
    ...base,
    residual: filters,
    splits: [{ id: 'rows' }],
    estimate: { rows: table.rows === null || limit === null ? table.rows : Math.min(table.rows, limit), bytes: null },
    snapshot: false,
    notes: [...notes, { message: messages.storageByRest(opened.why) }],
    bigquery: { table, columns, limit, way: { kind: 'rest' } },
  };
}

/** A session, or why there is none although the rows may be had over REST. Any other failure is thrown. */
export async function openSession(
  { storage }: Tools,
  source: { project: string; dataset: string; table: string },
  columns: readonly PlannedColumn[],
  where: string | null,
  limit: number | undefined,
  operation: Operation,
): Promise<{ session: ReadSession } | { why: string }> {
  if (!storage) return { why: 'No address of the Storage Read API is given.' };
  const { project, dataset, table } = source;
  const names = columns.map(({ field }) => field.name);
  try {
    const streams = limit === undefined ? {} : { streams: 1 };
    return { session: await storage.open({ project, dataset, table, columns: names, where, ...streams }, operation) };
  } catch (error) {
    // Not allowed to make sessions, or gRPC is shut out on the way: REST may still be open, and says so itself if it is not.
    if (!ConnectorError.is(error) || !['permission', 'unreachable', 'tls', 'transient'].includes(error.kind))
      throw error;
    return { why: error.message };
  }
}

/**
 * The columns of a table; `wanted` keeps only these, in this order.
 *
 * @throws ConnectorError `schema-changed` that names wanted columns which are not there.
 */
export function planColumns(
  table: FoundTable,
  config: BigQueryConfig,
  wanted?: readonly string[],
): { columns: PlannedColumn[]; notes: Note[] } {
  const byName = new Map(table.fields.map((field) => [field.name, field]));
  const missing = (wanted ?? []).filter((name) => !byName.has(name));
  if (missing.length > 0) {
    const list = (names: readonly string[]) =>
      names
        .slice(0, 30)
        .map((name) => `"${name}"`)
        .join(', ');
    throw new ConnectorError(
      'schema-changed',
      `Table ${table.id} has no ${missing.length === 1 ? 'column' : 'columns'} ${list(missing)}.`,
      {
        hint: `It has: ${list([...byName.keys()])}${byName.size > 30 ? ` and ${byName.size - 30} more` : ''}.`,
        faults: missing.slice(0, 20).map((column) => ({ column, message: 'missing' })),
      },
    );
  }
  const fields = wanted ? wanted.map((name) => byName.get(name)!) : table.fields;
  const columns = fields.map((field) => planColumn(field, config));
  const notes = columns.flatMap(({ info, note }) => (note ? [{ column: info.name, message: note }] : []));
  return { columns, notes };
}

/** @example inBytes(1_500_000_000) === '1.5 GB' */
export function inBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const size = bytes / 1000 ** power;
  return `${power === 0 || size >= 100 ? Math.round(size) : Math.round(size * 10) / 10} ${units[power]}`;
}
