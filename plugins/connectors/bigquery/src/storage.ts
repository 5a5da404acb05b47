// The client's own file: the package's entry loads every version of the interface, writing too, which takes a seventh of a second.
import { BigQueryReadClient } from '@google-cloud/bigquery-storage/build/src/v1/big_query_read_client.js';
import { throwIfAborted, type Operation } from '@kalla/core';
import { grpc } from 'google-gax';
import type { BigQueryConfig } from './config.ts';
import type { Identity } from './credentials.ts';
import { toConnectorError } from './errors.ts';
import { pause } from './rest.ts';

/** Streams that BigQuery may part a table into; it gives fewer where the table is small. */
const MOST_STREAMS = 8;
/** A stream that breaks off is taken up again so often without a row in between. */
const RESUMES = 3;
const RESUME_MS = [200, 1_000, 3_000];
/** gRPC: the server or the way to it is gone for the moment (14), or the stream was reset by something in between (13). */
const BROKEN_OFF = new Set([13, 14]);
/** Retries of our own only: those of the client begin a stream anew, wait for seconds before an error, and deliver nothing. */
const NO_RETRIES = {
  retry: null,
  retryRequestOptions: { retries: 0, noResponseRetries: 0, shouldRetryFn: () => false },
};
const GOOGLE = { host: 'bigquerystorage.googleapis.com', port: 443 };
/**
 * Bytes of a stream that may be on their way before the server waits to hear that they arrived. With Node's 64 kB a stream brings
 * no more than that in each round trip, 3 MB/s where one takes 20 ms.
 */
const ON_THE_WAY = 4 * 2 ** 20;

/** Until a question that was just asked has left. */
const WARM_MS = 15;

export interface StorageAddress {
  host: string;
  port: number;
  secure: boolean;
}

export interface SessionRequest {
  project: string;
  dataset: string;
  table: string;
  columns: readonly string[];
  where: string | null;
  /** One where only the first rows are wanted. */
  streams?: number;
}

/** A session holds one moment of a table for some hours. It costs nothing; the bytes that its streams deliver do. */
export interface ReadSession {
  streams: string[];
  /** The schema of all batches, as an Arrow IPC message. */
  header: Uint8Array;
  /** BigQuery's estimate, before the condition. */
  rows: number | null;
  bytes: number | null;
}

/** Where the Storage Read API is: null where an own address is given for REST and none for it. */
export function storageAddress(config: BigQueryConfig): StorageAddress | null {
  if (!config.storage_endpoint) return config.endpoint ? null : { ...GOOGLE, secure: true };
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(config.storage_endpoint) ?? [];
  return { host, port: Number(port), secure: !config.endpoint?.startsWith('http:') };
}

/** BigQuery's Storage Read API: Arrow over gRPC. */
export class Storage implements AsyncDisposable {
  readonly #config: BigQueryConfig;
  readonly #identity: Identity;
  readonly #address: StorageAddress;
  #made: BigQueryReadClient | undefined;
  #warming: NodeJS.Timeout | undefined;

  constructor(config: BigQueryConfig, identity: Identity, address: StorageAddress) {
    this.#config = config;
    this.#identity = identity;
    this.#address = address;
  }

