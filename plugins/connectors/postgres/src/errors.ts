import { ConnectorError, type ConnectorErrorDetails, type ConnectorErrorKind } from '@kalla/core';
import type { PostgresConfig } from './config.ts';

/** What was going on, for the sentence and for kinds that depend on it. */
export interface ErrorContext {
  config: PostgresConfig;
  /** Table at hand, as the user names it. */
  table?: string;
  /** True while the connection is being made. */
  connecting?: boolean;
  signal?: AbortSignal;
}

interface ServerError {
  code?: string;
  message?: string;
  detail?: string;
  hint?: string;
}

/**
 * Turns what `pg`, Node or the server threw into a `ConnectorError`: a sentence with the likely cause and the next step.
 * The password never gets into one; should a server repeat it, it is taken out.
 */
export function toConnectorError(error: unknown, context: ErrorContext): ConnectorError {
  if (context.signal?.aborted) {
    return new ConnectorError('cancelled', 'The work was cancelled.', { cause: context.signal.reason });
  }
  if (ConnectorError.is(error)) return error;
  const { kind, sentence, ...details } = explain(error as ServerError, context);
  const hide = (text: string) => hidePassword(text, context.config.password);
  return new ConnectorError(kind, hide(sentence), {
    ...details,
    ...(details.hint === undefined ? {} : { hint: hide(details.hint) }),
    cause: error,
  });
}

type Explained = { kind: ConnectorErrorKind; sentence: string } & ConnectorErrorDetails;

function explain(error: ServerError, context: ErrorContext): Explained {
  const code = typeof error.code === 'string' ? error.code : '';
  const message = error.message ?? String(error);
  return (
    byNetwork(code, message, context) ??
    byTls(code, message, context) ??
    byState(code, message, error, context) ??
    other(code, message)
  );
}

function byNetwork(code: string, message: string, { config, connecting }: ErrorContext): Explained | null {
  const at = `${config.host}:${config.port}`;
  switch (code) {
    case 'ECONNREFUSED':
      return {
        kind: 'unreachable',
        field: 'port',
        sentence: `Nothing answers at ${at}: the connection was refused.`,
        hint: 'Check the port, that the server runs, and that it listens on this address.',
      };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        kind: 'unreachable',
        field: 'host',
        sentence: `No server named ${config.host} was found.`,
        hint: 'Check the spelling of the server name.',
      };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
    case 'ETIMEDOUT':
      return { kind: 'unreachable', field: 'host', sentence: `The way to ${at} is closed.`, hint: NETWORK_HINT };
  }
  if (/timeout expired/i.test(message)) {
    return {
      kind: 'unreachable',
      field: 'host',
      sentence: `${at} did not answer within ${config.connect_timeout} s.`,
      hint: NETWORK_HINT,
    };
  }
  if (
    code === 'ECONNRESET' ||
    code === 'EPIPE' ||
    /Connection terminated|Connection ended|not queryable/i.test(message)
  ) {
    return connecting
      ? {
          kind: 'unreachable',
          sentence: `${at} closed the connection before it was made.`,
          hint: 'Check that a PostgreSQL server listens on this port, and its log.',
        }
      : {
          kind: 'transient',
          sentence: `The connection to ${at} broke off in the middle.`,
          hint: 'Try again; if it happens again, ask the operator of the server.',
        };
  }
  return null;
}
const NETWORK_HINT =
  'Often a firewall or an address list: allow the address that Kalla runs on, or check the server name.';

