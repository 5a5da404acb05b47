import type { Operation } from '@kalla/core';
import type { Server } from './client.ts';
import type { Leaf } from './mapping.ts';
import { inPath } from './tables.ts';

/** Types of which a column holds one value; of text, a list is simply written as one. */
const COUNTED =
  /^(byte|short|integer|long|unsigned_long|half_float|float|double|scaled_float|boolean|date|date_nanos)$/;
/** Fields asked about in one request, and in all: above it a list is only met when it is read. */
const AT_ONCE = 100;
const MOST = 1000;

interface Aggregations {
  aggregations?: Record<string, { value?: number; doc_count?: number }>;
}

/**
 * Fields that hold a list in some document, with how many more values than documents there are; Elasticsearch keeps no word about
 * it in the mapping. Counted over all documents from the columns that the server keeps of each field, so no sample is trusted.
 */
export async function countLists(
  server: Server,
  table: string,
  leaves: readonly Leaf[],
  operation: Operation,
): Promise<Map<string, number>> {
  const counted = leaves.filter(
    ({ definitions, isRuntime }) =>
      !isRuntime && definitions.every(({ type = '', doc_values }) => COUNTED.test(type) && doc_values !== false),
  );
  const lists = new Map<string, number>();
  if (counted.length > MOST) return lists;
  for (let from = 0; from < counted.length; from += AT_ONCE) {
    const some = counted.slice(from, from + AT_ONCE);
    const aggs: Record<string, unknown> = {};
    some.forEach(({ path }, index) => {
      aggs[`v${index}`] = { value_count: { field: path } };
      aggs[`d${index}`] = { filter: { exists: { field: path } } };
    });
    const { aggregations = {} } = await server.json<Aggregations>(
      {
        method: 'POST',
        path: `/${inPath(table)}/_search`,
        query: { allow_partial_search_results: false },
        body: JSON.stringify({ size: 0, track_total_hits: false, aggs }),
        table,
      },
      operation,
    );
    some.forEach(({ path }, index) => {
      const values = aggregations[`v${index}`]?.value ?? 0;
      const documents = aggregations[`d${index}`]?.doc_count ?? 0;
      if (values > documents) lists.set(path, values - documents);
    });
  }
  return lists;
}
