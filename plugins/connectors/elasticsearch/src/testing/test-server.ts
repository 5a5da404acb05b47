import { randomBytes } from 'node:crypto';
import { callJson } from '../../../../../testing/call-json.ts';
import { configSchema, type ElasticsearchConfig } from '../config.ts';
import { ElasticsearchConnection, type ElasticsearchConnectionOptions } from '../connection.ts';

export { calm, eventually, readAll } from '@kalla/testkit';

/** Indices of its own on the real server, deleted at the end, so that test files do not meet. */
export interface TestServer extends AsyncDisposable {
  /** Where the server is, without front. */
  readonly address: string;
  readonly config: ElasticsearchConfig;
  /** A name of this server's own: `kalla-test-…-name`. */
  name(name: string): string;
  /** A request in JSON; throws where it fails. */
  call<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
  /** Makes an index and fills it. A document is an object, or JSON text where a number has more digits than JavaScript holds. */
  index(name: string, properties: object, documents?: ReadonlyArray<object | string>, more?: object): Promise<string>;
  connect(changes?: object, options?: ElasticsearchConnectionOptions): ElasticsearchConnection;
  /** Points in time and searches that are open on the indices of this server. */
  open(): Promise<number>;
}

/** @param address where the server is */
export function createTestServer(address: string): TestServer {
  const prefix = `kalla-test-${randomBytes(4).toString('hex')}-`;
  const config = configSchema.parse({ server: address, auth: { kind: 'none' } });
  const call = <T>(method: string, path: string, body?: unknown): Promise<T> =>
    callJson<T>(method, address + path, body, path.includes('_bulk') ? 'application/x-ndjson' : undefined);
  const name = (short: string) => prefix + short;
  return {
    address,
    config,
    name,
    call,
    async index(short, properties, documents = [], more = {}) {
      const index = name(short);
      const settings = { number_of_replicas: 0, ...('settings' in more ? (more.settings as object) : {}) };
      await call('PUT', `/${index}`, { mappings: { properties }, ...more, settings });
      for (let from = 0; from < documents.length; from += 5000)
        await bulk(index, from, documents.slice(from, from + 5000));
      await call('POST', `/${index}/_refresh`);
      return index;
    },
    connect: (changes = {}, options = {}) =>
      new ElasticsearchConnection(
        configSchema.parse({ ...config, ...changes }),
        { debug: () => undefined, warn: () => undefined },
        options,
      ),
    async open() {
      const stats = await call<{ _all: { total: { search?: { open_contexts: number } } } }>(
        'GET',
        `/${prefix}*/_stats/search?expand_wildcards=open,hidden`,
      );
      return stats._all.total.search?.open_contexts ?? 0;
    },
    async [Symbol.asyncDispose]() {
      const { data_streams } = await call<{ data_streams: Array<{ name: string }> }>('GET', '/_data_stream');
      for (const stream of data_streams)
        if (stream.name.startsWith(prefix)) await call('DELETE', `/_data_stream/${stream.name}`);
      const found = await call<Record<string, unknown>>('GET', `/${prefix}*?expand_wildcards=all`);
      for (const index of Object.keys(found)) await call('DELETE', `/${index}`);
    },
  };

  async function bulk(index: string, from: number, documents: ReadonlyArray<object | string>): Promise<void> {
    const lines = documents.flatMap((document, at) => [
      JSON.stringify({ index: { _id: String(from + at + 1) } }),
      typeof document === 'string' ? document : JSON.stringify(document),
    ]);
    const answer = await call<{ errors: boolean; items: unknown[] }>(
      'POST',
      `/${index}/_bulk`,
      `${lines.join('\n')}\n`,
    );
    if (answer.errors) throw new Error(`Not every document was taken: ${JSON.stringify(answer.items).slice(0, 1000)}`);
  }
}
