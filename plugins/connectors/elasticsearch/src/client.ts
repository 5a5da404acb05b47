import { gunzipSync, inflateSync } from 'node:zlib';
import { Client, SniffingTransport, type ClientOptions } from '@elastic/elasticsearch';
import { ConnectorError, throwIfAborted, type Operation } from '@kalla/core';
import type { ElasticsearchConfig } from './config.ts';
import { toConnectorError, type ErrorContext } from './errors.ts';
import { GrowingBytes } from './growing-bytes.ts';
import { notElasticsearch } from './product.ts';
import { addressOf, isCloudId } from './server-address.ts';

/** Plain JSON: "compatible-with" is refused by servers of another major version, and what is read here is the same in 8 and 9. */
const JSON_HEADERS = { accept: 'application/json', 'content-type': 'application/json' };
/** The most that is read of an answer: a page of rows is planned to be far smaller. */
export const ANSWER_LIMIT = 256 * 2 ** 20;

/** The client checks the product only where a call succeeds; here every answer is looked at, and its words kept. */
class PlainTransport extends SniffingTransport {
  constructor(options: ConstructorParameters<typeof SniffingTransport>[0]) {
    super({ ...options, productCheck: undefined, vendoredHeaders: undefined });
  }
}

export interface Request {
  method: 'GET' | 'POST' | 'DELETE';
  /** Starts with a slash; names in it are encoded. */
  path: string;
  query?: Record<string, string | number | boolean>;
  body?: string;
  /** Statuses that are answers rather than errors. */
  accept?: readonly number[];
  /** Table at hand, for the sentence of an error. */
  table?: string;
  /** Milliseconds; the configured ones where absent. */
  timeoutMs?: number;
  /** The most bytes of the answer; above it {@link AnswerTooLarge} is thrown. */
  limit?: number;
  /** Where the answer's bytes are put, in place of memory of their own. */
  memory?: GrowingBytes;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** An answer of more bytes than was asked for. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/** One server, spoken to in plain JSON; the bytes of each answer are kept as they are, so that no number in them is rounded. */
export class Server implements AsyncDisposable {
  readonly address: string;
  readonly #client: Client;
  #isKnown = false;

  constructor(readonly config: ElasticsearchConfig) {
    this.address = addressOf(config.server);
    const { auth, ca } = config;
    const credentials: ClientOptions['auth'] | undefined =
      auth.kind === 'api_key'
        ? { apiKey: auth.api_key }
        : auth.kind === 'basic'
          ? { username: auth.user, password: auth.password }
          : undefined;
    this.#client = new Client({
      node: this.address,
      ...(credentials ? { auth: credentials } : {}),
      tls: ca ? { ca } : {},
      requestTimeout: config.timeout * 1000,
      maxRetries: 0,
      // Rows over the internet shrink to a fifth; inside one network the time it takes is worth more.
      compression: isCloudId(config.server),
      Transport: PlainTransport,
    } as ClientOptions);
  }

  /** Sends a request and gives its answer, whose status is a success or one of `accept`. Throws `ConnectorError`. */
  async send(request: Request, operation: Operation): Promise<Answer> {
    throwIfAborted(operation.signal);
    const context: ErrorContext = {
      config: this.config,
      address: this.address,
      ...(request.table ? { table: request.table } : {}),
      signal: operation.signal,
    };
    let answer: Answer;
    try {
      answer = await this.#exchange(request, operation.signal);
    } catch (error) {
      if (error instanceof AnswerTooLarge && !operation.signal.aborted) throw error;
      throw toConnectorError(error, context);
    }
    // Some refusals of Elasticsearch do not say its name; by then it has introduced itself.
    const other = this.#isKnown && answer.status >= 400 ? null : notElasticsearch(answer, this.address);
    if (other) throw other;
    this.#isKnown = true;
    if (answer.status < 300 || request.accept?.includes(answer.status)) return answer;
    throw toConnectorError(answer, context);
  }

  /** The same, with the answer's JSON. For what holds no cell of a document: numbers of more than 15 digits are rounded in it. */
  async json<T>(request: Request, operation: Operation): Promise<T> {
    const { body } = await this.send(request, operation);
    try {
      return JSON.parse(body.toString('utf8')) as T;
    } catch (error) {
      throw new ConnectorError('transient', `${this.address} sent an answer that broke off.`, {
        hint: 'Try again; if it happens again, ask the operator of the server.',
        cause: error,
      });
    }
  }

  async #exchange(request: Request, signal: AbortSignal): Promise<Answer> {
    const { method, path, query, body, timeoutMs } = request;
    const result = await this.#client.transport.request(
      { method, path, ...(query ? { querystring: query } : {}), ...(body === undefined ? {} : { body }) },
      {
        asStream: true,
        meta: true,
        signal,
        headers: JSON_HEADERS,
        ...(timeoutMs === undefined ? {} : { requestTimeout: timeoutMs }),
      },
    );
    const headers = result.headers as Answer['headers'];
    const stream = result.body as unknown as AsyncIterable<Buffer> & { destroy(): void };
    return {
      status: result.statusCode ?? 0,
      headers,
      body: decompress(await collect(stream, request, signal), headers),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }
}

async function collect(
  stream: AsyncIterable<Buffer> & { destroy(): void },
  { limit = ANSWER_LIMIT, memory = new GrowingBytes() }: Pick<Request, 'limit' | 'memory'>,
  signal: AbortSignal,
): Promise<Buffer> {
  memory.clear();
  // The client forgets the signal once the headers are there.
  const stop = () => stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream) {
      if (memory.size + chunk.length > limit) throw new AnswerTooLarge(`more than ${limit} bytes`);
      memory.append(chunk);
    }
    throwIfAborted(signal);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return memory.bytes();
}

function decompress(body: Buffer, headers: Answer['headers']): Buffer {
  const encoding = String(headers['content-encoding'] ?? '');
  if (encoding.includes('gzip')) return gunzipSync(body, { maxOutputLength: ANSWER_LIMIT });
  return encoding.includes('deflate') ? inflateSync(body, { maxOutputLength: ANSWER_LIMIT }) : body;
}
