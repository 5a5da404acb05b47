import type { Socket } from 'node:net';
import type { Submittable } from 'pg';

/** What of pg's connection a query gets to see. */
interface WireConnection {
  stream: Socket;
  query(text: string): void;
}
type DataListener = (chunk: Buffer) => void;

/**
 * A `COPY … TO STDOUT` for `client.query()`, whose bytes are pulled as they come from the socket, protocol messages and all.
 * Nothing is read ahead while nobody pulls, so the server is held back by TCP.
 *
 * The caller finds the end of the data (see `CopyFrames`), gives the rest back with {@link handBack}, and awaits
 * {@link completed}, which rejects with the server's error.
 */
export class CopyOut implements Submittable {
  readonly completed: Promise<void>;
  readonly #sql: string;
  #stream: Socket | null = null;
  #pgListener: DataListener | null = null;
  #failure: { error: unknown } | null = null;
  #complete: () => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  #wake: () => void = () => undefined;
  readonly #onReadable = () => this.#wake();

  constructor(sql: string) {
    this.#sql = sql;
    this.completed = new Promise((resolve, reject) => {
      this.#complete = resolve;
      this.#fail = reject;
    });
    // An error while data is pulled is thrown by chunks(); nobody may be waiting here then.
    this.completed.catch(() => undefined);
  }

  /** Called by pg when it is this statement's turn: from here on the socket is ours. */
  submit(connection: unknown): void {
    const { stream } = connection as WireConnection;
    const [listener, ...others] = stream.listeners('data') as DataListener[];
    if (!listener || others.length) throw new Error('The connection is not read by pg alone.');
    stream.removeListener('data', listener);
    stream.pause();
    this.#pgListener = listener;
    this.#stream = stream;
    stream.on('readable', this.#onReadable);
    (connection as WireConnection).query(this.#sql);
    this.#wake();
  }

  /** The chunks of the socket, one when asked. Ends only by `return` of the caller; throws when the connection is lost. */
  async *chunks(): AsyncGenerator<Buffer, void, void> {
    for (;;) {
      if (this.#failure) throw this.#failure.error;
      const chunk = this.#stream?.read() as Buffer | null | undefined;
      if (chunk) yield chunk;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Gives the socket back to pg, with what was read beyond the data: the end of the statement, or an error. */
  handBack(rest: Buffer): void {
    const stream = this.#stream!;
    const listener = this.#pgListener!;
    stream.removeListener('readable', this.#onReadable);
    stream.on('data', listener);
    listener(rest);
    // Removing the last "readable" listener pauses the stream a tick later; it has to flow again after that.
    process.nextTick(() => stream.resume());
  }

  handleError(error: unknown): void {
    this.#failure = { error };
    this.#fail(error);
    this.#wake();
  }

  handleReadyForQuery(): void {
    this.#complete();
  }

  handleCommandComplete(): void {
    // The number of rows; the trailer of the data has already said that they are all there.
  }
}
