import { ConnectorError, type ConnectorErrorDetails, type ConnectorErrorKind } from '@kalla/core';
import type { BigQueryConfig } from './config.ts';

/** What was going on, for the sentence and for kinds that depend on it. */
export interface ErrorContext {
  config: BigQueryConfig;
  /** Table at hand, as the user names it. */
  table?: string | undefined;
  /** The service account's address, where it is known. */
  account?: string | null | undefined;
  signal?: AbortSignal | undefined;
}

/** What REST (`errors`, HTTP status in `code`), gRPC (status 1 to 16 in `code`, `details`) and Node throw. */
interface Fault {
  code?: number | string;
  message?: string;
  details?: string;
  reason?: string;
  errors?: Array<{ reason?: string; message?: string }>;
  cause?: unknown;
}
type Explained = { kind: ConnectorErrorKind; sentence: string } & ConnectorErrorDetails;

/** gRPC statuses in the words of REST: an HTTP status and the reason that BigQuery gives with it. */
const GRPC: Record<number, [status: number, reason: string]> = {
  3: [400, 'invalid'],
  4: [504, 'backendError'],
  5: [404, 'notFound'],
  7: [403, 'accessDenied'],
  8: [429, 'rateLimitExceeded'],
  9: [409, 'failedPrecondition'],
  10: [503, 'backendError'],
  12: [501, 'notImplemented'],
  13: [503, 'backendError'],
  14: [503, 'backendError'],
  16: [401, 'authError'],
};

/**
 * Turns what Google's clients or Node threw into a `ConnectorError`: a sentence with the likely cause and the next step.
 * The cause it carries is the bare message: the clients' own errors hold the request with its token.
 */
export function toConnectorError(error: unknown, context: ErrorContext): ConnectorError {
  if (context.signal?.aborted) {
    return new ConnectorError('cancelled', 'The work was cancelled.', { cause: context.signal.reason });
  }
  if (ConnectorError.is(error)) return error;
  const fault = (typeof error === 'object' && error !== null ? error : { message: String(error) }) as Fault;
  const said = wordsOf(fault);
  const { kind, sentence, ...details } = byNetwork(fault, said, context) ?? byStatus(fault, said, context);
  return new ConnectorError(kind, sentence, {
    ...details,
    cause: new Error(`${String(fault.code ?? '')} ${said}`.trim()),
  });
}

/** The server's own words, in one line and without the links and stars that Google puts into them. */
function wordsOf({ errors, details, message }: Fault): string {
  const words = errors?.find((one) => one.message)?.message ?? details ?? message ?? 'no reason';
  return words.replace(/\s+/g, ' ').trim().replace(/\.+$/, '').slice(0, 400);
}

function addressOf({ endpoint }: BigQueryConfig): string {
  return endpoint ? new URL(endpoint).host : 'bigquery.googleapis.com';
}

function byNetwork(fault: Fault, said: string, { config }: ErrorContext): Explained | null {
  const at = addressOf(config);
  const field = config.endpoint ? 'endpoint' : undefined;
  const code =
    [fault, fault.cause as Fault | undefined].map((one) => one?.code).find((one) => typeof one === 'string') ?? '';
  const unreachable = (sentence: string, hint: string): Explained => ({
    kind: 'unreachable',
    sentence,
    hint,
    ...(field ? { field } : {}),
  });
  if (/ECONNREFUSED/.test(`${code} ${said}`))
    return unreachable(
      `Nothing answers at ${at}: the connection was refused.`,
      'Check the address and its port, and that the server runs.',
    );
  if (/ENOTFOUND|EAI_AGAIN|Name resolution failed/.test(`${code} ${said}`))
    return unreachable(
      `No server named ${at} was found.`,
      'Check the spelling of the address, and that this machine can reach the internet.',
    );
  if (/EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EADDRNOTAVAIL|ESOCKETTIMEDOUT/.test(`${String(code)} ${said}`))
    return unreachable(
      `The way to ${at} is closed.`,
      'Often a firewall: it has to let this machine reach the address on port 443.',
    );
  if (/ECONNRESET|EPIPE|socket hang up|Premature close|ERR_STREAM_PREMATURE_CLOSE/.test(`${String(code)} ${said}`))
    return { kind: 'transient', sentence: `The connection to ${at} broke off in the middle.`, hint: 'Try again.' };
  if (/SELF_SIGNED|CERT_|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL|EPROTO|certificate/i.test(`${String(code)} ${said}`))
    return {
      kind: 'tls',
      sentence: `The secure connection to ${at} could not be made: its certificate is not trusted here.`,
      hint: 'Check the address; behind a company’s proxy, its authority has to be in NODE_EXTRA_CA_CERTS of the worker.',
      ...(field ? { field } : {}),
    };
  return null;
}

