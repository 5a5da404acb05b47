import type { SinkColumn } from './column-layout.ts';
import type { FlatBatch } from './flat-batch.ts';
import type { StringPath } from './fill-vector.ts';

/** What the sink thread is started with. */
export interface SinkThreadData {
  /** Parquet file to write. */
  target: string;
  memoryBytes: number;
  tempDir: string;
  /** One 32-bit word that counts the messages sent to the thread; it sleeps on it. */
  signal: SharedArrayBuffer;
  /** Forces a path; where absent the fast one is used if its self-test passes. */
  strings?: StringPath;
}

/** To the thread. `begin` is the first, and after `end` or `abort` nothing more is sent. */
export type ToSink =
  { kind: 'begin'; columns: SinkColumn[] } | { kind: 'batch'; batch: FlatBatch } | { kind: 'end' } | { kind: 'abort' };

/**
 * From the thread. `taken` once for each batch whose rows are all handed over, with its memory, to be used again; the last
 * message is `done` or `failed`.
 */
export type FromSink =
  | { kind: 'taken'; buffer: ArrayBuffer }
  | { kind: 'done'; rows: number; strings: StringPath }
  | { kind: 'failed'; message: string };
