/**
 * What went wrong, in the twelve kinds a user or the program can act on.
 *
 * `config` the settings are wrong · `auth` the credentials are refused · `permission` they are accepted but not allowed ·
 * `unreachable` nobody answers · `tls` the secure connection fails · `not-found` table, file or index is absent ·
 * `schema-changed` columns differ from what was saved · `type` a cell does not fit its column · `rate-limit` asked to
 * slow down · `transient` try again · `cancelled` the signal was aborted · `bug` our own fault.
 */
export const connectorErrorKinds = [
  'config',
  'auth',
  'permission',
  'unreachable',
  'tls',
  'not-found',
  'schema-changed',
  'type',
  'rate-limit',
  'transient',
  'cancelled',
  'bug',
] as const;
export type ConnectorErrorKind = (typeof connectorErrorKinds)[number];

/** The exact place of one fault inside a source. `line` and `row` are 1-based; `value` is the cell's text, cut at 200 characters. */
export interface CellFault {
  file?: string;
  line?: number;
  row?: number;
  column?: string;
  value?: string;
  message: string;
  hint?: string;
}

export interface ConnectorErrorDetails {
  /** Name of the config field that is to blame, as in the connector's config schema. */
  field?: string;
  /** What the user can do next, as a sentence. */
  hint?: string;
  /** Milliseconds to wait before another try makes sense. */
  retryAfterMs?: number;
  /** Cells, lines or columns at fault; at most 20. */
  faults?: CellFault[];
  /** The underlying error, for the operator's log; never shown to a user. */
  cause?: unknown;
}

const BRAND = Symbol.for('kalla.ConnectorError');

/**
 * The one error class a connector throws. The message is a sentence for the user: what is wrong, where, without secrets.
 *
 * @example
 * throw new ConnectorError('auth', 'The server refused the password of user "ada".', { field: 'password', cause: error });
 */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly [BRAND] = true;
  readonly kind: ConnectorErrorKind;
  readonly field: string | undefined;
  readonly hint: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly faults: CellFault[];

  constructor(kind: ConnectorErrorKind, sentence: string, details: ConnectorErrorDetails = {}) {
    super(sentence, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.field = details.field;
    this.hint = details.hint;
    this.retryAfterMs = details.retryAfterMs;
    this.faults = details.faults ?? [];
  }

  /** True for errors of this class from any copy of this package: an installed connector may carry its own. */
  static is(error: unknown): error is ConnectorError {
    return typeof error === 'object' && error !== null && (error as Record<symbol, unknown>)[BRAND] === true;
  }
}

/** Throws `ConnectorError('cancelled')` when the signal is aborted. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new ConnectorError('cancelled', 'The work was cancelled.', { cause: signal.reason });
}
