import { z } from 'zod';
import { ConnectorError, type ConnectorErrorKind } from './connector-error.ts';

/** Where in the user's data or input a problem lies. Add fields freely. */
export const problemErrorSchema = z
  .looseObject({
    message: z.string(),
    hint: z.string().optional(),
    /** Path of a field in a JSON body, dotted. */
    field: z.string().optional(),
    file: z.string().optional(),
    line: z.number().int().optional(),
    row: z.number().int().optional(),
    column: z.string().optional(),
    value: z.string().optional(),
    /** 0-based character in `match_sql`. */
    position: z.number().int().optional(),
  })
  .meta({ id: 'ProblemError' });

/** An error body as RFC 9457 lays down: `detail` is a sentence for the user. */
export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    errors: z.array(problemErrorSchema).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problemSchema>;
export type ProblemItem = z.infer<typeof problemErrorSchema>;

export const PROBLEM_BASE = 'https://kalla.dev/problems/';

/**
 * Every kind of problem with its title and HTTP status. 4xx is what the user can mend; 5xx is our own fault.
 */
export const problemKinds = {
  'bad-request': ['The request is not understood', 400],
  unauthorized: ['Sign-in is needed', 401],
  forbidden: ['Not allowed', 403],
  'not-found': ['Not found', 404],
  'method-not-allowed': ['Method not allowed', 405],
  conflict: ['It conflicts with what is there', 409],
  gone: ['It is no longer there', 410],
  'too-large': ['Too large', 413],
  'unsupported-media-type': ['Not a kind of content that is understood', 415],
  validation: ['The input does not validate', 422],
  'cell-type': ['A cell does not fit its column', 422],
  'file-format': ['The data cannot be read', 422],
  'missing-columns': ['Columns are missing', 422],
  'source-config': ['The source is not set up correctly', 422],
  'source-auth': ['The source refused the credentials', 422],
  'source-permission': ['The source does not allow it', 422],
  'source-unreachable': ['The source cannot be reached', 422],
  'source-tls': ['The secure connection failed', 422],
  'source-not-found': ['The source does not have it', 422],
  'schema-changed': ['The source has changed', 422],
  'match-sql': ['The match rule cannot be used', 422],
  'match-explodes': ['The match rule would not finish', 422],
  'out-of-memory': ['The match needs more memory than allowed', 422],
  'disk-full': ['The disk is full', 507],
  'rate-limit': ['The source asks to slow down', 429],
  busy: ['Too much at once', 503],
  'worker-unreachable': ['The worker does not answer', 503],
  'database-unreachable': ['Kalla cannot reach its database', 503],
  'worker-lost': ['The worker stopped in the middle', 500],
  cancelled: ['Cancelled', 409],
  timeout: ['It took too long', 422],
  internal: ['Something went wrong on our side', 500],
} as const satisfies Record<string, readonly [string, number]>;
export type ProblemKind = keyof typeof problemKinds;

/**
 * Builds a problem body.
 *
 * @example
 * problem('validation', 'Source "invoices" needs "primary_key".', [{ field: 'sources.left.primary_key', message: 'missing' }]);
 */
export function problem(kind: ProblemKind, detail: string, errors?: ProblemItem[]): Problem {
  const [title, status] = problemKinds[kind];
  return { type: PROBLEM_BASE + kind, title, status, detail, ...(errors?.length ? { errors } : {}) };
}

/** An error that carries a problem body; thrown inside shell and worker, turned into a response at the edge. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  constructor(kind: ProblemKind | Problem, detail?: string, errors?: ProblemItem[], cause?: unknown) {
    const body = typeof kind === 'string' ? problem(kind, detail ?? '', errors) : kind;
    super(body.detail, cause === undefined ? undefined : { cause });
    this.problem = body;
  }
}

const BY_CONNECTOR_KIND: Record<ConnectorErrorKind, ProblemKind> = {
  config: 'source-config',
  auth: 'source-auth',
  permission: 'source-permission',
  unreachable: 'source-unreachable',
  tls: 'source-tls',
  'not-found': 'source-not-found',
  'schema-changed': 'schema-changed',
  type: 'cell-type',
  'rate-limit': 'rate-limit',
  transient: 'source-unreachable',
  cancelled: 'cancelled',
  bug: 'internal',
};

/**
 * Turns any thrown value into a problem. An error that is not ours becomes `internal` with a neutral sentence: its
 * message may hold anything, so it goes to the log and not to a user.
 */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (ConnectorError.is(error)) {
    const detail = error.hint ? `${error.message} ${error.hint}` : error.message;
    const items: ProblemItem[] = error.faults.map((fault) => ({ ...fault }));
    if (error.field) items.unshift({ field: error.field, message: error.message });
    const cells = error.faults.some(({ value }) => value !== undefined);
    const kind = error.kind === 'type' && !cells ? 'file-format' : BY_CONNECTOR_KIND[error.kind];
    return problem(kind, detail, items);
  }
  return problem('internal', 'Something went wrong on our side. Nothing was changed. The log of the server says more.');
}
