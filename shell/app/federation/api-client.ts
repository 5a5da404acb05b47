import type { PanelApi, RowsQuery } from '@kalla/core/panel';
import { ApiError } from '@kalla/core/panel';
import type { Problem, ResultSet, Run, RunStatus } from '@kalla/core';
import { messages } from '../messages.ts';
import { readEvents } from './event-stream.ts';
import { uploadFile } from './upload-file.ts';

const finished: readonly RunStatus[] = ['completed', 'failed', 'cancelled'];

/** Turns an answer that is no success into an `ApiError` with the problem's sentence. */
export async function apiErrorOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch (error) {
    // A proxy in between may answer with something that is not JSON; its text is kept as it is.
    if (!(error instanceof SyntaxError)) throw error;
  }
  const detail = (body as Partial<Problem> | null)?.detail;
  return new ApiError(response.status, detail ?? `${response.status} ${response.statusText}`.trim(), body);
}

/** One call of the API. Throws `ApiError`; a call that was aborted throws the signal's reason. */
export async function request<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = { method, headers: { Accept: 'application/json' } };
  if (signal) init.signal = signal;
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { Accept: 'application/json', 'Content-Type': 'application/json' };
  }
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, messages.network, null);
  }
  if (!response.ok) throw await apiErrorOf(response);
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

/** A call whose answer is an event stream. Throws `ApiError`; a call that was aborted throws the signal's reason. */
export async function events<T>(
  path: string,
  body: unknown,
  listener: (event: T) => void,
  signal?: AbortSignal,
): Promise<void> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: { Accept: 'text/event-stream', 'Content-Type': 'application/json' },
      body: JSON.stringify(body ?? {}),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, messages.network, null);
  }
  if (!response.ok || !response.body) throw await apiErrorOf(response);
  for await (const { name, data } of unbroken(readEvents(response.body), signal)) {
    const value: unknown = JSON.parse(data);
    if (name === 'problem') {
      const problem = value as Problem;
      throw new ApiError(problem.status, problem.detail, problem);
    }
    listener(value as T);
  }
}

/** The events, and a sentence where the connection is lost among them. */
async function* unbroken<T>(stream: AsyncGenerator<T>, signal?: AbortSignal): AsyncGenerator<T> {
  try {
    yield* stream;
  } catch (error) {
    // The one error that a browser throws for a body that breaks off.
    if (signal?.aborted || !(error instanceof TypeError)) throw error;
    throw new ApiError(0, messages.network, null);
  }
}

/** The query string of a page of rows or a download. */
export function rowsSearch(query: Partial<Omit<RowsQuery, 'signal'>>): URLSearchParams {
  const search = new URLSearchParams();
  if (query.offset !== undefined) search.set('offset', String(query.offset));
  if (query.limit !== undefined) search.set('limit', String(query.limit));
  if (query.sort) search.set('sort', query.sort);
  if (query.filter?.length) search.set('filter', JSON.stringify(query.filter));
  if (query.q) search.set('q', query.q);
  if (query.differences?.length) search.set('differences', JSON.stringify(query.differences));
  return search;
}

function resultsPath(runId: string, set: ResultSet, search: URLSearchParams): string {
  return `/api/runs/${encodeURIComponent(runId)}/results/${set}?${search}`;
}

/**
 * Follows a run over server-sent events. The browser reconnects by itself after a lost connection; after an answer that is
 * an error (the shell restarts) it gives up, so a new connection is made here, later each time, up to 10 s.
 */
export function watchRun(runId: string, listener: (run: Run) => void): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let ended = false;

  function stop() {
    ended = true;
    clearTimeout(timer);
    source?.close();
  }
  function receive(event: MessageEvent<string>) {
    if (ended) return;
    failures = 0;
    const run = JSON.parse(event.data) as Run;
    if (finished.includes(run.status)) stop();
    listener(run);
  }
  function connect() {
    source = new EventSource(`/api/runs/${encodeURIComponent(runId)}/events`);
    source.addEventListener('message', receive);
    source.addEventListener('run', receive as (event: Event) => void);
    source.addEventListener('error', () => {
      if (ended || source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(connect, Math.min(10_000, 500 * 2 ** failures++));
    });
  }
  connect();
  return stop;
}

/** The API as panels get it. */
export const panelApi: PanelApi = {
  request,
  events,
  upload: uploadFile,
  run: (runId) => request('GET', `/api/runs/${encodeURIComponent(runId)}`),
  watchRun,
  rows: (runId, set, { signal, ...query }) =>
    request('GET', resultsPath(runId, set, rowsSearch(query)), undefined, signal),
  downloadUrl: (runId, set, format, query = {}) => {
    const search = rowsSearch(query);
    search.set('format', format);
    return resultsPath(runId, set, search);
  },
  cancelRun: (runId) => request('DELETE', `/api/runs/${encodeURIComponent(runId)}`),
};
