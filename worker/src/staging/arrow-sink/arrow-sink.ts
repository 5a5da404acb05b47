import { Worker } from 'node:worker_threads';
import { ConnectorError, type Batch, type ColumnInfo } from '@kalla/core';
import { BatchFlattener } from './flat-batch.ts';
import type { StringPath } from './fill-vector.ts';
import type { FromSink, SinkThreadData, ToSink } from './messages.ts';
import { sinkThreadFile } from './thread-file.ts';

export interface ArrowSinkOptions {
  /** For messages. */
  alias: string;
  columns: ColumnInfo[];
  /** Parquet file to write; an old one is replaced. */
  target: string;
  memoryBytes: number;
  tempDir: string;
  strings?: StringPath;
}

/** Batches on their way to the thread at once; with 65,536 rows of ordinary width each this is some 30 MB. */
const WINDOW = 4;

/**
 * Writes Arrow batches into one Parquet file (zstd) on a thread of its own, with backpressure.
 *
 * @example
 * await using sink = new ArrowSink({ alias, columns, target, memoryBytes, tempDir });
 * for await (const batch of batches) await sink.write(batch);
 * const { rows } = await sink.finish();
 */
export class ArrowSink implements AsyncDisposable {
  private readonly worker: Worker;
  private readonly counter: Int32Array;
  private readonly flattener: BatchFlattener;
  private readonly outcome: Promise<{ rows: number; strings: StringPath }>;
  private readonly exited: Promise<void>;
  private underway = 0;
  private failure: Error | undefined;
  private ended = false;
  private waiting: (() => void)[] = [];

  constructor(options: ArrowSinkOptions) {
    const { alias, columns, target, memoryBytes, tempDir, strings } = options;
    this.flattener = new BatchFlattener(columns, alias);
    const signal = new SharedArrayBuffer(4);
    this.counter = new Int32Array(signal);
    const { url, execArgv } = sinkThreadFile();
    const workerData: SinkThreadData = {
      columns: columns.map(({ name, type }) => ({ name, type })),
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
          this.flattener.giveBack(message.buffer);
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

  /** Resolves once there is room for another batch. Throws what made the sink fail. */
  async write(batch: Batch): Promise<void> {
    if (batch.numRows === 0) return;
    const flat = this.flattener.flatten(batch);
    while (this.underway >= WINDOW && !this.failure) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    if (this.failure) throw this.failure;
    this.underway++;
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
