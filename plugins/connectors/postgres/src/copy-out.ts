import type { Socket } from 'node:net';
import type { Submittable } from 'pg';
import { DirectSocket, READ_BYTES } from './direct-socket.ts';

/** What of pg's connection a query gets to see. */
interface WireConnection {
  stream: Socket;
  query(text: string): void;
}
type DataListener = (chunk: Buffer) => void;

/** Takes the bytes of a COPY as they come from the socket, protocol messages and all. */
export interface CopyReceiver {
  /** Bytes that can be received now. */
  readonly room: number;
  receive(bytes: Uint8Array): void;
}

/**
 * A `COPY … TO STDOUT` for `client.query()`, whose bytes go to a receiver as they come from the socket. Nothing is read while
 * the receiver has no room, so the server is held back by TCP.
 *
 * The caller finds the end of the data, gives the rest back with {@link handBack}, and awaits {@link completed}, which rejects
 * with the server's error.
 */
export class CopyOut implements Submittable {
  readonly completed: Promise<void>;
  readonly #sql: string;
  readonly #receiver: CopyReceiver;
  #stream: Socket | null = null;
  #pgListener: DataListener | null = null;
  /** The receiver got bytes that the caller does not know of yet. */
  #isNew = false;
  #failure: { error: unknown } | null = null;
  #complete: () => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  #wake: () => void = () => undefined;
  readonly #onReadable = () => this.#wake();

  constructor(sql: string, receiver: CopyReceiver) {
    this.#sql = sql;
    this.#receiver = receiver;
    this.completed = new Promise((resolve, reject) => {
      this.#complete = resolve;
      this.#fail = reject;
    });
    // An error while data is awaited is thrown by more(); nobody may be waiting here then.
    this.completed.catch(() => undefined);
  }

  /** Called by pg when it is this statement's turn: from here on what the socket brings is ours. */
  submit(connection: unknown): void {
    const { stream } = connection as WireConnection;
    const [listener, ...others] = stream.listeners('data') as DataListener[];
    if (!listener || others.length) throw new Error('The connection is not read by pg alone.');
    this.#pgListener = listener;
    this.#stream = stream;
    if (stream instanceof DirectSocket) {
      stream.tap = (bytes) => this.#receive(bytes);
    } else {
      stream.removeListener('data', listener);
      stream.pause();
      stream.on('readable', this.#onReadable);
    }
    (connection as WireConnection).query(this.#sql);
    this.#wake();
  }

  /** Resolves when the receiver got more than it had at the last call. Throws when the connection is lost. */
  async more(): Promise<void> {
    for (;;) {
      if (this.#failure) throw this.#failure.error;
      this.#pull();
      if (this.#isNew) break;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    this.#isNew = false;
  }

  /** Gives the socket back to pg, with what was read beyond the data: the end of the statement, or an error. */
  handBack(rest: Buffer): void {
    const stream = this.#stream!;
    const listener = this.#pgListener!;
    if (stream instanceof DirectSocket) {
      stream.tap = null;
    } else {
      stream.removeListener('readable', this.#onReadable);
      stream.on('data', listener);
    }
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

  /** False: there may be no room for what the next read brings. */
  #receive(bytes: Uint8Array): boolean {
    this.#receiver.receive(bytes);
    this.#isNew = true;
    this.#wake();
    return this.#receiver.room >= READ_BYTES;
  }

  #pull(): void {
    const stream = this.#stream;
    if (stream === null) return;
    if (stream instanceof DirectSocket) {
      if (this.#receiver.room >= READ_BYTES) stream.resume();
      return;
    }
    // TLS: its socket has its own buffers. A read without a size asks for more where nothing is there.
    const size = Math.min(stream.readableLength, this.#receiver.room);
    const chunk = stream.read(size === 0 ? undefined : size) as Buffer | null;
    if (chunk) this.#receive(chunk);
  }
}
