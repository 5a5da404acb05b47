import { ConnectorError } from '@kalla/core';
import { configSchema, type PostgresConfig } from './config.ts';

/** Parameters that providers put into their connection strings and that change nothing for a reader. */
const IGNORED = new Set([
  'application_name',
  'channel_binding',
  'gssencmode',
  'pgbouncer',
  'pool_timeout',
  'connection_limit',
  'target_session_attrs',
  'sslnegotiation',
  'supa',
]);

/**
 * Reads a connection string. Parts that are absent get libpq's defaults.
 *
 * @example fromUri('postgres://ada:secret@db:5432/books?table=public.invoices&sslmode=require').table === 'public.invoices'
 * @throws ConnectorError `config`; its sentence never repeats the string, which may hold a password.
 */
export function fromUri(uri: string): { config: PostgresConfig; table?: string } {
  const url = parse(uri);
  const given: Record<string, unknown> = {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    database: decode(url.pathname.replace(/^\//, ''), 'database'),
  };
  given.host = decode(given.host as string, 'host');
  if (url.port) given.port = Number(url.port);
  if (url.username) given.user = decode(url.username, 'user');
  if (url.password) given.password = decode(url.password, 'password');
  let table: string | undefined;
  const textColumns: string[] = [];
  for (const [name, value] of url.searchParams) {
    if (name === 'table') table = value || undefined;
    else if (name === 'dbname') given.database = value;
    else if (name === 'text_column') textColumns.push(value);
    else if (name === 'connect_timeout') given[name] = Number(value);
    else if (name === 'ssl') given.sslmode ??= value === 'false' || value === '0' ? 'disable' : 'require';
    // libpq's "allow" begins without TLS; what comes nearest and is never weaker is "prefer".
    else if (name === 'sslmode') given.sslmode = value === 'allow' ? 'prefer' : value;
    else if (name === 'schema' || name === 'user' || name === 'password' || name === 'port') {
      given[name] = name === 'port' ? Number(value) : value;
    } else if (name === 'sslrootcert') given.sslrootcert = value === 'system' ? undefined : value;
    else if (!IGNORED.has(name)) {
      throw new ConnectorError(
        'config',
        `The connection string has a parameter that is not known: "${name.slice(0, 40)}".`,
        {
          hint: 'Known are table, sslmode, sslrootcert (as PEM text), schema, text_column, connect_timeout.',
        },
      );
    }
  }
  if (textColumns.length) given.text_columns = textColumns;
  const parsed = configSchema.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = String(issue?.path[0] ?? 'uri');
    throw new ConnectorError(
      'config',
      `The connection string is not complete: ${field}: ${issue?.message ?? 'not valid'}`,
      {
        field,
        hint: 'It looks like postgres://user@host:5432/database?table=schema.name.',
        cause: parsed.error,
      },
    );
  }
  return table === undefined ? { config: parsed.data } : { config: parsed.data, table };
}

/**
 * The connection string without its password and without the certificate text: what may be shown, stored and logged.
 *
 * @example toUri(config, 'public.invoices') === 'postgres://ada@db:5432/books?table=public.invoices'
 */
export function toUri(config: PostgresConfig, table?: string): string {
  const user = config.user ? `${encodeURIComponent(config.user)}@` : '';
  const host = config.host.includes(':') ? `[${config.host}]` : encodeURIComponent(config.host);
  const parameters: Array<[string, string]> = [];
  const dots = /^\.{1,2}$/.test(config.database);
  if (dots) parameters.push(['dbname', config.database]);
  if (table !== undefined) parameters.push(['table', table]);
  if (config.sslmode !== 'prefer') parameters.push(['sslmode', config.sslmode]);
  if (config.schema) parameters.push(['schema', config.schema]);
  if (config.connect_timeout !== 10) parameters.push(['connect_timeout', String(config.connect_timeout)]);
  for (const column of config.text_columns ?? []) parameters.push(['text_column', column]);
  const query = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  // A URL has no path "." or "..", however it is written: such a database goes where libpq takes one too.
  const base = `postgres://${user}${host}:${config.port}/${dots ? '' : encodeURIComponent(config.database)}`;
  return query ? `${base}?${query}` : base;
}

function parse(uri: string): URL {
  let url: URL;
  try {
    url = new URL(uri);
  } catch {
    // Without the cause: Node puts the whole string, password included, into its error.
    throw new ConnectorError('config', 'The connection string cannot be read.', {
      hint: 'It looks like postgres://user:password@host:5432/database?table=schema.name. Characters such as @ : / # ? in a password are written %40 %3A %2F %23 %3F.',
    });
  }
  if (!/^postgres(ql)?:$/.test(url.protocol)) {
    throw new ConnectorError('config', 'A PostgreSQL connection string begins with postgres:// or postgresql://.');
  }
  if (url.hash) {
    throw new ConnectorError('config', 'The connection string has a "#" in it.', {
      hint: 'Write # as %23 where it belongs to the password or a name.',
    });
  }
  return url;
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConnectorError(
      'config',
      `The ${part} in the connection string has a "%" that is not followed by two digits.`,
      {
        field: part,
        hint: 'Write % as %25.',
      },
    );
  }
}
