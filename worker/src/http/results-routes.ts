import type { HttpBindings } from '@hono/node-server';
import {
  candidatesRequestSchema,
  resultExportRequestSchema,
  resultRowsRequestSchema,
  resultSummaryRequestSchema,
} from '@kalla/core';
import { Hono } from 'hono';
import type { Inspector } from '../processes/inspector.ts';
import type { ResultReader } from '../processes/result-reader.ts';
import { clientGone } from './client-gone.ts';
import { readBody } from './read-body.ts';
import { chunkOf, streamTask } from './stream-task.ts';

const CONTENT_TYPES = {
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;

/** `/results/*`: pages of a result for the table on the screen, and whole results for download. */
export function resultsRoutes(reader: ResultReader, exporter: Inspector): Hono<{ Bindings: HttpBindings }> {
  const routes = new Hono<{ Bindings: HttpBindings }>();

  routes.post('/results/rows', async (context) => {
    const request = await readBody(context, resultRowsRequestSchema);
    const page = await reader.run({ kind: 'rows', request }, { signal: clientGone(context), timeoutMs: 60_000 });
    return context.json(page as object);
  });

  routes.post('/results/summary', async (context) => {
    const request = await readBody(context, resultSummaryRequestSchema);
    const summary = await reader.run({ kind: 'summary', request }, { signal: clientGone(context), timeoutMs: 60_000 });
    return context.json(summary as object);
  });

  routes.post('/results/candidates', async (context) => {
    const request = await readBody(context, candidatesRequestSchema);
    // Not in the process that reads pages: the table behind the opened row goes on scrolling meanwhile.
    const found = await exporter.run(
      { kind: 'candidates', request },
      { signal: clientGone(context), timeoutMs: 60_000 },
    );
    return context.json(found as object);
  });

  routes.post('/results/export', async (context) => {
    const request = await readBody(context, resultExportRequestSchema);
    return streamTask(
      (emit, signal) =>
        exporter.run(
          { kind: 'export', request },
          {
            signal,
            timeoutMs: 3_600_000,
            onOutput: (output) => {
              const chunk = chunkOf(output);
              return chunk && emit(chunk);
            },
          },
        ),
      { 'content-type': CONTENT_TYPES[request.format], 'cache-control': 'no-store' },
      clientGone(context),
    );
  });

  return routes;
}