function byStatus(fault: Fault, said: string, context: ErrorContext): Explained {
  const { config } = context;
  const code = Number(fault.code);
  const isGrpc = Number.isInteger(code) && code >= 1 && code <= 16;
  const [status, grpcReason] = isGrpc ? (GRPC[code] ?? [0, '']) : [code, ''];
  const reason = fault.errors?.find((one) => one.reason)?.reason ?? grpcReason;
  const quoted = `BigQuery answered: ${said}.`;

  if (
    /SERVICE_DISABLED|has not been used in project|it is disabled|accessNotConfigured/.test(
      `${fault.reason} ${reason} ${said}`,
    )
  ) {
    const api = /bigquerystorage|Storage/.test(said) ? 'BigQuery Storage API' : 'BigQuery API';
    return {
      kind: 'permission',
      sentence: `The ${api} is not switched on in project "${config.billing_project ?? config.project}".`,
      hint: `In the console: APIs & Services › Library › ${api} › Enable. It takes a few minutes.`,
    };
  }
  // gRPC has one status for "too fast" and for "used up".
  const isQuota = isGrpc && /quota/i.test(said);
  if (!isQuota && /rateLimitExceeded|RateLimit|concurrent/i.test(reason) && (status === 403 || status === 429))
    return {
      kind: 'rate-limit',
      retryAfterMs: 10_000,
      sentence: 'BigQuery asks for fewer requests at a time.',
      hint: 'Try again in a few seconds; other programs may use the same project.',
    };
  if (/quotaExceeded/i.test(reason) || isQuota || (status === 403 && /quota/i.test(said)))
    return {
      kind: 'rate-limit',
      sentence: `A quota of project "${config.billing_project ?? config.project}" is used up: ${said}.`,
      hint: 'Wait until it renews: a quota per minute after a minute, one per day at midnight Pacific time. Or have it raised in the Google Cloud console: IAM & Admin › Quotas.',
    };
  if (/billing/i.test(reason) || /billing has not been enabled|billingNotEnabled/i.test(said))
    return {
      kind: 'permission',
      sentence: `Billing is not enabled for project "${config.billing_project ?? config.project}".`,
      hint: 'Enable it in the console under Billing, or name another project in "Project that pays".',
    };
  if (status === 401 || isRefusal(fault, said)) return refused(said, context);
  if (status === 403) return notAllowed(said, context);
  // Every refusal of BigQuery has a reason. Another server's has none, and may repeat the path with its projects and datasets.
  if (status === 404 && !reason && !context.table) return elsewhere(context);
  if (status === 404) return absent(said, context);
  if (status === 429)
    return {
      kind: 'rate-limit',
      retryAfterMs: 10_000,
      sentence: 'BigQuery asks for fewer requests at a time.',
      hint: 'Try again in a few seconds.',
    };
  if (status === 409)
    return { kind: 'transient', sentence: `BigQuery could not go on: ${said}.`, hint: 'Start the run again.' };
  if (status >= 500 && status !== 501)
    return {
      kind: 'transient',
      retryAfterMs: 2_000,
      sentence: `BigQuery is not available for the moment: ${said}.`,
      hint: 'Try again in a while.',
    };
  if (/no such field|Unrecognized name|not found inside|selected field|Field .* not found/i.test(said))
    return {
      kind: 'schema-changed',
      sentence: `${what(context)} has changed: ${said}.`,
      hint: 'Look at its columns again.',
    };
  if (/Access Denied|permission/i.test(said)) return notAllowed(said, context);
  if (status === 400 || status === 501 || status === 412)
    return {
      kind: 'config',
      sentence: `${what(context)} cannot be read. ${quoted}`,
      hint: 'Mend the table or view in BigQuery, or choose another.',
    };
  return { kind: 'bug', sentence: 'Something unexpected happened while talking to BigQuery.' };
}

