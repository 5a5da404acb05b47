import { ConnectorError, type Operation } from '@kalla/core';
import type { Server } from './client.ts';
import { findTable } from './tables.ts';

const NOTHING_KEPT = 'The rows that were read so far are not used.';

/**
 * What became of an index that was there when its reading began: Elasticsearch itself says only that it has no such index, no such
 * moment any more, or that the index is closed, as if the name were mistyped or the reader slow. Any other problem is given back
 * as it is.
 */
export async function orWhatBecameOf(
  server: Server,
  table: string,
  problem: ConnectorError,
  operation: Operation,
): Promise<ConnectorError> {
  // What has a cause is a connection that broke: then nobody is there to be asked.
  const isAnswer = ['not-found', 'transient', 'config'].includes(problem.kind);
  if (!isAnswer || problem.cause !== undefined) return problem;
  const now = await failureOf(() => findTable(server, table, operation));
  if (operation.signal.aborted) return problem;
  const became = (kind: 'not-found' | 'config' | 'transient', sentence: string, hint: string) =>
    new ConnectorError(kind, sentence, { field: 'table', hint: `${NOTHING_KEPT} ${hint}`, cause: problem });
  if (now?.kind === 'not-found')
    return became(
      'not-found',
      `"${table}" was deleted while it was being read.`,
      'Have it put back, or choose another index for this source; then run again.',
    );
  if (now?.kind === 'config')
    return became(
      'config',
      `The index "${table}" was closed while it was being read.`,
      `Its administrator can open it (POST /${table}/_open); then run again.`,
    );
  // Deleted and made anew, or one of several indices behind a name.
  if (now === null && problem.kind === 'not-found')
    return became(
      'transient',
      `An index behind "${table}" was deleted or replaced while it was being read.`,
      'Run again: what is there now is then read.',
    );
  return problem;
}

async function failureOf(work: () => Promise<unknown>): Promise<ConnectorError | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (ConnectorError.is(error)) return error;
    throw error;
  }
}
