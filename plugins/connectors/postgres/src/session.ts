import { userInfo } from 'node:os';
import { ConnectorError, throwIfAborted, type Operation } from '@kalla/core';
import pg from 'pg';
import type { PostgresConfig } from './config.ts';
import { DirectSocket } from './direct-socket.ts';
import { toConnectorError } from './errors.ts';
import { sendCancel } from './socket.ts';
import { tlsAttempts, type TlsAttempt } from './tls.ts';

/** Longest wait for the server's reaction to a cancel or a goodbye, in milliseconds; then the socket is cut. */
const PARTING_MS = 1500;

/**
 * Said at the start of each transaction and valid in it alone, so that poolers and server defaults change nothing: text
 * forms are fixed, and nobody's time limit ends a long read or a wait for a slow reader.
 */
const SETTINGS = [
  "datestyle = 'ISO, YMD'",
  "intervalstyle = 'postgres'",
  "timezone = 'UTC'",
  'extra_float_digits = 1',
  "bytea_output = 'hex'",
  'standard_conforming_strings = on',
  'statement_timeout = 0',
  'idle_in_transaction_session_timeout = 0',
  "lock_timeout = '15s'",
];
const UNKNOWN_SETTING = '42704';
const REFUSED_VALUE = '22023';

/** One server session for one piece of work. Aborting the operation cancels its statement on the server and ends it. */
export class Session implements AsyncDisposable {
  readonly client: pg.Client;
  readonly config: PostgresConfig;
  readonly #signal: AbortSignal;
  #ended: Promise<void> | null = null;
  /** Why the session broke while nothing was asked of it. */
  #broken: unknown;
  #onAbort = () => void this.stop();

  private constructor(client: pg.Client, config: PostgresConfig, signal: AbortSignal) {
    this.client = client;
    this.config = config;
    this.#signal = signal;
    // A session that breaks while idle says so here and nowhere else; the next query then fails by itself.
    client.on('error', (error) => {
      this.#broken ??= error;
      void this.stop();
    });
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Connects and signs in. Throws `unreachable`, `tls`, `auth`, `not-found`, `transient`, `cancelled`. */
  static async open(config: PostgresConfig, { signal }: Operation): Promise<Session> {
    throwIfAborted(signal);
    try {
      const client = await connect(config, signal);
      const session = new Session(client, config, signal);
      if (signal.aborted) {
        await session.stop();
        throwIfAborted(signal);
      }
      return session;
    } catch (error) {
      throw toConnectorError(error, { config, signal, connecting: true });
    }
  }

  /** Begins the read-only transaction that all reading happens in; `snapshot` from {@link exportSnapshot} of another session. */
  async begin(snapshot?: string): Promise<void> {
    const join = snapshot === undefined ? [] : [`SET TRANSACTION SNAPSHOT '${snapshot.replaceAll("'", "''")}'`];
    const settings = SETTINGS.map((setting) => `SET LOCAL ${setting}`);
    await this.rows(['BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', ...join, ...settings].join('; '));
    await this.#endWithClient();
  }

  /**
   * Has the server look whether we are still there: a process that is killed can ask for no cancel, and a statement that has
   * nothing to send yet would go on for hours. PostgreSQL 13 and older do not know the setting, some systems cannot do it.
   */
  async #endWithClient(): Promise<void> {
    try {
      await this.client.query("SAVEPOINT watch; SET LOCAL client_connection_check_interval = '2s'; RELEASE watch");
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (code !== UNKNOWN_SETTING && code !== REFUSED_VALUE) throw this.explain(error);
      await this.rows('ROLLBACK TO watch');
    }
  }

  /** Lets other sessions see exactly what this transaction sees, as long as it is open. */
  async exportSnapshot(): Promise<string> {
    const [row] = await this.rows<{ snapshot: string }>('SELECT pg_export_snapshot() AS snapshot');
    if (!row) throw new ConnectorError('bug', 'PostgreSQL gave no snapshot.');
    return row.snapshot;
  }

  /** Runs a statement and returns its rows. `table` is the one it is about, for error sentences. */
  async rows<T extends object>(text: string, values: unknown[] = [], table?: string): Promise<T[]> {
    try {
      const result = await (values.length ? this.client.query(text, values) : this.client.query(text));
      return result.rows as T[];
    } catch (error) {
      throw this.explain(error, table);
    }
  }

  explain(error: unknown, table?: string): ConnectorError {
    // The next query only says that the client cannot be asked any more.
    const cause = /not queryable/i.test((error as Error).message) ? (this.#broken ?? error) : error;
    return toConnectorError(cause, {
      config: this.config,
      signal: this.#signal,
      ...(table === undefined ? {} : { table }),
    });
  }

  /** Ends a session that may be in the middle of a statement: cancelled on the server first, then cut. */
  stop(): Promise<void> {
    return (this.#ended ??= this.#cut(true));
  }

  /** Ends a session that has nothing to do. */
  [Symbol.asyncDispose](): Promise<void> {
    return (this.#ended ??= this.#cut(false));
  }

  async #cut(busy: boolean): Promise<void> {
    this.#signal.removeEventListener('abort', this.#onAbort);
    const { processID, secretKey } = this.client as unknown as { processID: number | null; secretKey: number | null };
    const goodbye = async () => {
      if (!busy) await within(PARTING_MS, this.client.end());
      else if (processID !== null && secretKey !== null) {
        const patient = { ...this.config, connect_timeout: 2 };
        await sendCancel(patient, processID, secretKey, AbortSignal.timeout(PARTING_MS));
      }
    };
    // Where the server cannot be reached there is nobody to ask; cutting the socket is then all that can be done.
    await Promise.allSettled([goodbye()]);
    socketOf(this.client).destroy();
  }
}

/** Opens a session for `work` alone. */
export async function withSession<T>(
  config: PostgresConfig,
  operation: Operation,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  await using session = await Session.open(config, operation);
  await session.begin();
  const result = await work(session);
  await session.rows('COMMIT');
  return result;
}

async function connect(config: PostgresConfig, signal: AbortSignal): Promise<pg.Client> {
  const attempts = tlsAttempts(config);
  for (const [index, ssl] of attempts.entries()) {
    try {
      return await connectOnce(config, ssl, signal);
    } catch (error) {
      const withoutTls = /does not support SSL|no pg_hba\.conf entry/.test((error as Error).message);
      if (!withoutTls || index === attempts.length - 1 || signal.aborted) throw error;
    }
  }
  throw new ConnectorError('bug', 'No way to connect was tried.');
}

async function connectOnce(config: PostgresConfig, ssl: TlsAttempt, signal: AbortSignal): Promise<pg.Client> {
  const client = new pg.Client({
    host: config.host,
    port: config.port,
    database: config.database,
    user: config.user ?? userInfo().username,
    // A function, because pg fills an absent password from PGPASSWORD and ~/.pgpass, which belong to the operator.
    password: () => config.password ?? '',
    ssl,
    // TLS reads its socket by itself.
    ...(ssl === false ? { stream: () => new DirectSocket() } : {}),
    connectionTimeoutMillis: config.connect_timeout * 1000,
    application_name: 'kalla',
    keepAlive: true,
  });
  const swallow = () => socketOf(client).destroy();
  client.on('error', swallow);
  signal.addEventListener('abort', swallow, { once: true });
  try {
    await client.connect();
    return client;
  } catch (error) {
    socketOf(client).destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', swallow);
    client.off('error', swallow);
  }
}

function socketOf(client: pg.Client): { destroy(): void } {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
