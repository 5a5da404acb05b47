import { ConnectorError, type ConnectorErrorDetails, type ConnectorErrorKind } from '@kalla/core';
import type { Answer } from './client.ts';
import type { ElasticsearchConfig } from './config.ts';

/** What was going on, for the sentence. */
export interface ErrorContext {
  config: ElasticsearchConfig;
  address: string;
  /** Index, alias or data stream at hand. */
  table?: string;
  signal?: AbortSignal;
}

type Explained = { kind: ConnectorErrorKind; sentence: string } & ConnectorErrorDetails;

/** The reason inside an answer that is an error. */
export interface ServerReason {
  type: string;
  reason: string;
}

/**
 * Turns what the client threw, or an answer that is an error, into a `ConnectorError`: a sentence with the likely cause and the
 * next step. No secret gets into one; should a server repeat it, it is taken out.
 */
export function toConnectorError(error: unknown, context: ErrorContext): ConnectorError {
  if (context.signal?.aborted)
    return new ConnectorError('cancelled', 'The work was cancelled.', { cause: context.signal.reason });
  if (ConnectorError.is(error)) return error;
  const { kind, sentence, ...details } = isAnswer(error) ? byStatus(error, context) : byClient(error, context);
  const hide = (text: string) => hideSecrets(text, context.config);
  return new ConnectorError(kind, hide(sentence), {
    ...details,
    ...(details.hint === undefined ? {} : { hint: hide(details.hint) }),
    // The client's own error holds request and credentials; only its words are kept.
    ...(isAnswer(error) ? {} : { cause: new Error(hide(error instanceof Error ? error.message : String(error))) }),
  });
}

function isAnswer(error: unknown): error is Answer {
  return typeof error === 'object' && error !== null && 'status' in error && 'body' in error;
}

const NETWORK_HINT =
  'Often a firewall or an address list: allow the address that Kalla runs on, or check the server name.';

function byClient(error: unknown, { config, address }: ErrorContext): Explained {
  const { name = '', message = String(error) } = error instanceof Error ? error : {};
  const unreachable = (sentence: string, hint: string): Explained => ({
    kind: 'unreachable',
    field: 'server',
    sentence,
    hint,
  });
  if (/ECONNREFUSED/.test(message) || (name === 'ConnectionError' && message === `connection failed (${address}/)`))
    return unreachable(
      `Nothing answers at ${address}: the connection was refused.`,
      'Check the port, that the server runs, and that it listens on this address.',
    );
  if (/ENOTFOUND|EAI_AGAIN/.test(message))
    return unreachable(`No server named ${hostOf(address)} was found.`, 'Check the spelling of the address.');
  if (/EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ETIMEDOUT/.test(message))
    return unreachable(`The way to ${address} is closed.`, NETWORK_HINT);
  if (name === 'TimeoutError' || /timeout/i.test(message))
    return unreachable(`${address} did not answer within ${config.timeout} s.`, NETWORK_HINT);
  return byTls(message, address) ?? brokenOff(message, address);
}

function byTls(message: string, address: string): Explained | null {
  const tls = (sentence: string, hint: string, field: string): Explained => ({
    kind: 'tls',
    field,
    sentence,
    hint,
  });
  if (/altnames|Hostname\/IP does not match/i.test(message))
    return tls(
      `The server's certificate is not made out to ${hostOf(address)}.`,
      'Use the name that is in the certificate as the address.',
      'server',
    );
  if (/certificate has expired|not yet valid/i.test(message))
    return tls(
      "The server's certificate is not valid today.",
      'Its operator has to renew it. Check the clock of this machine too.',
      'server',
    );
  if (/self[- ]signed|unable to (get|verify)|certificate/i.test(message))
    return tls(
      "The server's certificate is not signed by an authority that is trusted here.",
      'Paste the text of the authority’s certificate into "Trusted certificate"; on a server of your own it is config/certs/http_ca.crt.',
      'ca',
    );
  if (/wrong version number|SSL|EPROTO|packet length/i.test(message))
    return tls(
      `${address} does not speak TLS.`,
      'Write the address with http:// where the network is trusted, or check the port.',
      'server',
    );
  return null;
}

function brokenOff(message: string, address: string): Explained {
  if (address.startsWith('http:') && /other side closed|ECONNRESET|socket hang up|HPE_/i.test(message))
    return {
      kind: 'unreachable',
      field: 'server',
      sentence: `${address} closed the connection before it answered.`,
      hint: 'The server may want a secure connection: write the address with https://.',
    };
  if (/other side closed|ECONNRESET|EPIPE|terminated|socket|aborted|UND_ERR/i.test(message))
    return {
      kind: 'transient',
      sentence: `The connection to ${address} broke off in the middle.`,
      hint: 'Try again; if it happens again, ask the operator of the server.',
    };
  return { kind: 'bug', sentence: 'Something unexpected happened while talking to Elasticsearch.' };
}

