import path from 'node:path';
import { throwIfAborted, type Connection, type ReadPlan, type Split } from '@kalla/core';
import type { StagedSource } from '../engine/staged-source.ts';
import type { TaskContext, TaskSource } from '../task-contract.ts';
import { ArrowSink } from './arrow-sink/arrow-sink.ts';
import type { StagingProgress } from './staging-progress.ts';

/** Splits read at the same time. A connector whose rows have an order that matters plans a single split. */
const READERS = 2;

/** The sink for a source, to be begun when its read is planned. */
export function sinkFor(source: TaskSource, target: string, { limits, scratchDir }: TaskContext): ArrowSink {
  return new ArrowSink({
    alias: source.alias,
    target,
    memoryBytes: limits.memoryBytes / 4,
    tempDir: path.join(scratchDir, `sink-${source.alias}`),
  });
}

/** Reads a plan's splits as Arrow batches and writes them through the sink, which ends with it. */
export async function stageBatches(
  source: TaskSource,
  connection: Connection,
  plan: ReadPlan,
  to: ArrowSink,
  context: TaskContext,
  progress: StagingProgress,
  options: { limit?: number },
): Promise<StagedSource> {
  const { signal } = context;
  // One reader's failure ends the others' queries too.
  const stop = new AbortController();
  const combined = AbortSignal.any([signal, stop.signal]);
  let left = options.limit ?? Infinity;
  await using sink = to;
  sink.begin(plan.columns);
  const pending: Split[] = [...plan.splits];
  const readAll = async () => {
    for (let split = pending.shift(); split && left > 0; split = pending.shift()) {
      for await (const batch of connection.read(plan, split, { signal: combined })) {
        throwIfAborted(signal);
        const part = batch.numRows > left ? batch.slice(0, left) : batch;
        left -= part.numRows;
        await sink.write(part);
        progress.addRows(part.numRows);
        if (left <= 0) break;
      }
    }
  };
  const readers = Array.from({ length: Math.min(READERS, pending.length) }, () =>
    readAll().catch((error: unknown) => {
      stop.abort();
      throw error;
    }),
  );
  const outcomes = await Promise.allSettled(readers);
  // The first reader to fail is the cause; the others only say that they were cancelled because of it.
  const failed = outcomes
    .filter((outcome) => outcome.status === 'rejected')
    .map((outcome) => outcome.reason as unknown);
  if (failed.length > 0) throw failed.find((error) => (error as { kind?: string }).kind !== 'cancelled') ?? failed[0];
  throwIfAborted(signal);
  const { rows } = await sink.finish();
  return { alias: source.alias, path: sink.target, columns: plan.columns, rows, notes: plan.notes, inPlace: false };
}
