/* eslint-disable kalla/boundaries -- the script that starts the node belongs to no package */
import { startElasticsearch } from '../../scripts/parts/elasticsearch.mjs';

/** An Elasticsearch for the benchmarks. */
export interface BenchElasticsearch extends AsyncDisposable {
  url: string;
}

/**
 * The node named by KALLA_BENCH_ELASTICSEARCH_URL or KALLA_TEST_ELASTICSEARCH_URL, else one of our own, which ends with the
 * benchmarks and leaves nothing behind.
 */
export async function openElasticsearch(): Promise<BenchElasticsearch> {
  const given = process.env['KALLA_BENCH_ELASTICSEARCH_URL'] || process.env['KALLA_TEST_ELASTICSEARCH_URL'];
  if (given) return { url: given, async [Symbol.asyncDispose]() {} };
  const node = await startElasticsearch({ heap: '1g' });
  return { url: node.url, [Symbol.asyncDispose]: () => node.stop() };
}
