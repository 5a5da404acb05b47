import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { localStore } from '@kalla/object-store';
import type { TaskOutput } from '../measure.ts';
import { connectorOf, fileConfig, localHost } from './connectors.ts';
import { parseEnv, stageSource, type TaskContext } from './worker.ts';

/** What a task of the worker has besides its sources, with the limits that a worker has by default. */
export function taskContext(scratchDir: string): TaskContext {
  const env = parseEnv({});
  return {
    signal: new AbortController().signal,
    scratchDir,
    store: localStore(join(scratchDir, 'store')),
    host: localHost(scratchDir),
    onProgress() {},
    limits: {
      memoryBytes: env.memoryBytes,
      matchSeconds: env.matchSeconds,
      // As in the worker: above this many candidate pairs a rule is refused.
      maxPairs: 20_000_000_000n,
      threads: env.threads,
    },
  };
}

export interface DescribeInput {
  type: string;
  /** A file. */
  path?: string;
  /** A server. */
  uri?: string;
  scratchDir: string;
}

/** Looks at a source as an upload or a set-up does: types, keys, number of rows. */
export async function describe(input: DescribeInput): Promise<TaskOutput> {
  const { plugin } = await connectorOf(input.type);
  const given = input.path
    ? { config: fileConfig(plugin, input.path), table: undefined }
    : plugin.fromUri(input.uri ?? '');
  const start = performance.now();
  await using connection = await plugin.open(given.config, localHost(input.scratchDir));
  const found = await connection.describe(given.table, { signal: new AbortController().signal });
  return {
    ms: performance.now() - start,
    rowCount: found.rowCount,
    columns: found.columns.map(({ name, type }) => ({ name, type })),
    config: found.pinnedConfig ?? given.config,
    table: given.table,
  };
}

export interface StageInput {
  type: string;
  config: unknown;
  table?: string;
  target: string;
  scratchDir: string;
}

/** Stages one source with the worker's code, as a job does. */
export async function stage(input: StageInput): Promise<TaskOutput> {
  const { plugin, readsFiles, ...connector } = await connectorOf(input.type);
  const config = plugin.config.parse(input.config);
  const context = taskContext(input.scratchDir);
  const start = performance.now();
  const staged = await stageSource(
    {
      alias: 'invoices',
      type: input.type,
      connector,
      plugin,
      config,
      readsFiles,
      publicUri: plugin.toUri(config, input.table),
      ...(input.table === undefined ? {} : { table: input.table }),
    },
    input.target,
    context,
  );
  return { ms: performance.now() - start, rows: staged.rows, path: staged.path };
}
