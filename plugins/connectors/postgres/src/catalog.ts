import { ConnectorError, nearNames, type Page, type TableQuery, type TableRef } from '@kalla/core';
import type { Session } from './session.ts';
import { formatTableName, parseTableName } from './table-name.ts';

/** A relation that rows can be read from. */
export interface Relation {
  oid: string;
  schema: string;
  name: string;
  /** `formatTableName(schema, name)`. */
  id: string;
  /** pg_class.relkind: r table, p partitioned, v view, m materialized view, f foreign table. */
  kind: 'r' | 'p' | 'v' | 'm' | 'f';
  /** The planner's estimate; null where it never looked. */
  rows: number | null;
  pages: number;
  /** True for a plain table with old-style inheritance children: their rows are read with it. */
  hasChildren: boolean;
  /** True where row-level security hides rows from this user. */
  rowSecurity: boolean;
}

export interface CatalogColumn {
  name: string;
  notNull: boolean;
  /** As SQL says it, for example `numeric(12,2)`. */
  sourceType: string;
  /** Type and modifier as declared; what is compared before a read. */
  declared: string;
  /** The type under all domains. */
  typeOid: number;
  typeName: string;
  modifier: number;
  /** pg_type.typtype of that type: b base, e enum, c composite, r range, m multirange. */
  kind: string;
  isArray: boolean;
  isDomain: boolean;
  readable: boolean;
}

const KINDS: Record<Relation['kind'], TableRef['kind']> = {
  r: 'table',
  p: 'table',
  v: 'view',
  m: 'materialized-view',
  f: 'foreign-table',
};

export function toTableRef(relation: Relation): TableRef {
  return { id: relation.id, name: relation.id, kind: KINDS[relation.kind], rowEstimate: relation.rows };
}

// A partitioned table has no rows of its own: its estimate is the sum of its leaves. -1 means "never analysed".
const RELATION = `
  c.oid::text AS oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
  CASE WHEN c.relkind = 'p'
    THEN (SELECT sum(l.reltuples) FILTER (WHERE l.reltuples >= 0)
          FROM pg_catalog.pg_partition_tree(c.oid) t JOIN pg_catalog.pg_class l ON l.oid = t.relid WHERE t.isleaf)
    ELSE CASE WHEN c.relkind IN ('r', 'm', 'f') AND c.reltuples >= 0 THEN c.reltuples END END::float8 AS rows,
  c.relpages AS pages,
  (c.relkind = 'r' AND c.relhassubclass) AS "hasChildren",
  pg_catalog.row_security_active(c.oid) AS "rowSecurity"`;
const FROM = `FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`;
const READABLE = `pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  AND (pg_catalog.has_table_privilege(c.oid, 'SELECT') OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT'))`;
const ORDINARY = `c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'`;

/**
 * One page of the tables that this user may read, by schema and name. Partitions are shown as their parent only. In a
 * database of locale C only A to Z are the same in both cases, so a name is also looked for as it stands.
 */
