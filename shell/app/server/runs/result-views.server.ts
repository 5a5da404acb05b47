import {
  currencyColumnOf,
  ObjectNotFoundError,
  ProblemError,
  resultManifestSchema,
  resultSets,
  type Candidates,
  type RunSummary,
  type SelectionSummary,
} from '@kalla/core';
import { services } from '../services.server.ts';
import { readDifferences, readFilter, resultFile, type ResultQuery } from './results.server.ts';

/** Count and sums of what a filter and a search leave of a set. */
export async function selectionSummary(
  runId: string,
  set: string,
  query: Pick<ResultQuery, 'filter' | 'q' | 'differences'>,
  signal: AbortSignal,
): Promise<SelectionSummary> {
  const { uri } = await resultFile(runId, set);
  const filter = readFilter(query.filter);
  const differences = readDifferences(query.differences);
  return services().worker.summary({ uri, q: query.q, filter, differences }, signal);
}

/** The rows that come nearest to row `row` (from 0, in the order of the file) of an unmatched set. */
export async function candidatesOf(runId: string, set: string, row: string, signal: AbortSignal): Promise<Candidates> {
  const others: Record<string, string> = { unmatched_left: 'unmatched_right', unmatched_right: 'unmatched_left' };
  const own = await resultFile(runId, set);
  const other = others[set];
  if (!other) {
    throw new ProblemError(
      'not-found',
      'A matched row has its partner. Candidates are looked for from unmatched rows.',
    );
  }
  if (!/^\d{1,15}$/.test(row)) throw new ProblemError('not-found', `"${row}" is not the number of a row.`);
  return services().worker.candidates(
    {
      uri: own.uri,
      row: Number(row),
      other_uri: (await resultFile(runId, other)).uri,
      matched_uri: (await resultFile(runId, 'matched')).uri,
    },
    signal,
  );
}

/** What the manifest of a run says of its sets and of the money by currency. */
export async function runSummary(runId: string): Promise<RunSummary> {
  const { store } = services();
  const { uri } = await resultFile(runId, 'matched');
  const key = store.keyOf(uri)?.replace(/[^/]+$/, 'manifest.json');
  if (!key) throw new ProblemError('internal', 'The result of the run is not in the store.');
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of store.get(key)) chunks.push(chunk);
  } catch (error) {
    if (!(error instanceof ObjectNotFoundError)) throw error;
    throw new ProblemError('not-found', 'The result is not there any more. Run the recipe again.', undefined, error);
  }
  const manifest = resultManifestSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  const sets = resultSets.map((set) => {
    const { rows, columns } = manifest.outputs[set];
    return [set, { rows, columns, currency_column: currencyColumnOf(columns) }] as const;
  });
  return { sets: Object.fromEntries(sets) as RunSummary['sets'], by_currency: manifest.by_currency ?? null };
}
