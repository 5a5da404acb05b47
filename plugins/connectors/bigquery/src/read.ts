import { throwIfAborted, type Batch, type Operation, type Split } from '@kalla/core';
import { ArrowBatches } from './arrow-batches.ts';
import { openSession, type BigQueryPlan, type Tools } from './plan.ts';
import { readRows } from './read-rest.ts';
import type { ReadSession } from './storage.ts';

/** Reads one split as Arrow batches. The server is held back while nobody asks for one; abort or leaving the loop stops it. */
export async function* readSplit(
  tools: Tools,
  plan: BigQueryPlan,
  split: Split,
  operation: Operation,
): AsyncGenerator<Batch, void, void> {
  const { limit } = plan.bigquery;
  let left = limit ?? Infinity;
  throwIfAborted(operation.signal);
  if (left === 0) return;
  for await (const batch of batchesOf(tools, plan, split, operation)) {
    throwIfAborted(operation.signal);
    const part = batch.numRows > left ? batch.slice(0, left) : batch;
    left -= part.numRows;
    yield part;
    if (left <= 0) return;
  }
  throwIfAborted(operation.signal);
}

async function* batchesOf(
  tools: Tools,
  { bigquery: { table, columns, way } }: BigQueryPlan,
  split: Split,
  operation: Operation,
): AsyncGenerator<Batch, void, void> {
  switch (way.kind) {
    case 'session':
      if (way.session.streams.includes(split.id))
        yield* streamed(tools, way.session, split.id, table.id, columns, operation);
      return;
    case 'rest':
      yield* readRows(tools.rest, table, columns, operation);
      return;
    case 'query': {
      const { projectId: project, datasetId: dataset, tableId } = await tools.queries.run(way.sql, table, operation);
      const result = { project, dataset, table: tableId };
      const opened = await openSession(tools, result, columns, null, undefined, operation);
      if ('session' in opened)
        for (const stream of opened.session.streams)
          yield* streamed(tools, opened.session, stream, table.id, columns, operation);
      else
        yield* readRows(
          tools.rest,
          { ...table, ...result, fields: columns.map(({ field }) => field) },
          columns,
          operation,
        );
    }
  }
}

async function* streamed(
  { storage }: Tools,
  session: ReadSession,
  stream: string,
  table: string,
  columns: BigQueryPlan['bigquery']['columns'],
  operation: Operation,
): AsyncGenerator<Batch, void, void> {
  const batches = new ArrowBatches(session.header, columns, table);
  for await (const { bytes, rows } of storage!.messages(stream, table, operation)) yield* batches.decode(bytes, rows);
}
