import type { Operation, ReadPlan, ReadRequest, Split } from '@kalla/core';
import type { Server } from './client.ts';
import { chooseColumns, planColumns, type Columns, type PlannedColumn } from './columns.ts';
import { splitFilter, type Query } from './filter.ts';
import { readMapping, type TableMapping } from './mapping.ts';
import { requireSource } from './source.ts';
import { findTable, inPath, type FoundTable } from './tables.ts';

/** Rows from which a table is read in several slices; smaller ones gain nothing from it. */
export const SPLIT_ROWS = 20_000;
/** As many as are read at the same time: each begins with small pages and ends with one that is not full. */
const SLICES = 2;

/** A plan as this connector makes it: with what `read` needs besides. */
export interface ElasticsearchPlan extends ReadPlan {
  readonly elasticsearch: {
    table: string;
    columns: PlannedColumn[];
    query: Query;
    limit: number | null;
    /** The fields as they were defined; a read makes sure that they still are. */
    definition: string;
  };
}

export interface LookedUp extends Columns {
  found: FoundTable;
  mapping: TableMapping;
}

/** A table with all its columns. Throws `not-found`, `permission`, `config`. */
export async function lookUp(server: Server, table: string | undefined, operation: Operation): Promise<LookedUp> {
  const found = await findTable(server, table, operation);
  const mapping = await readMapping(server, found.ref.id, operation);
  requireSource(found.ref.id, mapping);
  const columns = await planColumns(server, found.ref.id, mapping, found.isSingle, operation);
  return { found, mapping, ...columns };
}

/** Plans a read. `splitRows` is for tests; absent: the measured size. */
export async function planRead(
  server: Server,
  request: ReadRequest,
  operation: Operation,
  splitRows = SPLIT_ROWS,
): Promise<ElasticsearchPlan> {
  const { found, mapping, ...all } = await lookUp(server, request.table, operation);
  const table = found.ref.id;
  const { columns, notes } = chooseColumns(table, all, request.columns);
  const { queries, residual } = splitFilter(request.filter ?? [], all.columns);
  const query: Query = queries.length ? { bool: { filter: queries } } : { match_all: {} };
  // Rows that the caller still drops must not count against the limit.
  const limit = request.limit !== undefined && residual.length === 0 ? Math.max(0, Math.floor(request.limit)) : null;
  const counted = await countRows(server, table, query, operation);
  return {
    columns: columns.map(({ info }) => info),
    residual,
    splits: limit === null ? planSplits(counted, splitRows) : [{ id: 'all' }],
    estimate: { rows: limit === null ? counted : Math.min(limit, counted), bytes: null },
    snapshot: true,
    notes,
    elasticsearch: { table, columns, query, limit, definition: definitionOf(mapping) },
  };
}

/** What may not change between plan and read. */
export function definitionOf({ leaves }: TableMapping): string {
  return JSON.stringify(leaves.map(({ path, definitions }) => [path, definitions]));
}

async function countRows(server: Server, table: string, query: Query, operation: Operation): Promise<number> {
  const { hits } = await server.json<{ hits: { total: { value: number } } }>(
    {
      method: 'POST',
      path: `/${inPath(table)}/_search`,
      query: { allow_partial_search_results: false },
      body: JSON.stringify({ size: 0, track_total_hits: true, query }),
      table,
    },
    operation,
  );
  return hits.total.value;
}

/** Slices that are disjoint and together the whole, by the server's own parting of a moment. */
function planSplits(rows: number, splitRows: number): Split[] {
  if (rows < 2 * splitRows) return [{ id: 'all' }];
  return Array.from({ length: SLICES }, (_, i) => ({ id: `slice ${i} of ${SLICES}` }));
}

/** The `slice` of a split; null for the whole. */
export function sliceOf({ id }: Split): { id: number; max: number } | null {
  const match = /^slice (\d+) of (\d+)$/.exec(id);
  return match ? { id: Number(match[1]), max: Number(match[2]) } : null;
}
