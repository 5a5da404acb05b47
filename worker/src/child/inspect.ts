import {
  checkStepNames,
  ConnectorError,
  ProblemError,
  problemOf,
  type CheckStep,
  type Connection,
  type ConnectorHost,
  type Description,
  type Operation,
  type TableRef,
} from '@kalla/core';
import { isDiskFull, isOutOfMemory } from '../engine/engine-error.ts';
import { probeFile, publicUrl } from '../files/http-file.ts';
import type { TaskSource } from '../task-contract.ts';

async function opened<T>(
  source: TaskSource,
  host: ConnectorHost,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  try {
    await using connection = await source.plugin.open(source.config, host);
    return await use(connection);
  } catch (error) {
    throw ofThisMachine(error, source);
  }
}

/** What this machine lacks is said in words: a file is unpacked and looked through on its disk and in its memory. */
export function ofThisMachine(error: unknown, { filename }: Pick<TaskSource, 'filename'>): unknown {
  const what = filename ?? 'The source';
  if (error instanceof ProblemError || ConnectorError.is(error)) return error;
  if (isDiskFull(error)) {
    const sentence = `${what} could not be read: the worker's disk is full. Free some space and try again.`;
    return new ProblemError('disk-full', sentence, undefined, error);
  }
  if (isOutOfMemory(error)) {
    const sentence = `${what} needs more memory to be looked through than the worker allows. Leave out columns that are not compared, and try again.`;
    return new ProblemError('out-of-memory', sentence, undefined, error);
  }
  return error;
}

export async function listTables(
  source: TaskSource,
  query: { q?: string; cursor?: string; limit?: number },
  host: ConnectorHost,
  operation: Operation,
): Promise<{ tables: TableRef[]; next: string | null }> {
  const page = await opened(source, host, (connection) => connection.listTables(query, operation));
  return { tables: page.items, next: page.next };
}

export async function describeSource(
  source: TaskSource,
  host: ConnectorHost,
  operation: Operation,
): Promise<Description> {
  const info = await opened(source, host, (connection) => connection.describe(source.table, operation));
  return {
    type: source.type,
    connector: source.connector,
    columns: info.columns,
    primary_key: info.primaryKey,
    key_candidates: info.keyCandidates,
    row_count: info.rowCount,
    ...(info.estimate ? { estimate: info.estimate } : {}),
    notes: info.notes,
    pinned_config: info.pinnedConfig ?? source.config,
  };
}

export interface CheckOptions {
  /** Where the source is a file on the web: its address. */
  webUri?: string;
  /** Stop after this step. */
  until?: 'reach';
  allowPrivateUrls: boolean;
  maxBytes: number;
}

/**
 * Checks a source step by step. A file on the web is asked for before it is downloaded, so that a dead address is known at
 * once. A source that names its table is read from that very table. An error that a connector throws instead of yielding
 * becomes the failed step that was next.
 */
export async function* checkSource(
  source: TaskSource,
  host: ConnectorHost,
  options: CheckOptions,
  operation: Operation,
): AsyncGenerator<CheckStep> {
  let done = 0;
  let began = performance.now();
  const probed = options.webUri !== undefined;
  try {
    if (options.webUri !== undefined) {
      yield await reach(options.webUri, options, operation);
      done = 1;
      if (options.until === 'reach') return;
    }
    began = performance.now();
    await using connection = await source.plugin.open(source.config, host);
    let read: CheckStep | undefined;
    for await (const step of connection.check(operation)) {
      if (probed && step.step === 'reach' && step.ok) continue;
      // A connector tries any table that may be read. Where the source names its own, that one has to be read.
      if (step.step === 'read' && step.ok && source.table !== undefined) {
        read = step;
        break;
      }
      yield step;
      if (!step.ok) return;
      done = checkStepNames.indexOf(step.step) + 1;
      if (options.until === step.step) return;
      began = performance.now();
    }
    if (source.table === undefined) return;
    const message =
      (await readOne(connection, source.table, operation)) ?? read?.message ?? `${source.table} can be read.`;
    yield { step: 'read', ok: true, ms: Math.round(performance.now() - began), message };
  } catch (thrown) {
    if (operation.signal.aborted) throw thrown;
    const error = ofThisMachine(thrown, source);
    const found = problemOf(error);
    if (found.status >= 500) throw error; // Not a finding about the source but a fault of ours: it goes to the log.
    yield {
      step: checkStepNames[Math.min(done, checkStepNames.length - 1)]!,
      ok: false,
      ms: Math.round(performance.now() - began),
      message: ConnectorError.is(error) ? error.message : found.detail,
      ...(ConnectorError.is(error) && error.hint ? { hint: error.hint } : {}),
    };
  }
}

/**
 * Reads one row of a table and says so; throws what the connector throws where there is no such table, or no right to it. Undefined
 * where the engine would read it from files, which are there once the read is planned.
 */
async function readOne(connection: Connection, table: string, operation: Operation): Promise<string | undefined> {
  const plan = await connection.plan({ table, limit: 1 }, operation);
  if (plan.scan) return undefined;
  for (const split of plan.splits) {
    for await (const batch of connection.read(plan, split, operation)) {
      if (batch.numRows > 0) return `A row of ${table} was read.`;
    }
  }
  return `${table} was read; it has no rows that can be seen.`;
}

async function reach(uri: string, options: CheckOptions, operation: Operation): Promise<CheckStep> {
  const began = performance.now();
  const { bytes } = await probeFile(uri, {
    signal: operation.signal,
    allowPrivate: options.allowPrivateUrls,
    maxBytes: options.maxBytes,
  });
  const size = bytes === null ? 'of a size that it does not tell' : `of ${bytes} bytes`;
  return {
    step: 'reach',
    ok: true,
    ms: Math.round(performance.now() - began),
    message: `The server of ${publicUrl(uri)} answers with a file ${size}.`,
  };
}
