import {
  candidatesSchema,
  connectorInfoSchema,
  connectorTrialResultSchema,
  describeEventSchema,
  descriptionSchema,
  keyProofSchema,
  normalizedSourceSchema,
  previewSchema,
  type PreviewColumns,
  ProblemError,
  problemSchema,
  recipeCountsSchema,
  rowsPageSchema,
  selectionSummarySchema,
  suggestionsSchema,
  tableRefSchema,
  validationSchema,
  type Candidates,
  type ConnectorTrial,
  type ConnectorTrialResult,
  type candidatesRequestSchema,
  type Difference,
  type JobPayloadInput,
  type ResultExportRequest,
  type RowFilter,
  type SelectionSummary,
  type SourceRef,
  type RecipeCounts,
  type Suggestions,
  type ValidateRequest,
  type WorkerCountsRequest,
  type workerSuggestRequestSchema,
} from '@kalla/core';
import { z } from 'zod';
import { readEvents } from '../federation/event-stream.ts';

const jobStateSchema = z.object({
  run_id: z.string(),
  attempt: z.number(),
  state: z.enum(['queued', 'running', 'finished']),
});
export type JobState = z.infer<typeof jobStateSchema>;

interface CallOptions {
  method?: 'GET' | 'POST' | 'DELETE';
  body?: unknown;
  accept?: string;
  signal?: AbortSignal | undefined;
  /** Milliseconds until the call is given up. */
  timeout?: number;
}

export interface ResultRowsQuery {
  uri: string;
  offset: number;
  limit: number;
  sort?: string | undefined;
  filter: RowFilter[];
  q?: string | undefined;
  differences?: Difference[];
}

/** All the shell asks of the worker. Every call throws `ProblemError`: the worker's own problem, or `worker-unreachable`. */
export interface WorkerClient {
  readonly address: string;
  connectors(signal?: AbortSignal): Promise<z.infer<typeof connectorInfoSchema>[]>;
  /**
   * Has the package's connectors loaded in a process of their own, and the settings of saved sources looked at by them. Throws
   * `validation` with what is wrong with the package.
   */
  tryConnector(trial: ConnectorTrial, signal?: AbortSignal): Promise<ConnectorTrialResult>;
  normalize(source: {
    type?: string | undefined;
    uri?: string | undefined;
    config?: unknown;
    table?: string | undefined;
  }): Promise<z.infer<typeof normalizedSourceSchema>>;
  /** Server-sent `CheckStep`s as they come. With `until: 'reach'` a file on the web is asked for and not downloaded. */
  check(source: SourceRef, signal?: AbortSignal, until?: 'reach'): Promise<ReadableStream<Uint8Array>>;
  tables(
    source: SourceRef,
    query: { q?: string | undefined; cursor?: string | undefined; limit?: number | undefined },
    signal?: AbortSignal,
  ): Promise<{ tables: z.infer<typeof tableRefSchema>[]; next: string | null }>;
  /** `onShare` is told how much of the source is looked through, 0 to 1, where that takes long. */
  describe(
    source: SourceRef,
    signal?: AbortSignal,
    onShare?: (share: number) => void,
  ): Promise<z.infer<typeof descriptionSchema>>;
  preview(
    source: SourceRef,
    page: { offset: number; limit: number } & PreviewColumns,
    signal?: AbortSignal,
  ): Promise<z.infer<typeof rowsPageSchema>>;
  keys(source: SourceRef, columns: string[] | undefined, signal?: AbortSignal): Promise<z.infer<typeof keyProofSchema>>;
  validateRecipe(request: ValidateRequest): Promise<z.infer<typeof validationSchema>>;
  previewRecipe(
    request: { match_sql: string; sources: SourceRef[]; primary_keys: Record<string, string[]>; limit: number },
    signal?: AbortSignal,
  ): Promise<z.infer<typeof previewSchema>>;
  /** The counts of a rule, from sources that the worker keeps at hand. */
  countRecipe(request: WorkerCountsRequest, signal?: AbortSignal): Promise<RecipeCounts>;
  suggest(request: z.input<typeof workerSuggestRequestSchema>, signal?: AbortSignal): Promise<Suggestions>;
  rows(query: ResultRowsQuery, signal?: AbortSignal): Promise<z.infer<typeof rowsPageSchema>>;
  summary(query: Omit<ResultRowsQuery, 'offset' | 'limit' | 'sort'>, signal?: AbortSignal): Promise<SelectionSummary>;
  candidates(query: z.input<typeof candidatesRequestSchema>, signal?: AbortSignal): Promise<Candidates>;
  /** The bytes of an export, not yet read. */
  exportRows(request: ResultExportRequest, signal?: AbortSignal): Promise<Response>;
  startJob(payload: JobPayloadInput): Promise<void>;
  /** Null where the worker does not know the run. */
  jobState(runId: string): Promise<JobState | null>;
  /** False where the worker does not know the run. */
  cancelJob(runId: string): Promise<boolean>;
}

