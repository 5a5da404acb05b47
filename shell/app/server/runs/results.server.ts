import {
  differenceSchema,
  filterOps,
  ProblemError,
  resultSets,
  rowFilterSchema,
  type Difference,
  type ResultSet,
  type RowFilter,
  type RowsPage,
} from '@kalla/core';
import { z } from 'zod';
import { parseInput } from '../http/read-input.server.ts';
import { services } from '../services.server.ts';
import { findRunRow } from './run-repository.server.ts';
import { runNotFound } from './runs.server.ts';

export const resultQuerySchema = z.object({
  format: z.enum(['json', 'csv', 'parquet', 'xlsx']).default('json'),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(0).max(10_000).default(100),
  sort: z.string().min(1).optional(),
  filter: z.string().optional(),
  q: z.string().optional(),
  differences: z.string().optional(),
});
export type ResultQuery = z.infer<typeof resultQuerySchema>;

/**
 * Reads conditions: a JSON list of `{ column, op, value }`, one such object, or the short form `column:op:value`.
 *
 * @example
 * readFilter('amount:gte:100')
 */
export function readFilter(text: string | undefined): RowFilter[] {
  if (text === undefined || text.trim() === '') return [];
  if (/^\s*[[{]/.test(text)) {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new ProblemError(
        'bad-request',
        `"filter" is not JSON: ${(cause as Error).message}.`,
        [{ field: 'filter', message: 'not JSON' }],
        cause,
      );
    }
    return parseInput(z.array(rowFilterSchema), Array.isArray(value) ? value : [value], ['filter']);
  }
  const match = new RegExp(`^(.+?):(${filterOps.join('|')})(?::([\\s\\S]*))?$`).exec(text);
  if (match)
    return [
      {
        column: match[1] ?? '',
        op: match[2] as RowFilter['op'],
        ...(match[3] === undefined ? {} : { value: match[3] }),
      },
    ];
  throw new ProblemError(
    'bad-request',
    `"filter" is written column:op:value, for example amount:gte:100, where op is one of ${filterOps.join(', ')}; or as a JSON list of { "column", "op", "value" }.`,
    [{ field: 'filter', message: 'not understood' }],
  );
}

/**
 * Reads the columns to make: a JSON list of pairs of column names.
 *
 * @example
 * readDifferences('[["ledger_amount","bank_amount"]]')
 */
export function readDifferences(text: string | undefined): Difference[] {
  if (text === undefined || text.trim() === '') return [];
  const refuse = (cause?: unknown) =>
    new ProblemError(
      'bad-request',
      '"differences" is a JSON list of pairs of columns, for example [["ledger_amount","bank_amount"]].',
      [{ field: 'differences', message: 'not understood' }],
      cause,
    );
  try {
    const parsed = z.array(differenceSchema).max(20).safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    throw refuse(parsed.error);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw refuse(error);
  }
}

/** Where the Parquet file of a set lies; throws `not-found`, and `conflict` while there is no result. */
export async function resultFile(runId: string, set: string): Promise<{ uri: string; name: string }> {
  const { db, store } = services();
  if (!(resultSets as readonly string[]).includes(set)) {
    throw new ProblemError('not-found', `A run has the sets ${resultSets.join(', ')}, not "${set}".`);
  }
  const row = await findRunRow(db, runId);
  if (!row) throw runNotFound(runId);
  if (row.status !== 'completed') {
    const why = row.status === 'failed' ? 'failed' : row.status === 'cancelled' ? 'was cancelled' : 'has not finished';
    throw new ProblemError('conflict', `The run ${why}, so it has no results.`);
  }
  const output = row.outputs?.[set as ResultSet];
  if (!output) throw new ProblemError('internal', `The run has no file for "${set}".`);
  return { uri: store.uri(row.outputPrefix + output.file), name: `${row.recipeId}-${set}` };
}

/** A page of one set. */
export async function resultRows(
  runId: string,
  set: string,
  query: ResultQuery,
  signal?: AbortSignal,
): Promise<RowsPage> {
  const { uri } = await resultFile(runId, set);
  const { offset, limit, sort, q } = query;
  const differences = readDifferences(query.differences);
  return services().worker.rows({ uri, offset, limit, sort, q, filter: readFilter(query.filter), differences }, signal);
}

const TYPES = {
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;

/** One set as a file to download, streamed as the worker writes it. */
export async function resultDownload(
  runId: string,
  set: string,
  query: ResultQuery & { format: keyof typeof TYPES },
  signal: AbortSignal,
): Promise<Response> {
  const { uri, name } = await resultFile(runId, set);
  const { format, sort, q } = query;
  const response = await services().worker.exportRows(
    { uri, format, sort, q, filter: readFilter(query.filter), differences: readDifferences(query.differences) },
    signal,
  );
  const length = response.headers.get('content-length');
  return new Response(response.body, {
    headers: {
      'content-type': TYPES[format],
      'content-disposition': `attachment; filename="${name}.${format}"`,
      'cache-control': 'no-store',
      ...(length && !response.headers.get('content-encoding') ? { 'content-length': length } : {}),
    },
  });
}