/** The type and reason that an answer gives, or empty texts. */
export function reasonOf(answer: Answer): ServerReason {
  try {
    const { error } = JSON.parse(answer.body.toString('utf8')) as {
      error?: string | { type?: string; reason?: string; root_cause?: ServerReason[]; caused_by?: ServerReason };
    };
    if (typeof error === 'string') return { type: '', reason: error };
    const root = error?.root_cause?.[0] ?? error?.caused_by;
    return { type: root?.type ?? error?.type ?? '', reason: root?.reason ?? error?.reason ?? '' };
  } catch (error) {
    if (error instanceof SyntaxError) return { type: '', reason: '' };
    throw error;
  }
}

function byStatus(answer: Answer, context: ErrorContext): Explained {
  const { type, reason } = reasonOf(answer);
  return explainReason(answer.status, type, reason, context);
}

/** The sentence for a reason of the server, whether it is a whole answer or one part of it that failed. */
export function explainReason(status: number, type: string, reason: string, context: ErrorContext): Explained {
  const { config, table } = context;
  const what = table ? `"${table}"` : 'this';
  const said = reason ? `: ${reason.slice(0, 300)}` : '';
  if (status === 401)
    return {
      kind: 'auth',
      field: 'auth',
      sentence:
        config.auth.kind === 'none'
          ? 'The server asks for a sign-in.'
          : config.auth.kind === 'basic'
            ? `The server refused the password of user "${config.auth.user}".`
            : 'The server refused the API key.',
      hint:
        config.auth.kind === 'none'
          ? 'Choose API key, or user and password.'
          : config.auth.kind === 'basic'
            ? 'Check user and password: do they open Kibana?'
            : 'Copy the key anew, the value that Kibana calls "encoded"; it may have expired or been withdrawn.',
    };
  if (type === 'cluster_block_exception')
    return {
      kind: 'permission',
      sentence: `Reading ${what} is blocked at the server${said}.`,
      hint: 'Its administrator can lift the block: index.blocks.read.',
    };
  if (status === 403)
    return {
      kind: 'permission',
      sentence: `This sign-in may not read ${what}.`,
      hint: `An administrator can allow it with the privileges "read" and "view_index_metadata" on ${table ?? 'the indices'}; see the help of the sign-in.`,
    };
  if (type === 'search_context_missing_exception' || (status === 404 && /search context/i.test(reason)))
    return {
      kind: 'transient',
      sentence: `The server no longer keeps the moment at which ${what} was being read; it lasts five minutes between two pages.`,
      hint: 'Run it again. The rows that were read so far are not used.',
    };
  if (status === 404 || type === 'index_not_found_exception')
    return {
      kind: 'not-found',
      field: 'table',
      sentence: `There is no index, alias or data stream ${what}.`,
      hint: 'Choose another; capitals count.',
    };
  if (type === 'index_closed_exception')
    return {
      kind: 'config',
      field: 'table',
      sentence: `The index ${what} is closed, and a closed index cannot be read.`,
      hint: 'Its administrator can open it: POST /INDEX/_open.',
    };
  if (status === 429 || type === 'circuit_breaking_exception' || type === 'es_rejected_execution_exception')
    return {
      kind: 'rate-limit',
      retryAfterMs: 10_000,
      sentence: `The server has too much to do and turned a request away${said}.`,
      hint: 'Try again at a quieter hour, or read fewer columns.',
    };
  if (status >= 500)
    return {
      kind: 'transient',
      retryAfterMs: 5000,
      sentence: `Elasticsearch could not read ${what}${said}.`,
      hint: 'Try again in a while; if it stays, ask the operator: a part of the index may not be available.',
    };
  if (type === 'invalid_index_name_exception' || /index name/i.test(reason))
    return { kind: 'not-found', field: 'table', sentence: `${what} is not the name of an index${said}.` };
  if (/^no handler found for uri/i.test(reason))
    return {
      kind: 'config',
      field: 'server',
      sentence: `Elasticsearch answers at this address, but not at its path${said}.`,
      hint: 'Leave away what follows the port, unless something in front of Elasticsearch wants it.',
    };
  return { kind: 'bug', sentence: `Elasticsearch did not accept a request (${status})${said}.` };
}

function hostOf(address: string): string {
  return new URL(address).hostname;
}

function hideSecrets(text: string, { auth }: ElasticsearchConfig): string {
  const secret = auth.kind === 'basic' ? auth.password : auth.kind === 'api_key' ? auth.api_key : '';
  // A password of one or two letters would blank out half of any sentence, and no server quotes it in one.
  return secret.length > 2 ? text.replaceAll(secret, '(hidden)') : text;
}