function byTls(code: string, message: string, { config }: ErrorContext): Explained | null {
  const tls = (sentence: string, hint: string, field = 'sslmode'): Explained => ({
    kind: 'tls',
    field,
    sentence,
    hint,
  });
  if (/does not support SSL/i.test(message)) {
    return tls(
      `The server at ${config.host}:${config.port} does not offer a secure connection, and "${config.sslmode}" asks for one.`,
      'Switch TLS on at the server, or choose "prefer" or "disable" where the network is trusted.',
    );
  }
  if (/no pg_hba\.conf entry/.test(message) && config.sslmode === 'disable' && /no encryption|SSL off/.test(message)) {
    return tls(
      'The server admits this user only over a secure connection.',
      'Choose "require" or, better, "verify-full".',
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return tls(
      `The server's certificate is not made out to ${config.host}.`,
      'Use the name that is in the certificate as the server, or "verify-ca" to check the authority only.',
      'host',
    );
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return tls(
      "The server's certificate is not valid today.",
      'Its operator has to renew it. Check the clock of this machine too.',
    );
  }
  if (/SELF_SIGNED|UNABLE_TO_|CERT_|UNABLE_TO_VERIFY/.test(code)) {
    return tls(
      "The server's certificate is not signed by an authority that is trusted here.",
      'Paste the text of the authority’s certificate into "Trusted certificate".',
      'sslrootcert',
    );
  }
  if (
    /^ERR_SSL|^ERR_TLS|^EPROTO|^ERR_OSSL/.test(code) ||
    /establishing an SSL connection|before secure TLS/i.test(message)
  ) {
    return tls(
      'The secure connection could not be made.',
      'Check that the port is that of a PostgreSQL server and that it speaks TLS 1.2 or later.',
    );
  }
  return null;
}

function byState(code: string, message: string, error: ServerError, context: ErrorContext): Explained | null {
  const { config, table } = context;
  const who = config.user ? `user "${config.user}"` : 'the user';
  const what = table ? `Table ${table}` : 'The table';
  switch (code) {
    case '28P01':
      return {
        kind: 'auth',
        field: 'password',
        sentence: `The server refused the password of ${who}.`,
        hint: 'Check user and password.',
      };
    case '28000':
      return /pg_hba/.test(message)
        ? {
            kind: 'auth',
            field: 'user',
            sentence: `The server does not admit ${who} to database "${config.database}" from this address.`,
            hint: 'Its administrator has to allow it in pg_hba.conf.',
          }
        : {
            kind: 'auth',
            field: 'user',
            sentence: `The server does not admit ${who}.`,
            hint: 'Check the user name, and that it may log in.',
          };
    case '3D000':
      return {
        kind: 'not-found',
        field: 'database',
        sentence: `There is no database "${config.database}" on ${config.host}:${config.port}.`,
        hint: 'Check its spelling, capitals count; in psql, \\l lists the databases.',
      };
    case '42501':
      return table === undefined || /database/.test(message)
        ? {
            kind: 'permission',
            sentence: `The server does not allow this to ${who}: ${message}.`,
            hint: 'Ask its administrator for the right to read.',
          }
        : {
            kind: 'permission',
            sentence: `${who.replace(/^./, (letter) => letter.toUpperCase())} may not read ${table}.`,
            hint: 'An administrator can allow it with GRANT USAGE ON SCHEMA … and GRANT SELECT ON … TO …; see the README.',
          };
    case '25006':
      return {
        kind: 'permission',
        sentence: `${what} changes data when it is read, and Kalla only reads.`,
        hint: 'Read the tables under it, or have a view made that changes nothing.',
      };
    case '42P01':
    case '3F000':
      return { kind: 'not-found', sentence: `${what} is not there.`, hint: 'Choose another table.' };
    case '42703':
      return {
        kind: 'schema-changed',
        sentence: `${what} has changed: ${message}.`,
        hint: 'Look at its columns again.',
      };
    case '53300':
      return {
        kind: 'transient',
        retryAfterMs: 5000,
        sentence: 'The server has no connection free.',
        hint: 'Try again in a while.',
      };
    case '57P03':
      return {
        kind: 'transient',
        retryAfterMs: 5000,
        sentence: 'The server is starting or stopping.',
        hint: 'Try again in a while.',
      };
    case '57P01':
    case '57P02':
    case '57P05':
      return { kind: 'transient', sentence: 'The server ended the session.', hint: 'Try again.' };
    case '57014':
      return {
        kind: 'transient',
        sentence: 'The server stopped the statement; it took too long or an administrator cancelled it.',
        hint: 'Try again at a quieter hour, or read fewer columns.',
      };
    case '55P03':
      return {
        kind: 'transient',
        retryAfterMs: 15_000,
        sentence: `${what} is locked by other work on the server.`,
        hint: 'Try again when that is done.',
      };
    case '40001':
    case '40P01':
    case '72000':
      return {
        kind: 'transient',
        sentence: 'The server broke the read off because of other work on it.',
        hint: 'Try again; on a standby server, its administrator can raise max_standby_streaming_delay.',
      };
  }
  if (/^SASL|password must be a string|no password|non-empty string/i.test(message)) {
    return {
      kind: 'auth',
      field: 'password',
      sentence: 'The server asks for a password.',
      hint: `Set the password of ${who}.`,
    };
  }
  if (/^(08|53|57|58)/.test(code)) {
    return {
      kind: 'transient',
      sentence: `The server could not go on: ${message}.`,
      hint: error.hint ?? 'Try again in a while.',
    };
  }
  // What a view runs into: a RAISE, a foreign server that does not answer, a check of its own.
  if (table && /^(P0|HV|21|23|38|39|54)/.test(code)) {
    return {
      kind: 'config',
      field: 'table',
      sentence: `${what} cannot be read: PostgreSQL answered "${message}".`,
      hint: 'Mend the view or foreign table at the server, or choose another.',
    };
  }
  if (/^22/.test(code)) return { kind: 'type', sentence: `${what}: a value cannot be read: ${message}.` };
  return null;
}

/** Class XX is the server's own fault, the rest is a statement of ours that it did not like. */
function other(code: string, message: string): Explained {
  return /^[0-9A-Z]{5}$/.test(code)
    ? { kind: code.startsWith('XX') ? 'transient' : 'bug', sentence: `PostgreSQL answered: ${message} (${code}).` }
    : { kind: 'bug', sentence: 'Something unexpected happened while talking to PostgreSQL.' };
}

function hidePassword(text: string, password: string | undefined): string {
  // A password of one or two letters would blank out half of any sentence, and no server quotes it in one.
  return password && password.length > 2 ? text.replaceAll(password, '(hidden)') : text;
}