  /**
   * Makes the client in a moment, for a call that is sure to come. That takes a tenth of a second, which is free while the answer
   * to what was just asked is on its way; and whoever only looks at tables needs no client.
   */
  warm(): void {
    this.#warming ??= setTimeout(() => {
      this.#client.initialize().catch(() => undefined); // The call that needs it says why.
    }, WARM_MS);
  }

  get #client(): BigQueryReadClient {
    return (this.#made ??= new BigQueryReadClient({
      projectId: this.#config.billing_project ?? this.#config.project,
      apiEndpoint: this.#address.host,
      port: this.#address.port,
      authClient: this.#identity.client as never,
      ...(this.#address.secure ? {} : { sslCreds: grpc.credentials.createInsecure() }),
      'grpc-node.flow_control_window': ON_THE_WAY,
    }));
  }

  /** @throws ConnectorError, `cancelled` at once when the signal aborts. */
  async open(request: SessionRequest, operation: Operation): Promise<ReadSession> {
    const { signal } = operation;
    throwIfAborted(signal);
    const { project, dataset, table, columns, where, streams = MOST_STREAMS } = request;
    try {
      const call = this.#client.createReadSession(
        {
          parent: `projects/${this.#config.billing_project ?? this.#config.project}`,
          maxStreamCount: streams,
          readSession: {
            table: `projects/${project}/datasets/${dataset}/tables/${table}`,
            dataFormat: 'ARROW',
            readOptions: { selectedFields: [...columns], ...(where === null ? {} : { rowRestriction: where }) },
          },
        },
        { timeout: this.#config.connect_timeout * 1000, ...(await this.#callOptions()) },
      );
      const [session] = await abortable(call, signal);
      return {
        streams: (session.streams ?? []).map(({ name }) => name ?? ''),
        header: session.arrowSchema?.serializedSchema as Uint8Array,
        rows: session.estimatedRowCount == null ? null : Number(session.estimatedRowCount),
        bytes: session.estimatedTotalBytesScanned == null ? null : Number(session.estimatedTotalBytesScanned),
      };
    } catch (error) {
      throw this.#explain(error, `${dataset}.${table}`, signal);
    }
  }

  /**
   * The record batches of a stream as Arrow IPC messages, as fast as they are taken. A stream that breaks off goes on after the
   * last row that arrived. Abort, an error, or leaving the loop cancels it on the server.
   */
  async *messages(stream: string, table: string, { signal }: Operation): AsyncGenerator<RowsMessage, void, void> {
    let offset = 0;
    let failures = 0;
    for (;;) {
      throwIfAborted(signal);
      const call = this.#client.readRows({ readStream: stream, offset }, await this.#callOptions());
      // Neither leaving the loop nor destroying the stream tells the server; only this does.
      const cancel = () => call.cancel();
      signal.addEventListener('abort', cancel, { once: true });
      call.on('error', () => undefined); // Also after the loop has ended: a cancelled call ends with an error.
      try {
        for await (const answer of call as AsyncIterable<RowsAnswer>) {
          throwIfAborted(signal);
          const rows = Number(answer.rowCount ?? 0);
          offset += rows;
          failures = 0;
          const bytes = answer.arrowRecordBatch?.serializedRecordBatch ?? new Uint8Array();
          if (rows > 0) yield { bytes, rows };
        }
        throwIfAborted(signal);
        return;
      } catch (error) {
        const broken = BROKEN_OFF.has(Number((error as { code?: unknown }).code));
        if (signal.aborted || !broken || failures === RESUMES) throw this.#explain(error, table, signal);
        await pause(RESUME_MS[failures]!, signal);
        failures += 1;
      } finally {
        signal.removeEventListener('abort', cancel);
        call.cancel();
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#warming);
    await this.#made?.close();
  }

  async #callOptions() {
    // gRPC sends no credentials over a channel that is not secured, which is this machine's own here.
    const headers = this.#address.secure ? null : new Headers(await this.#identity.client.getRequestHeaders());
    const authorization = headers?.get('authorization');
    return { ...NO_RETRIES, ...(authorization ? { otherArgs: { headers: { authorization } } } : {}) };
  }

  #explain(error: unknown, table: string, signal: AbortSignal): Error {
    return toConnectorError(error, { config: this.#config, account: this.#identity.account, table, signal });
  }
}

/** A record batch of a stream. */
export interface RowsMessage {
  bytes: Uint8Array;
  /** How many rows BigQuery says that it holds. */
  rows: number;
}

interface RowsAnswer {
  rowCount?: unknown;
  arrowRecordBatch?: { serializedRecordBatch?: Uint8Array };
}

/** Google's promises of single calls have a `cancel` that its types do not know. */
function abortable<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  const cancel = () => (call as { cancel?(): void }).cancel?.();
  signal.addEventListener('abort', cancel, { once: true });
  return call.finally(() => signal.removeEventListener('abort', cancel));
}
