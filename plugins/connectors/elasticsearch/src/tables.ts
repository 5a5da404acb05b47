import { ConnectorError, nearNames, type Operation, type Page, type TableQuery, type TableRef } from '@kalla/core';
import type { Server } from './client.ts';

/** Answer of `_resolve/index`: what a sign-in may see, by name. */
interface Resolved {
  indices: Array<{ name: string; attributes?: string[]; data_stream?: string }>;
  aliases: Array<{ name: string; indices: string[] | string }>;
  data_streams: Array<{ name: string; backing_indices: string[] | string }>;
}

const DEFAULT_LIMIT = 100;

/** A name in a path; commas and asterisks keep their meaning. */
export function inPath(table: string): string {
  return encodeURIComponent(table).replaceAll('%2C', ',').replaceAll('%2A', '*');
}

/** Names in order, a page at a time. Hidden indices, among them those behind data streams, are left out. */
export async function listTables(server: Server, query: TableQuery, operation: Operation): Promise<Page<TableRef>> {
  const all = await everything(server, operation);
  const part = query.q?.toLowerCase();
  const found = part ? all.filter(({ name }) => name.toLowerCase().includes(part)) : all;
  const after = query.cursor === undefined ? null : cursorOf(query.cursor);
  const from = after === null ? 0 : found.findIndex(({ name }) => name > after);
  if (from === -1) return { items: [], next: null };
  const items = found.slice(from, from + (query.limit ?? DEFAULT_LIMIT));
  const last = items.at(-1);
  const more = from + items.length < found.length;
  return { items, next: more && last ? Buffer.from(last.name).toString('base64url') : null };
}

function cursorOf(cursor: string): string {
  const name = Buffer.from(cursor, 'base64url').toString('utf8');
  if (cursor === '' || Buffer.from(name).toString('base64url') !== cursor)
    throw new ConnectorError('config', 'This page of the list is not one that was given out.', { field: 'cursor' });
  return name;
}

/** Every index, alias and data stream that may be seen, by name. */
export async function everything(server: Server, operation: Operation): Promise<TableRef[]> {
  const resolved = await server.json<Resolved>(
    { method: 'GET', path: '/_resolve/index/*', query: { expand_wildcards: 'open' } },
    operation,
  );
  const tables: TableRef[] = [
    ...resolved.data_streams.map(({ name }): TableRef => ({ id: name, name, kind: 'data-stream' })),
    ...resolved.aliases.map(({ name }): TableRef => ({ id: name, name, kind: 'view' })),
    ...resolved.indices
      .filter(({ name, data_stream }) => !name.startsWith('.') && data_stream === undefined)
      .map(({ name }): TableRef => ({ id: name, name, kind: 'index' })),
  ];
  return tables.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** One index, or something that stands for several: then a document's id is unique only together with its index. */
export interface FoundTable {
  ref: TableRef;
  isSingle: boolean;
}

/** Looks a table up. Throws `not-found` with the names that come near. */
export async function findTable(server: Server, table: string | undefined, operation: Operation): Promise<FoundTable> {
  if (table === undefined || table === '')
    throw new ConnectorError('config', 'Say which index, alias or data stream to read.', { field: 'table' });
  const ref = (kind: TableRef['kind']): TableRef => ({ id: table, name: table, kind });
  const answer = await server.send(
    {
      method: 'GET',
      path: `/_resolve/index/${inPath(table)}`,
      query: { expand_wildcards: 'open' },
      accept: [404, 400],
      table,
    },
    operation,
  );
  if (answer.status < 300 && !/^[_.-]?_/.test(table)) {
    const { indices, aliases, data_streams } = JSON.parse(answer.body.toString('utf8')) as Resolved;
    if (data_streams.some(({ name }) => name === table)) return { ref: ref('data-stream'), isSingle: false };
    if (aliases.some(({ name }) => name === table)) return { ref: ref('view'), isSingle: false };
    const index = indices.find(({ name }) => name === table);
    if (index?.attributes?.includes('closed'))
      throw new ConnectorError('config', `The index "${table}" is closed, and a closed index cannot be read.`, {
        field: 'table',
        hint: `Its administrator can open it: POST /${table}/_open.`,
      });
    if (index) return { ref: ref('index'), isSingle: true };
    if (/[*,]/.test(table) && indices.length + aliases.length + data_streams.length > 0)
      return { ref: ref('view'), isSingle: false };
  }
  const near = nearNames(
    table,
    (await everything(server, operation)).map(({ id }) => id),
  );
  throw new ConnectorError('not-found', `There is no index, alias or data stream "${table}" that may be read.`, {
    field: 'table',
    hint: near.length
      ? `Did you mean ${near.map((name) => `"${name}"`).join(' or ')}?`
      : 'Choose another; capitals count. An index that the sign-in may not read is not shown.',
  });
}
