import { Worker } from 'node:worker_threads';
import { ConnectorError, type Batch, type ColumnInfo } from '@kalla/core';
import { sinkColumn } from './column-layout.ts';
import { BatchFlattener } from './flat-batch.ts';
import type { StringPath } from './fill-vector.ts';
import type { FromSink, SinkThreadData, ToSink } from './messages.ts';
import { sinkThreadFile } from './thread-file.ts';

export interface ArrowSinkOptions {
  /** For messages. */
  alias: string;
  /** Parquet file to write; an old one is replaced. */
  target: string;
  memoryBytes: number;
  tempDir: string;
  strings?: StringPath;
}

/** Batches on their way to the thread at once; with 65,536 rows of ordinary width each this is some 30 MB. */
const WINDOW = 4;
/** More of them where they are small: some servers send 1 MB at a time. */
const WINDOW_BYTES = 16_000_000;

/**
 * Writes Arrow batches into one Parquet file (zstd) on a thread of its own, with backpressure. The thread needs a third of a
 * second until it can write, so a sink may be made before it is known what goes into it.
 *
 * @example
 * await using sink = new ArrowSink({ alias, target, memoryBytes, tempDir });
 * sink.begin(columns);
 * for await (const batch of batches) await sink.write(batch);
 * const { rows } = await sink.finish();
 */
export class ArrowSink implements AsyncDisposable {
  private readonly worker: Worker;
  private readonly counter: Int32Array;
  private flattener: BatchFlattener | undefined;
  private readonly outcome: Promise<{ rows: number; strings: StringPath }>;
  private readonly exited: Promise<void>;
  private underway = 0;
  private underwayBytes = 0;
  private failure: Error | undefined;
  private ended = false;
  private waiting: (() => void)[] = [];

  constructor(private readonly options: ArrowSinkOptions) {
    const { alias, target, memoryBytes, tempDir, strings } = options;
    const signal = new SharedArrayBuffer(4);
    this.counter = new Int32Array(signal);
    const { url, execArgv } = sinkThreadFile();
    const workerData: SinkThreadData = {
      target,
      memoryBytes,
      tempDir,
      signal,
      strings,
    };
    this.worker = new Worker(url, { workerData, execArgv, name: `sink ${alias}` });
    this.outcome = new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        this.failure ??= error;
        this.wake();
        reject(this.failure);
      };
      this.worker.on('message', (message: FromSink) => {
        if (message.kind === 'taken') {
          this.underway--;
          this.underwayBytes -= message.buffer.byteLength;
          this.flattener?.giveBack(message.buffer);
          this.wake();
        } else if (message.kind === 'done') resolve(message);
        else fail(new Error(message.message));
      });
      this.worker.on('error', fail);
      this.worker.on('exit', (code) => fail(new Error(`The sink of "${alias}" ended early (code ${code}).`)));
    });
    this.exited = new Promise((resolve) => this.worker.once('exit', () => resolve()));
    // A failure is seen by the next write or by finish; until then it is no unhandled rejection.
    this.outcome.catch(() => undefined);
  }

  /** The Parquet file. */
  get target(): string {
    return this.options.target;
  }

  /** Says what is written. Once, before the first batch. */
  begin(columns: readonly ColumnInfo[]): void {
    this.flattener = new BatchFlattener(columns, this.options.alias);
    this.send({ kind: 'begin', columns: columns.map(sinkColumn) });
  }

  /** Resolves once there is room for another batch. Throws what made the sink fail. */
  async write(batch: Batch): Promise<void> {
    if (!this.flattener) throw new Error('A sink that was not begun.');
    if (batch.numRows === 0) return;
    const flat = this.flattener.flatten(batch);
    while (this.underway >= WINDOW && this.underwayBytes >= WINDOW_BYTES && !this.failure) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    if (this.failure) throw this.failure;
    this.underway++;
    this.underwayBytes += flat.buffer.byteLength;
    this.send({ kind: 'batch', batch: flat }, [flat.buffer]);
  }

  /** Waits until the file is complete. */
  async finish(): Promise<{ rows: number; strings: StringPath }> {
    if (!this.ended) this.send({ kind: 'end' });
    this.ended = true;
    return this.outcome;
  }

  /** Every waiting writer looks again; those for whom there is no room yet wait once more. */
  private wake(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }

  private send(message: ToSink, transfer: ArrayBuffer[] = []): void {
    this.worker.postMessage(message, transfer);
    Atomics.add(this.counter, 0, 1);
    Atomics.notify(this.counter, 0);
  }

  /** Ends the thread; unless `finish` was called the file is not complete and the caller removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.ended) {
      this.ended = true;
      this.failure ??= new ConnectorError('cancelled', 'The work was cancelled.');
      this.send({ kind: 'abort' });
    }
    // Never `terminate()`: where DuckDB is just calling into JavaScript, that ends the whole process ("terminate called
    // after throwing an instance of 'Napi::Error'"). The thread ends by itself after its last message.
    await this.exited;
  }
}
