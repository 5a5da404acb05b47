import { ConnectorError, type CheckStep, type CheckStepName, type Operation, type TableRef } from '@kalla/core';
import type { Answer, Server } from './client.ts';
import { READ_ONLY_KEY } from './config.ts';
import { toConnectorError } from './errors.ts';
import { versionOf } from './product.ts';
import { everything, inPath } from './tables.ts';

/** Checks a connection step by step, each on its own clock. A failed step says the likely cause and what to do; then it ends. */
export async function* checkConnection(server: Server, operation: Operation): AsyncGenerator<CheckStep, void, void> {
  let version: string | null = null;
  let tables: TableRef[] = [];
  const steps: Array<[CheckStepName, () => Promise<string>]> = [
    [
      'reach',
      async () => {
        // Also an answer that refuses comes from Elasticsearch; who signs in is the next step.
        const answer = await server.send({ method: 'GET', path: '/', accept: [401, 403] }, operation);
        version = answer.status < 300 ? versionOf(answer, server.address) : null;
        return `${server.address} answers as Elasticsearch${version ? ` ${version}` : ''}${server.address.startsWith('https:') ? ' over a secure connection' : ', not encrypted'}.`;
      },
    ],
    ['authenticate', () => authenticate(server, operation)],
    [
      'authorise',
      async () => {
        tables = await everything(server, operation);
        if (tables.length === 0) throw nothingToRead(server);
        const count = tables.length > 1 ? `${tables.length} indices, aliases and data streams` : 'One index';
        return `${count} can be seen.`;
      },
    ],
    ['read', () => readOne(server, tables, operation)],
  ];
  for (const [step, work] of steps) {
    const started = performance.now();
    const ms = () => Math.round((performance.now() - started) * 10) / 10;
    try {
      const message = await work();
      yield { step, ok: true, ms: ms(), message };
    } catch (error) {
      const { config, address } = server;
      const problem = toConnectorError(error, { config, address, signal: operation.signal });
      if (problem.kind === 'cancelled') throw problem;
      yield { step, ok: false, ms: ms(), message: problem.message, ...(problem.hint ? { hint: problem.hint } : {}) };
      return;
    }
  }
}

async function authenticate(server: Server, operation: Operation): Promise<string> {
  // 400 and 404: a server whose security is switched off knows no such address.
  const answer = await server.send(
    { method: 'GET', path: '/_security/_authenticate', accept: [400, 404, 405, 500] },
    operation,
  );
  const { auth } = server.config;
  if (answer.status >= 400)
    return auth.kind === 'none' ? 'The server asks for no sign-in.' : 'The server accepts the sign-in.';
  const name = userOf(answer);
  return `Signed in${name ? ` as "${name}"` : ''}${auth.kind === 'api_key' ? ' with an API key' : ''}.`;
}

function userOf({ body }: Answer): string | null {
  const said = JSON.parse(body.toString('utf8')) as { username?: string; api_key?: { name?: string } };
  return said.api_key?.name ?? said.username ?? null;
}

function nothingToRead(server: Server): ConnectorError {
  return server.config.auth.kind === 'none'
    ? new ConnectorError('not-found', 'There is no index on this server yet.', {
        hint: 'Check that it is the right one.',
      })
    : new ConnectorError('permission', 'This sign-in may see no index.', {
        hint: `Ask an administrator for "read" and "view_index_metadata" on the indices, for example by: ${READ_ONLY_KEY}`,
      });
}

async function readOne(server: Server, tables: readonly TableRef[], operation: Operation): Promise<string> {
  const table = tables.find(({ kind }) => kind === 'index') ?? tables[0]!;
  const answer = await server.json<{ hits: { hits: unknown[] } }>(
    {
      method: 'POST',
      path: `/${inPath(table.id)}/_search`,
      query: { allow_partial_search_results: false },
      body: JSON.stringify({ size: 1, _source: false, track_total_hits: false }),
      table: table.id,
    },
    operation,
  );
  return answer.hits.hits.length > 0 ? `Read a document of "${table.id}".` : `Read "${table.id}", which is empty.`;
}