/** A worker over HTTP. `token` is sent as bearer token. */
export function httpWorker(address: string, token: string | null): WorkerClient {
  async function call(path: string, options: CallOptions = {}): Promise<Response> {
    const { method = 'POST', body, accept = 'application/json, */*', signal, timeout } = options;
    const signals = [signal, timeout ? AbortSignal.timeout(timeout) : undefined].filter((one) => one !== undefined);
    let response: Response;
    try {
      response = await fetch(address + path, {
        method,
        headers: {
          accept,
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signals.length ? { signal: AbortSignal.any(signals) } : {}),
      });
    } catch (cause) {
      if (signal?.aborted) throw new ProblemError('cancelled', 'The request was given up.', undefined, cause);
      throw new ProblemError(
        'worker-unreachable',
        `The worker at ${address} does not answer. Look whether it runs (npm start starts one), then try again.`,
        undefined,
        cause,
      );
    }
    if (!response.ok) throw await problemOfWorker(response, path);
    return response;
  }

  async function ask<T extends z.ZodType>(schema: T, path: string, options: CallOptions): Promise<z.output<T>> {
    const response = await call(path, options);
    const parsed = schema.safeParse(await response.json());
    if (parsed.success) return parsed.data;
    throw new ProblemError('internal', `The worker's answer to ${path} is not as agreed.`, undefined, parsed.error);
  }

  /** Describes a source, and passes on how far the worker is with it. */
  async function followDescription(
    source: SourceRef,
    signal: AbortSignal | undefined,
    onShare: (share: number) => void,
  ): Promise<z.infer<typeof descriptionSchema>> {
    const path = '/inspect/describe';
    const response = await call(path, { body: { source }, accept: 'text/event-stream', signal });
    try {
      for await (const { name, data } of readEvents(bodyOf(response))) {
        if (name === 'problem') throw new ProblemError(problemSchema.parse(JSON.parse(data)));
        const event = describeEventSchema.parse(JSON.parse(data));
        if (event.description) return event.description;
        if (event.progress !== undefined) onShare(event.progress);
      }
    } catch (cause) {
      if (cause instanceof ProblemError) throw cause;
      if (signal?.aborted) throw new ProblemError('cancelled', 'The request was given up.', undefined, cause);
      if (cause instanceof z.ZodError || cause instanceof SyntaxError) {
        throw new ProblemError('internal', `The worker's answer to ${path} is not as agreed.`, undefined, cause);
      }
      throw stopped(address, cause);
    }
    throw stopped(address);
  }

  const orMissing = async <T>(work: Promise<T>, missing: T): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof ProblemError && error.problem.status === 404) return missing;
      throw error;
    }
  };

  return {
    address,
    connectors: async (signal) =>
      (
        await ask(z.object({ connectors: z.array(connectorInfoSchema) }), '/connectors', {
          method: 'GET',
          signal,
          timeout: 15_000,
        })
      ).connectors,
    tryConnector: (body, signal) =>
      ask(connectorTrialResultSchema, '/connectors/try', { body, signal, timeout: 60_000 }),
    normalize: (body) => ask(normalizedSourceSchema, '/inspect/normalize', { body, timeout: 15_000 }),
    check: async (source, signal, until) => bodyOf(await call('/inspect/check', { body: { source, until }, signal })),
    tables: (source, query, signal) =>
      ask(z.object({ tables: z.array(tableRefSchema), next: z.string().nullable() }), '/inspect/tables', {
        body: { source, ...query },
        signal,
      }),
    describe: (source, signal, onShare) =>
      onShare
        ? followDescription(source, signal, onShare)
        : ask(descriptionSchema, '/inspect/describe', { body: { source }, signal }),
    preview: (source, page, signal) => ask(rowsPageSchema, '/inspect/preview', { body: { source, ...page }, signal }),
    keys: (source, columns, signal) => ask(keyProofSchema, '/inspect/keys', { body: { source, columns }, signal }),
    validateRecipe: (body) => ask(validationSchema, '/recipes/validate', { body, timeout: 30_000 }),
    previewRecipe: (body, signal) => ask(previewSchema, '/recipes/preview', { body, signal }),
    countRecipe: (body, signal) => ask(recipeCountsSchema, '/recipes/counts', { body, signal }),
    suggest: (body, signal) => ask(suggestionsSchema, '/suggestions', { body, signal }),
    rows: (body, signal) => ask(rowsPageSchema, '/results/rows', { body, signal }),
    summary: (body, signal) => ask(selectionSummarySchema, '/results/summary', { body, signal }),
    candidates: (body, signal) => ask(candidatesSchema, '/results/candidates', { body, signal }),
    exportRows: (body, signal) => call('/results/export', { body, signal }),
    startJob: async (body) => {
      const response = await call('/jobs', { body, timeout: 10_000 });
      await response.body?.cancel();
    },
    jobState: (runId) =>
      orMissing<JobState | null>(
        ask(jobStateSchema, `/jobs/${encodeURIComponent(runId)}`, { method: 'GET', timeout: 5_000 }),
        null,
      ),
    cancelJob: (runId) =>
      orMissing(
        call(`/jobs/${encodeURIComponent(runId)}`, { method: 'DELETE', timeout: 1_500 }).then(async (response) => {
          await response.body?.cancel();
          return true;
        }),
        false,
      ),
  };
}

/** The connection ended in the middle of an answer. */
function stopped(address: string, cause?: unknown): ProblemError {
  return new ProblemError(
    'worker-unreachable',
    `The worker at ${address} stopped in the middle of its work. Look whether it runs (npm start starts one), then try again.`,
    undefined,
    cause,
  );
}

function bodyOf(response: Response): ReadableStream<Uint8Array> {
  if (!response.body) throw new ProblemError('internal', 'The worker sent an empty answer.');
  return response.body;
}

async function problemOfWorker(response: Response, path: string): Promise<ProblemError> {
  const text = await response.text();
  if (response.status === 401) {
    return new ProblemError(
      'internal',
      'The worker refuses the token of this server. Start both with the same WORKER_TOKEN.',
    );
  }
  if (response.headers.get('content-type')?.includes('json')) {
    const parsed = problemSchema.safeParse(JSON.parse(text));
    if (parsed.success) return new ProblemError(parsed.data);
  }
  return new ProblemError(
    'internal',
    `The worker answered ${path} with ${response.status}.`,
    undefined,
    new Error(text.slice(0, 500)),
  );
}
