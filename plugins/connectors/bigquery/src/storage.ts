import { stringify } from 'node:querystring';
import { Client, credentials, Metadata, type ChannelCredentials, type ServiceError } from '@grpc/grpc-js';
import { throwIfAborted, type Operation } from '@kalla/core';
import type { BigQueryConfig } from './config.ts';
import type { Identity } from './credentials.ts';
import { toConnectorError } from './errors.ts';
import { pause } from './rest.ts';
import {
  CREATE_READ_SESSION,
  decodeReadSession,
  decodeRows,
  encodeCreateReadSession,
  encodeReadRows,
  READ_ROWS,
  reasonOf,
  type ReadSession,
  type RowsMessage,
} from './storage-messages.ts';

/** Streams that BigQuery may part a table into; it gives fewer where the table is small. */
const MOST_STREAMS = 8;
/** A stream that breaks off is taken up again so often without a row in between. */
const RESUMES = 3;
const RESUME_MS = [200, 1_000, 3_000];
/** gRPC: the server or the way to it is gone for the moment (14), or the stream was reset by something in between (13). */
const BROKEN_OFF = new Set([13, 14]);
const GOOGLE = { host: 'bigquerystorage.googleapis.com', port: 443 };
/**
 * Bytes of a stream that may be on their way before the server waits to hear that they arrived. With Node's 64 kB a stream brings
 * no more than that in each round trip, 3 MB/s where one takes 20 ms.
 */
const ON_THE_WAY = 4 * 2 ** 20;
const CHANNEL = {
  // Batches are larger than the 4 MB that gRPC takes by itself.
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  'grpc.initial_reconnect_backoff_ms': 1_000,
  'grpc-node.flow_control_window': ON_THE_WAY,
};

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

/** Where the Storage Read API is: null where an own address is given for REST and none for it. */
export function storageAddress(config: BigQueryConfig): StorageAddress | null {
  if (!config.storage_endpoint) return config.endpoint ? null : { ...GOOGLE, secure: true };
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(config.storage_endpoint) ?? [];
  return { host, port: Number(port), secure: !config.endpoint?.startsWith('http:') };
}

/** BigQuery's Storage Read API: Arrow over gRPC. */
export class Storage implements Disposable {
  readonly #config: BigQueryConfig;
  readonly #identity: Identity;
  readonly #address: StorageAddress;
  #made: Client | undefined;
  #warming: NodeJS.Timeout | undefined;

  constructor(config: BigQueryConfig, identity: Identity, address: StorageAddress) {
    this.#config = config;
    this.#identity = identity;
    this.#address = address;
  }

  /**
   * Connects in a moment, for a call that is sure to come: while the answer to what was just asked is on its way. Whoever only
   * looks at tables needs no connection.
   */
  warm(): void {
    this.#warming ??= setTimeout(() => this.#client.getChannel().getConnectivityState(true), WARM_MS);
  }

  get #client(): Client {
    const { host, port } = this.#address;
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    return (this.#made ??= new Client(address, this.#channelCredentials(), CHANNEL));
  }

  /** @throws ConnectorError, `cancelled` at once when the signal aborts. */
  async open(request: SessionRequest, operation: Operation): Promise<ReadSession> {
    const { signal } = operation;
    const { project, dataset, columns, where, streams = MOST_STREAMS } = request;
    const table = `projects/${project}/datasets/${dataset}/tables/${request.table}`;
    const parent = `projects/${this.#config.billing_project ?? this.#config.project}`;
    try {
      const metadata = await this.#metadata({ 'read_session.table': table });
      throwIfAborted(signal);
      const deadline = Date.now() + this.#config.connect_timeout * 1000;
      return await new Promise<ReadSession>((resolve, reject) => {
        const call = this.#client.makeUnaryRequest(
          CREATE_READ_SESSION,
          encodeCreateReadSession,
          decodeReadSession,
          { parent, table, columns, where, streams },
          metadata,
          { deadline },
          (error, session) => {
            signal.removeEventListener('abort', cancel);
            if (error) reject(error);
            else resolve(session!);
          },
        );
        const cancel = () => call.cancel();
        signal.addEventListener('abort', cancel, { once: true });
      });
    } catch (error) {
      throw this.#explain(error, `${dataset}.${request.table}`, signal);
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
      const metadata = await this.#metadata({ read_stream: stream });
      throwIfAborted(signal);
      const call = this.#client.makeServerStreamRequest(
        READ_ROWS,
        encodeReadRows,
        decodeRows,
        { stream, offset },
        metadata,
      );
      // Neither leaving the loop nor destroying the stream tells the server; only this does.
      const cancel = () => call.cancel();
      signal.addEventListener('abort', cancel, { once: true });
      call.on('error', () => undefined); // Also after the loop has ended: a cancelled call ends with an error.
      try {
        for await (const message of call as AsyncIterable<RowsMessage>) {
          throwIfAborted(signal);
          offset += message.rows;
          failures = 0;
          if (message.rows > 0) yield message;
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

  [Symbol.dispose](): void {
    clearTimeout(this.#warming);
    this.#made?.close();
  }

  /** What goes with a call: where Google routes it to and, where the channel carries no credentials, who asks. */
  async #metadata(route: Record<string, string>): Promise<Metadata> {
    const metadata = new Metadata();
    metadata.set('x-goog-request-params', stringify(route));
    if (!this.#address.secure) {
      // gRPC sends no credentials over a channel that is not secured, which is this machine's own here.
      const authorization = new Headers(await this.#identity.client.getRequestHeaders()).get('authorization');
      if (authorization) metadata.set('authorization', authorization);
    }
    return metadata;
  }

  #channelCredentials(): ChannelCredentials {
    if (!this.#address.secure) return credentials.createInsecure();
    const { client } = this.#identity;
    const caller = credentials.createFromGoogleCredential({
      getRequestHeaders: async (url) => Object.fromEntries(new Headers(await client.getRequestHeaders(url))),
    });
    return credentials.combineChannelCredentials(credentials.createSsl(), caller);
  }

  #explain(error: unknown, table: string, signal: AbortSignal): Error {
    return toConnectorError(withReason(error), {
      config: this.#config,
      account: this.#identity.account,
      table,
      signal,
    });
  }
}

/** Adds Google's own reason, which is in the details of a status. */
function withReason(error: unknown): unknown {
  const [details] = (error as Partial<ServiceError>).metadata?.get('grpc-status-details-bin') ?? [];
  if (!Buffer.isBuffer(details)) return error;
  try {
    return Object.assign(error as ServiceError, { reason: reasonOf(details) ?? undefined });
  } catch {
    return error; // They only add to what the status says.
  }
}