export async function listTables(session: Session, query: TableQuery): Promise<Page<TableRef>> {
  const limit = Math.min(Math.max(query.limit ?? 100, 1), 1000);
  const after = query.cursor === undefined ? null : readCursor(query.cursor);
  const rows = await session.rows<Relation>(
    `SELECT ${RELATION} ${FROM} WHERE ${ORDINARY} AND ${READABLE}
       AND ($1::text IS NULL OR n.nspname = $1)
       AND ($2::text IS NULL OR position(lower($2) IN lower(n.nspname || '.' || c.relname)) > 0
            OR position($2 IN n.nspname || '.' || c.relname) > 0)
       AND ($3::text IS NULL OR (n.nspname::text COLLATE "C", c.relname::text COLLATE "C") > ($3, $4::text))
     ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C" LIMIT $5`,
    [session.config.schema ?? null, query.q || null, after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
  const items = rows.slice(0, limit).map((row) => toTableRef(withId(row)));
  const last = rows[limit - 1];
  return { items, next: rows.length > limit && last ? writeCursor(last.schema, last.name) : null };
}

/**
 * Finds the table that a user names. As it stands first; where that is not there, in lower case, as SQL without quotes would.
 *
 * @throws ConnectorError `not-found` with near names, `permission` where its schema is closed to this user.
 */
export async function findTable(session: Session, text: string | undefined): Promise<Relation> {
  if (!text) {
    throw new ConnectorError('config', 'Say which table to read.', {
      field: 'table',
      hint: 'For example public.invoices.',
    });
  }
  const wanted = parseTableName(text);
  if (wanted) {
    const schema = wanted.schema ?? session.config.schema ?? null;
    const rows = await session.rows<Relation & { open: boolean }>(
      `SELECT ${RELATION}, ${READABLE} AS open ${FROM}
       WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND lower(c.relname) = lower($2)
         AND c.relname IN ($2, lower($2))
         AND CASE WHEN $1::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname IN ($1, lower($1)) END
       ORDER BY (n.nspname = $1) DESC NULLS LAST, (c.relname = $2) DESC LIMIT 1`,
      [schema, wanted.name],
    );
    const [found] = rows;
    if (found?.open) return withId(found);
    if (found) throw noRight(session, withId(found));
  }
  throw await notFound(session, text);
}

function noRight(session: Session, relation: Relation): ConnectorError {
  const user = session.config.user ?? session.client.user;
  return new ConnectorError('permission', `User "${user}" may not read ${relation.id}.`, {
    field: 'table',
    hint: `An administrator can allow it: GRANT USAGE ON SCHEMA "${relation.schema}" TO "${user}"; GRANT SELECT ON "${relation.schema}"."${relation.name}" TO "${user}".`,
  });
}

const withoutSchema = (name: string) => name.toLowerCase().replace(/^.*\./, '');

async function notFound(session: Session, text: string): Promise<ConnectorError> {
  const rows = await session.rows<{ schema: string; name: string }>(
    `SELECT n.nspname AS schema, c.relname AS name ${FROM} WHERE ${ORDINARY} AND ${READABLE} ORDER BY 1, 2 LIMIT 5000`,
  );
  const near = nearNames(
    text,
    rows.map(({ schema, name }) => formatTableName(schema, name)),
    withoutSchema,
  );
  const hint = near.length
    ? `Did you mean ${near.join(' or ')}?`
    : rows.length
      ? 'Look at the list of tables; only those that this user may read are in it.'
      : 'This user may read no table in this database: check the database, or ask its administrator for the right.';
  return new ConnectorError('not-found', `There is no table ${text} in database "${session.config.database}".`, {
    field: 'table',
    hint,
  });
}

/** The columns of a table, in order, with each type followed through its domains. */
export async function readColumns(session: Session, relation: Relation): Promise<CatalogColumn[]> {
  return session.rows<CatalogColumn>(
    `WITH RECURSIVE base AS (
       SELECT a.attnum, a.atttypid AS oid, a.atttypmod AS modifier, 0 AS depth
       FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
       UNION ALL
       SELECT b.attnum, t.typbasetype, CASE WHEN t.typtypmod >= 0 THEN t.typtypmod ELSE b.modifier END, b.depth + 1
       FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.oid WHERE t.typtype = 'd')
     SELECT a.attname AS name, a.attnotnull AS "notNull",
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS "sourceType",
       a.atttypid::text || ':' || a.atttypmod AS declared,
       t.oid::int8::float8 AS "typeOid", t.typname AS "typeName", b.modifier, t.typtype::text AS kind,
       t.typelem <> 0 AND t.typlen = -1 AND t.typcategory = 'A' AS "isArray", b.depth > 0 AS "isDomain",
       pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS readable
     FROM pg_catalog.pg_attribute a
     JOIN base b ON b.attnum = a.attnum
     JOIN pg_catalog.pg_type t ON t.oid = b.oid AND t.typtype <> 'd'
     WHERE a.attrelid = $1::oid ORDER BY a.attnum`,
    [relation.oid],
  );
}

/** Primary key and other column sets that the catalog proves to be unique and never NULL. */
export async function readKeys(
  session: Session,
  relation: Relation,
): Promise<{ primary: string[] | null; unique: string[][] }> {
  // A parent's index does not hold for the rows of its inheritance children, which are read with it.
  if (relation.hasChildren) return { primary: null, unique: [] };
  const rows = await session.rows<{ primary: boolean; columns: string[] }>(
    `SELECT i.indisprimary AS primary, array_agg(a.attname::text ORDER BY k.place) AS columns
     FROM pg_catalog.pg_index i
     CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, place)
     LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
     WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
       AND k.place <= i.indnkeyatts
     GROUP BY i.indexrelid, i.indisprimary HAVING bool_and(a.attnotnull)
     ORDER BY i.indisprimary DESC, count(*), i.indexrelid`,
    [relation.oid],
  );
  return {
    primary: rows.find((row) => row.primary)?.columns ?? null,
    unique: rows.map((row) => row.columns),
  };
}

function withId(row: Relation): Relation {
  return { ...row, id: formatTableName(row.schema, row.name) };
}

function writeCursor(schema: string, name: string): string {
  return Buffer.from(JSON.stringify([schema, name])).toString('base64url');
}

function readCursor(cursor: string): [string, string] {
  const broken = () => new ConnectorError('config', 'The cursor of the table list is not one that was given out.');
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw broken();
  }
  if (!Array.isArray(value) || value.length !== 2 || value.some((part) => typeof part !== 'string')) throw broken();
  return value as [string, string];
}
