import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Which request, by method, path and body. */
type Matches = (request: { method: string; path: string; body: string }) => boolean;

/**
 * A front before a real Elasticsearch node that lets a test act between two requests of a read: whatever it does to an index
 * there is done in the middle, however fast the machine is. All requests and answers pass unchanged.
 */
export interface ElasticsearchFront extends AsyncDisposable {
  url: string;
  /** Does `change` once, before the next request that matches goes on to the server. Resolves when it is done. */
  before(matches: Matches, change: () => Promise<unknown>): Promise<void>;
}

/** The second page of a read, and every later one. */
export const isNextPage: Matches = ({ path, body }) => path.startsWith('/_search') && body.includes('"search_after"');
/** What opens the moment at which an index is then read. */
export const opensMoment: Matches = ({ method, path }) => method === 'POST' && /\/_pit\b/.test(path);

/** @param address of the real server */
export async function startElasticsearchFront(address: string): Promise<ElasticsearchFront> {
  const waiting: Array<{ matches: Matches; act: () => Promise<void> }> = [];
  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const { method = 'GET', url: path = '/' } = incoming;
    const at = waiting.findIndex(({ matches }) => matches({ method, path, body: bytes.toString() }));
    if (at >= 0) await waiting.splice(at, 1)[0]!.act();
    const headers = { 'content-type': incoming.headers['content-type'] ?? 'application/json' };
    const answer = await fetch(address + path, { method, ...(bytes.length > 0 ? { body: bytes, headers } : {}) });
    outgoing.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? 'application/json',
      'x-elastic-product': answer.headers.get('x-elastic-product') ?? '',
    });
    outgoing.end(Buffer.from(await answer.arrayBuffer()));
  };
  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    before: (matches, change) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ matches, act: () => change().then(() => resolve(), reject) });
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
