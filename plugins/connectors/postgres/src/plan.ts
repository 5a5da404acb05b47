import { quoteIdentifier, type ReadPlan, type ReadRequest, type Split } from '@kalla/core';
import { findTable, type Relation } from './catalog.ts';
import { splitFilter } from './filter.ts';
import { planColumns, type PlannedColumn } from './select.ts';
import type { Session } from './session.ts';
import { planSplits, readStorage, splitCondition } from './splits.ts';

/** A plan as this connector makes it: with what `read` needs besides. */
export interface PostgresPlan extends ReadPlan {
  readonly postgres: {
    relation: Relation;
    columns: PlannedColumn[];
    where: string | null;
    limit: number | null;
    checkUtf8: boolean;
  };
}

/** Plans a read inside the session's transaction. `splitPages` is for tests; absent: the measured size. */
export async function planRead(session: Session, request: ReadRequest, splitPages?: number): Promise<PostgresPlan> {
  const relation = await findTable(session, request.table);
  const storage = await readStorage(session, relation);
  const filters = request.filter ?? [];
  const { columns, notes } = await planColumns(session, relation, request.columns);
  const byName = new Map(columns.map((column) => [column.info.name, column]));
  const { where, residual } = splitFilter(filters, byName);
  // Rows that the caller still drops must not count against the limit.
  const limit = request.limit !== undefined && residual.length === 0 ? request.limit : null;
  const rows = relation.rows === null || where !== null ? null : Math.round(relation.rows);
  const part = (whole: number | null) => (whole === null || limit === null ? whole : Math.min(whole, limit));
  return {
    columns: columns.map(({ info }) => info),
    residual,
    splits: limit === null ? planSplits(storage, splitPages) : [{ id: 'all' }],
    estimate: { rows: part(rows), bytes: limit === null && where === null ? storage.bytes : null },
    snapshot: true,
    notes,
    postgres: { relation, columns, where, limit, checkUtf8: storage.encoding === 'SQL_ASCII' },
  };
}

/**
 * The statement that reads a split.
 *
 * @example COPY (SELECT "id", "due"::text FROM "public"."bills" WHERE "paid" = 'false'::boolean) TO STDOUT (FORMAT binary)
 */
export function copyStatement({ postgres }: PostgresPlan, split: Split): string {
  const { relation, columns, where, limit } = postgres;
  const conditions = [splitCondition(split), where].filter((condition) => condition !== null);
  const select = [
    `SELECT ${columns.map(({ expression }) => expression).join(', ')}`,
    `FROM ${quoteIdentifier(relation.schema)}.${quoteIdentifier(relation.name)}`,
    ...(conditions.length ? [`WHERE ${conditions.join(' AND ')}`] : []),
    ...(limit === null ? [] : [`LIMIT ${Math.max(0, Math.floor(limit))}`]),
  ];
  return `COPY (${select.join(' ')}) TO STDOUT (FORMAT binary)`;
}
