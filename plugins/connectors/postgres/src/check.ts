import { ConnectorError, quoteIdentifier, type CheckStep, type CheckStepName, type Operation } from '@kalla/core';
import type { PostgresConfig } from './config.ts';
import { toConnectorError } from './errors.ts';
import { Session } from './session.ts';
import { openSocket } from './socket.ts';

/** Checks a connection step by step, each on its own clock. A failed step says the likely cause and what to do; then it ends. */
export async function* checkConnection(
  config: PostgresConfig,
  operation: Operation,
): AsyncGenerator<CheckStep, void, void> {
  let session: Session | undefined;
  let table: Readable | undefined;
  const steps: Array<[CheckStepName, () => Promise<string>]> = [
    ['reach', () => reach(config, operation)],
    [
      'authenticate',
      async () => {
        session = await Session.open(config, operation);
        await session.begin();
        const [row] = await session.rows<{ user: string; version: string; tls: string | null }>(
          `SELECT current_user::text AS user, current_setting('server_version') AS version,
             (SELECT version FROM pg_catalog.pg_stat_ssl WHERE pid = pg_backend_pid()) AS tls`,
        );
        return `Signed in as "${row?.user}" to "${config.database}", PostgreSQL ${row?.version}, ${row?.tls ? `secured by ${row.tls}` : 'not encrypted'}.`;
      },
    ],
    [
      'authorise',
      async () => {
        const found = await findReadable(session!);
        table = found.table;
        const count = found.count > 1 ? `${found.count} tables` : 'One table';
        return `${count} can be read${config.schema ? ` in schema "${config.schema}"` : ''}.`;
      },
    ],
    ['read', () => readOne(session!, table!)],
  ];
  try {
    for (const [step, work] of steps) {
      const started = performance.now();
      const ms = () => Math.round((performance.now() - started) * 10) / 10;
      try {
        const message = await work();
        yield { step, ok: true, ms: ms(), message };
      } catch (error) {
        const problem = toConnectorError(error, { config, signal: operation.signal, connecting: step === 'reach' });
        if (problem.kind === 'cancelled') throw problem;
        yield { step, ok: false, ms: ms(), message: problem.message, ...(problem.hint ? { hint: problem.hint } : {}) };
        return;
      }
    }
  } finally {
    await session?.stop();
  }
}

async function reach(config: PostgresConfig, { signal }: Operation): Promise<string> {
  const { socket, secure } = await openSocket(config, signal);
  socket.destroy();
  return `${config.host}:${config.port} answers${secure ? ' over a secure connection' : ''}.`;
}

interface Readable {
  schema: string;
  name: string;
  /** Columns that may be read, null for all. */
  column: string | null;
}

/** How many tables this user may read, and a plain, small one to try. */
async function findReadable(session: Session): Promise<{ count: number; table: Readable }> {
  const rows = await session.rows<Readable & { count: number }>(
    `SELECT n.nspname AS schema, c.relname AS name, (count(*) OVER ())::float8 AS count,
       (SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT') ORDER BY a.attnum LIMIT 1) AS column
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f') AND NOT c.relispartition
       AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND ($1::text IS NULL OR n.nspname = $1)
       AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
       AND (pg_catalog.has_table_privilege(c.oid, 'SELECT') OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT'))
     ORDER BY array_position(ARRAY['r', 'p', 'm', 'v', 'f'], c.relkind::text), c.reltuples = 0, c.relpages, c.oid LIMIT 1`,
    [session.config.schema ?? null],
  );
  const [table] = rows;
  if (table) return { count: table.count, table };
  const { schema } = session.config;
  const user = session.client.user ?? '';
  throw new ConnectorError(
    'permission',
    `User "${user}" may read no table ${schema ? `in schema "${schema}"` : 'in this database'}.`,
    {
      hint: `Check the ${schema ? 'schema' : 'database'}, or ask an administrator for GRANT USAGE ON SCHEMA … and GRANT SELECT ON ALL TABLES IN SCHEMA … TO "${user}".`,
    },
  );
}

async function readOne(session: Session, { schema, name, column }: Readable): Promise<string> {
  const id = `${schema}.${name}`;
  const what = column === null ? '1' : quoteIdentifier(column);
  const rows = await session.rows(
    `SELECT ${what} FROM ${quoteIdentifier(schema)}.${quoteIdentifier(name)} LIMIT 1`,
    [],
    id,
  );
  return rows.length ? `A row of ${id} was read.` : `${id} was read; it has no rows that this user can see.`;
}
