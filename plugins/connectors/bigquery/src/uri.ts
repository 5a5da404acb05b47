import { ConnectorError } from '@kalla/core';
import { configSchema, type BigQueryConfig } from './config.ts';

const KNOWN = [
  'table',
  'auth',
  'key',
  'billing_project',
  'text_column',
  'bignumeric_places',
  'endpoint',
  'storage_endpoint',
  'connect_timeout',
];
const LOOK = 'It looks like bigquery://project/dataset?table=dataset.name.';

/**
 * Reads an address of BigQuery. `auth` is `service-account` (default), `application-default` or `none`; `key` holds the text of
 * the key file, URL-encoded.
 *
 * @example fromUri('bigquery://acme-finance/ledger?table=ledger.invoices').table === 'ledger.invoices'
 * @throws ConnectorError `config`; its sentence never repeats the address, which may hold a key.
 */
export function fromUri(uri: string): { config: BigQueryConfig; table?: string } {
  const url = parse(uri);
  const dataset = decodeURIComponent(url.pathname.replace(/^\/|\/$/g, ''));
  const given: Record<string, unknown> = { project: decodeURIComponent(url.hostname), ...(dataset ? { dataset } : {}) };
  const credentials: Record<string, unknown> = { kind: 'service-account' };
  let table: string | undefined;
  const textColumns: string[] = [];
  for (const [name, value] of url.searchParams) {
    if (!KNOWN.includes(name)) {
      throw new ConnectorError('config', `The address has a parameter that is not known: "${name.slice(0, 40)}".`, {
        hint: `Known are ${KNOWN.join(', ')}.`,
      });
    }
    if (name === 'table') table = value || undefined;
    else if (name === 'auth') credentials['kind'] = value;
    else if (name === 'key') credentials['key'] = value;
    else if (name === 'text_column') textColumns.push(value);
    else given[name] = name === 'connect_timeout' || name === 'bignumeric_places' ? Number(value) : value;
  }
  if (textColumns.length > 0) given['text_columns'] = textColumns;
  const parsed = configSchema.safeParse({ ...given, credentials });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join('.') || 'uri';
    // Without the cause: it holds the input.
    throw new ConnectorError('config', `The address is not complete: ${field}: ${issue?.message ?? 'not valid'}`, {
      field,
      hint: LOOK,
    });
  }
  return table === undefined ? { config: parsed.data } : { config: parsed.data, table };
}

/**
 * The address without the key: what may be shown, stored and logged.
 *
 * @example toUri(config, 'ledger.invoices') === 'bigquery://acme-finance/ledger?table=ledger.invoices'
 */
export function toUri(config: BigQueryConfig, table?: string): string {
  const parameters: Array<[string, string]> = [];
  if (table !== undefined) parameters.push(['table', table]);
  if (config.credentials.kind !== 'service-account') parameters.push(['auth', config.credentials.kind]);
  if (config.billing_project) parameters.push(['billing_project', config.billing_project]);
  for (const column of config.text_columns ?? []) parameters.push(['text_column', column]);
  if (config.bignumeric_places !== undefined) parameters.push(['bignumeric_places', String(config.bignumeric_places)]);
  if (config.endpoint) parameters.push(['endpoint', config.endpoint]);
  if (config.storage_endpoint) parameters.push(['storage_endpoint', config.storage_endpoint]);
  if (config.connect_timeout !== 10) parameters.push(['connect_timeout', String(config.connect_timeout)]);
  const query = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  // A project of a domain ("example.com:books") has a colon, which a host has not.
  const base = `bigquery://${encodeURIComponent(config.project)}${config.dataset ? `/${config.dataset}` : ''}`;
  return query ? `${base}?${query}` : base;
}

function parse(uri: string): URL {
  const broken = () => new ConnectorError('config', 'The address of BigQuery cannot be read.', { hint: LOOK });
  let url: URL;
  try {
    url = new URL(uri);
    decodeURIComponent(url.hostname + url.pathname);
  } catch {
    throw broken(); // Without the cause: Node puts the whole text, key included, into its error.
  }
  if (url.protocol !== 'bigquery:' || url.username || url.password || url.port || url.hash) throw broken();
  return url;
}
