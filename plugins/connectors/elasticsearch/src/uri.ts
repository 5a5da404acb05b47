import { ConnectorError } from '@kalla/core';
import { configSchema, type ElasticsearchConfig } from './config.ts';
import { isCloudId } from './server-address.ts';

const LIKE =
  'It looks like elasticsearch://user:password@host:9200/index, or elasticsearch://host:9200/index?api_key=….';
const SCHEMES: Record<string, string> = { 'elasticsearch:': 'https', 'elasticsearch+http:': 'http' };

/**
 * Reads a connection string. `elasticsearch:` speaks TLS, `elasticsearch+http:` does not; the last part of the path is the index.
 *
 * @example fromUri('elasticsearch://ada:secret@es:9200/invoices').table === 'invoices'
 * @throws ConnectorError `config`; its sentence never repeats the string, which may hold a secret.
 */
export function fromUri(uri: string): { config: ElasticsearchConfig; table?: string } {
  const url = parse(uri);
  const given: Record<string, unknown> = {};
  const lists: Record<string, string[]> = {};
  let apiKey: string | undefined;
  let cloudId: string | undefined;
  let prefix = '';
  let table: string | undefined;
  for (const [name, value] of url.searchParams) {
    if (name === 'api_key') apiKey = value;
    else if (name === 'cloud_id') cloudId = value;
    else if (name === 'path') prefix = `/${value.replace(/^\/+|\/+$/g, '')}`;
    else if (name === 'table') table = value || undefined;
    else if (name === 'text_field' || name === 'decimal_field') (lists[`${name}s`] ??= []).push(value);
    else if (name === 'timeout') given.timeout = Number(value);
    else if (['odd_numbers', 'nanoseconds', 'ca'].includes(name)) given[name] = value;
    else
      throw new ConnectorError(
        'config',
        `The connection string has a parameter that is not known: "${name.slice(0, 40)}".`,
        {
          hint: 'Known are api_key, cloud_id, path, table, text_field, decimal_field, odd_numbers, nanoseconds, ca (PEM text), timeout.',
        },
      );
  }
  Object.assign(given, lists);
  const fromPath = decode(url.pathname.replace(/^\//, ''), 'index');
  table ??= fromPath || undefined;
  given.server = cloudId ?? `${SCHEMES[url.protocol]}://${url.host}${prefix}`;
  if (apiKey) given.auth = { kind: 'api_key', api_key: apiKey };
  else if (url.username)
    given.auth = { kind: 'basic', user: decode(url.username, 'user'), password: decode(url.password, 'password') };
  else given.auth = { kind: 'none' };
  const parsed = configSchema.safeParse(given);
  if (parsed.success) return table === undefined ? { config: parsed.data } : { config: parsed.data, table };
  // What is shown has no secret in it, and is read again: the secrets are stored apart.
  if (isBare(parsed.error.issues)) {
    const config = given as unknown as ElasticsearchConfig;
    const rest = configSchema.safeParse({ ...given, auth: { kind: 'none' } });
    if (rest.success) {
      const bare = { ...rest.data, auth: config.auth };
      return table === undefined ? { config: bare } : { config: bare, table };
    }
  }
  const issue = parsed.error.issues[0];
  const field = String(issue?.path[0] ?? 'uri');
  throw new ConnectorError(
    'config',
    `The connection string is not complete: ${field}: ${issue?.message ?? 'not valid'}`,
    {
      field,
      hint: LIKE,
      cause: parsed.error,
    },
  );
}

/** A user without a password is what {@link toUri} writes. */
function isBare(issues: readonly { path: readonly PropertyKey[] }[]): boolean {
  return issues.length === 1 && issues[0]!.path.join('.') === 'auth.password';
}

/**
 * The connection string without password, API key and certificate: what may be shown, stored and logged.
 *
 * @example toUri(config, 'invoices') === 'elasticsearch://ada@es.example.com:9200/invoices'
 */
export function toUri(config: ElasticsearchConfig, table?: string): string {
  const { server, auth } = config;
  const user = auth.kind === 'basic' ? `${encodeURIComponent(auth.user)}@` : '';
  const parameters: Array<[string, string]> = [];
  let scheme = 'elasticsearch';
  let host = '';
  if (isCloudId(server)) parameters.push(['cloud_id', server]);
  else {
    const url = new URL(server);
    host = url.host;
    if (url.protocol === 'http:') scheme = 'elasticsearch+http';
    const path = url.pathname.replace(/^\/+|\/+$/g, '');
    if (path) parameters.push(['path', path]);
  }
  for (const field of config.text_fields ?? []) parameters.push(['text_field', field]);
  for (const field of config.decimal_fields ?? []) parameters.push(['decimal_field', field]);
  if (config.odd_numbers !== 'refuse') parameters.push(['odd_numbers', config.odd_numbers]);
  if (config.nanoseconds !== 'text') parameters.push(['nanoseconds', config.nanoseconds]);
  if (config.timeout !== 30) parameters.push(['timeout', String(config.timeout)]);
  const query = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  // A user needs a host in an address; a Cloud ID has it in itself.
  const at = host || (user ? 'cloud' : '');
  return `${scheme}://${user}${at}/${encodeURIComponent(table ?? '')}${query ? `?${query}` : ''}`;
}

function parse(uri: string): URL {
  let url: URL;
  try {
    url = new URL(uri);
  } catch {
    // Without the cause: Node puts the whole string, password included, into its error.
    throw new ConnectorError('config', 'The connection string cannot be read.', {
      hint: `${LIKE} Characters such as @ : / # ? in a password are written %40 %3A %2F %23 %3F.`,
    });
  }
  if (!SCHEMES[url.protocol])
    throw new ConnectorError(
      'config',
      'An Elasticsearch connection string begins with elasticsearch:// or elasticsearch+http://.',
    );
  if (url.hash)
    throw new ConnectorError('config', 'The connection string has a "#" in it.', {
      hint: 'Write # as %23 where it belongs to the password or a name.',
    });
  return url;
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConnectorError(
      'config',
      `The ${part} in the connection string has a "%" that is not followed by two digits.`,
      { hint: 'Write % as %25.' },
    );
  }
}