function what({ table }: ErrorContext): string {
  return table ? `Table ${table}` : 'What was asked for';
}

/** What the sign-in libraries say before anything was sent. */
function isRefusal(fault: Fault, said: string): boolean {
  return /invalid_grant|Invalid JWT|invalid_client|DECODER routines|Could not load the default credentials|Could not refresh access token|Unable to detect a Project/i.test(
    `${String(fault.code)} ${said}`,
  );
}

function refused(said: string, { config, account }: ErrorContext): Explained {
  if (config.credentials.kind === 'none')
    return {
      kind: 'auth',
      field: 'credentials',
      sentence: 'The server wants to know who asks, and nobody signs in.',
      hint: 'Choose a service account and paste its key.',
    };
  if (config.credentials.kind === 'application-default')
    return {
      kind: 'auth',
      field: 'credentials',
      sentence: `Google refused the worker’s own identity: ${said}.`,
      hint: 'Its login may have expired: sign it in again, or paste a service account key.',
    };
  return {
    kind: 'auth',
    field: 'credentials.key',
    sentence: `Google refused the key of ${account ?? 'the service account'}.`,
    hint: 'The key or its account was deleted or switched off: make a new key in IAM & Admin › Service Accounts. Check this machine’s clock too.',
  };
}

/** Permissions of BigQuery, the role that has each and nothing to write with, and what it is needed for in a project. */
const ROLES: Array<[RegExp, string, string]> = [
  [/bigquery\.jobs\.create/, 'roles/bigquery.jobUser', 'run queries'],
  [/bigquery\.readsessions/, 'roles/bigquery.readSessionUser', 'read rows over the Storage Read API'],
  [/bigquery\.(tables|datasets)/, 'roles/bigquery.dataViewer', 'read the tables'],
];

function notAllowed(said: string, { config, table, account }: ErrorContext): Explained {
  const [, role, deed] = ROLES.find(([permission]) => permission.test(said)) ?? ROLES.at(-1)!;
  const isData = role === 'roles/bigquery.dataViewer';
  const project = isData ? config.project : (config.billing_project ?? config.project);
  const member = account ? `serviceAccount:${account}` : 'serviceAccount:EMAIL';
  return {
    kind: 'permission',
    sentence: `${account ?? 'This account'} may not ${isData && table ? `read table ${table}` : `${deed} ${isData ? 'of' : 'in'} project "${project}"`}: ${said}.`,
    hint: `An administrator of the project can allow it with: gcloud projects add-iam-policy-binding ${project} --member=${member} --role=${role}`,
  };
}

/** Something else answers there, or BigQuery below another path. */
function elsewhere({ config }: ErrorContext): Explained {
  return {
    kind: 'not-found',
    ...(config.endpoint ? { field: 'endpoint' } : {}),
    sentence: `Nothing of BigQuery is at ${config.endpoint ?? addressOf(config)}.`,
    hint: 'Look at "Other address": it is written without /bigquery/v2, for example http://127.0.0.1:9050.',
  };
}

function absent(said: string, { config, table }: ErrorContext): Explained {
  if (/project/i.test(said) && !/table|dataset/i.test(said))
    return {
      kind: 'not-found',
      field: 'project',
      sentence: `There is no project "${config.project}".`,
      hint: 'Check its ID in the project picker of the console; names and numbers are not IDs.',
    };
  if (/dataset/i.test(said) && !/table/i.test(said))
    return {
      kind: 'not-found',
      field: 'dataset',
      sentence: `The dataset is not there: ${said}.`,
      hint: 'Check its spelling, capitals count, and that it lies in this project.',
    };
  if (/stream|session/i.test(said))
    return {
      kind: 'transient',
      sentence: 'BigQuery no longer holds the read session; it ends after some hours.',
      hint: 'Start the run again.',
    };
  if (!table)
    return {
      kind: 'not-found',
      sentence: `BigQuery did not find what was asked for: ${said}.`,
      hint: 'Check the project and the dataset; capitals count.',
    };
  return {
    kind: 'not-found',
    sentence: `Table ${table} is not there.`,
    hint: 'Choose another table; capitals count.',
  };
}
