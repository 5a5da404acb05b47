import { callJson } from '../../testing/call-json.ts';

/** Indices of a test's own on a real Elasticsearch node, whose names begin with a prefix. */
export interface Indices {
  /** A request in JSON; throws where it fails. */
  call(method: string, path: string, body?: object | string): Promise<Record<string, unknown>>;
  /** Makes an index and fills it; the ids of its documents are 0, 1, 2 … Returns its name. */
  make(
    name: string,
    properties: Record<string, object>,
    documents: readonly object[],
    settings?: object,
  ): Promise<string>;
  /** Deletes them. */
  stop(): Promise<void>;
}

/** @param address of the server */
export function createIndices(address: string, prefix: string): Indices {
  const call: Indices['call'] = (method, path, body) =>
    callJson(method, address + path, body, path.endsWith('_bulk') ? 'application/x-ndjson' : undefined);
  return {
    call,
    async make(name, properties, documents, settings = {}) {
      const index = `${prefix}${name}`;
      await call('PUT', `/${index}`, { mappings: { properties }, settings: { number_of_replicas: 0, ...settings } });
      const lines = documents.flatMap((document, at) => [
        JSON.stringify({ index: { _id: String(at) } }),
        JSON.stringify(document),
      ]);
      const { errors } = await call('POST', `/${index}/_bulk`, `${lines.join('\n')}\n`);
      if (errors !== false) throw new Error(`Elasticsearch refused a document of ${index}.`);
      await call('POST', `/${index}/_refresh`);
      return index;
    },
    async stop() {
      for (const index of Object.keys(await call('GET', `/${prefix}*`))) await call('DELETE', `/${index}`);
    },
  };
}
