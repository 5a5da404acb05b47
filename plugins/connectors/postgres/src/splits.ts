import type { Split } from '@kalla/core';
import type { Relation } from './catalog.ts';
import type { Session } from './session.ts';

/** Pages of 8 kB in one split: 256 MB. Smaller tables gain nothing from a second session. */
export const SPLIT_PAGES = 32_768;
const MAX_SPLITS = 8;
/** Since 14, a range of ctid is read without looking at the pages outside of it. */
const TID_RANGE_VERSION = 140_000;

export interface Storage {
  /** Bytes of the table itself; null for what has none of its own, such as a view. */
  bytes: number | null;
  pages: number;
  canSplit: boolean;
  /** `SQL_ASCII` means that text may be in any encoding. */
  encoding: string;
}

export async function readStorage(session: Session, relation: Relation): Promise<Storage> {
  const [row] = await session.rows<{
    bytes: number | null;
    pages: number;
    version: number;
    heap: boolean;
    encoding: string;
  }>(
    `SELECT s.bytes::float8 AS bytes,
       CASE WHEN c.relkind = 'r' THEN s.bytes / current_setting('block_size')::int ELSE 0 END::float8 AS pages,
       current_setting('server_version_num')::int AS version, coalesce(m.amname = 'heap', false) AS heap,
       current_setting('server_encoding') AS encoding
     FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_am m ON m.oid = c.relam
     CROSS JOIN LATERAL (SELECT CASE
       WHEN c.relkind IN ('r', 'm') THEN pg_catalog.pg_relation_size(c.oid)
       WHEN c.relkind = 'p' THEN (SELECT sum(pg_catalog.pg_relation_size(t.relid))::int8 FROM pg_catalog.pg_partition_tree(c.oid) t WHERE t.isleaf)
     END AS bytes) s
     WHERE c.oid = $1::oid`,
    [relation.oid],
  );
  const splittable =
    relation.kind === 'r' && !relation.hasChildren && (row?.heap ?? false) && (row?.version ?? 0) >= TID_RANGE_VERSION;
  return { bytes: row?.bytes ?? null, pages: row?.pages ?? 0, canSplit: splittable, encoding: row?.encoding ?? 'UTF8' };
}

/**
 * Ranges of pages that are disjoint and together the whole. The last has no end: pages that are added later hold only rows
 * that the snapshot does not see, but it costs nothing to be sure.
 */
export function planSplits(storage: Storage, splitPages = SPLIT_PAGES): Split[] {
  const count = storage.canSplit ? Math.min(Math.max(Math.floor(storage.pages / splitPages), 1), MAX_SPLITS) : 1;
  if (count === 1) return [{ id: 'all' }];
  const edges = Array.from({ length: count }, (_, i) => Math.floor((storage.pages * i) / count));
  return edges.map((from, i) => ({ id: `pages ${from}-${edges[i + 1] ?? ''}` }));
}

/** The condition that keeps the rows of a split; null for the whole. */
export function splitCondition(split: Split): string | null {
  const range = /^pages (\d+)-(\d*)$/.exec(split.id);
  if (!range) return null;
  const until = range[2] ? ` AND ctid < '(${range[2]},0)'::tid` : '';
  return `ctid >= '(${range[1]},0)'::tid${until}`;
}
