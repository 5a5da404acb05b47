import { BigQuery } from '@google-cloud/bigquery';
import { ConnectorError, throwIfAborted, type Operation } from '@kalla/core';
import type { BigQueryConfig } from './config.ts';
import type { Identity } from './credentials.ts';
import { toConnectorError } from './errors.ts';

const TRIES = 3;
const WAIT_MS = [250, 1_000];

export interface RestRequest {
  method?: 'GET' | 'POST';
  /** Below `/bigquery/v2`, its parts URL-encoded. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  /** Table that it is about, for error messages. */
  table?: string;
  /** False where a second call would start a second piece of work. Default true. */
  again?: boolean;
  /** How long the server itself may take, in ms, besides `connect_timeout`. */
  patienceMs?: number;
}

/**
 * BigQuery's REST interface, through Google's client and with its raw answers: the client's own conversion of rows would make
 * JavaScript numbers and dates of them.
 */
export class Rest {
  readonly #client: BigQuery;
  readonly #base: string;
  readonly #config: BigQueryConfig;
  readonly #identity: Identity;

  constructor(config: BigQueryConfig, identity: Identity) {
    const endpoint = config.endpoint?.replace(/\/+$/, '');
    this.#config = config;
    this.#identity = identity;
    this.#client = new BigQuery({
      projectId: config.billing_project ?? config.project,
      authClient: identity.client as never,
      autoRetry: false,
      ...(endpoint ? { apiEndpoint: endpoint } : {}),
    });
    // Absolute, because the variable BIGQUERY_EMULATOR_HOST would change the client's own base.
    this.#base = `${endpoint ?? 'https://bigquery.googleapis.com'}/bigquery/v2`;
  }

  /**
   * One call, tried again where BigQuery says that this may help.
   *
   * @throws ConnectorError; `cancelled` at once when the signal aborts, whatever the server does.
   */
  async call<T>(request: RestRequest, { signal }: Operation): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      throwIfAborted(signal);
      try {
        return await this.#once<T>(request, signal);
      } catch (error) {
        const problem = toConnectorError(error, {
          config: this.#config,
          table: request.table,
          account: this.#identity.account,
          signal,
        });
        const mayHelp =
          problem.kind === 'transient' || (problem.kind === 'rate-limit' && problem.retryAfterMs !== undefined);
        if (!mayHelp || request.again === false || attempt === TRIES) throw problem;
        await pause(WAIT_MS[attempt - 1]!, signal);
      }
    }
  }

  #once<T>({ method = 'GET', path, query = {}, body, patienceMs = 0 }: RestRequest, signal: AbortSignal): Promise<T> {
    const qs = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined && value !== ''));
    const ms = this.#config.connect_timeout * 1000 + patienceMs;
    return new Promise<T>((resolve, reject) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      const onAbort = () => {
        done();
        reject(new ConnectorError('cancelled', 'The work was cancelled.', { cause: signal.reason }));
      };
      const timer = setTimeout(() => {
        done();
        reject(noAnswer(this.#config));
      }, ms);
      signal.addEventListener('abort', onAbort, { once: true });
      // The client has no types for raw calls with a body; it takes what `teeny-request` takes.
      const options = { method, uri: `${this.#base}${path}`, qs, ...(body === undefined ? {} : { json: body }) };
      this.#client.request(options as never, (error: Error | null, answer: unknown) => {
        done();
        if (error) reject(error);
        else resolve(answer as T);
      });
    });
  }
}

function noAnswer(config: BigQueryConfig): ConnectorError {
  const at = config.endpoint ? new URL(config.endpoint).host : 'bigquery.googleapis.com';
  return new ConnectorError('unreachable', `${at} did not answer within ${config.connect_timeout} s.`, {
    hint: 'Often a firewall: it has to let this machine reach the address. Or raise "Seconds to wait".',
    ...(config.endpoint ? { field: 'endpoint' } : {}),
  });
}

/** Waits, or throws `cancelled` as soon as the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
  throwIfAborted(signal);
}
