import type { ColumnType, ConnectorHost, ConnectorPlugin, ObjectStore, Progress } from '@kalla/core';

/** A source whose connector is loaded and whose configuration is validated. */
export interface TaskSource {
  alias: string;
  /** Connector id. */
  type: string;
  connector: { package: string; version: string };
  plugin: ConnectorPlugin;
  config: unknown;
  /** True where it is a file, which the engine mostly reads by itself. */
  readsFiles?: boolean;
  table?: string;
  /** Without secrets; for messages and the manifest. */
  publicUri: string;
  filename?: string;
  expectedColumns?: string[];
  /** Types that the recipe was made with; see `ReadRequest.types`. */
  columnTypes?: Record<string, ColumnType>;
  sha256?: string;
}

/** What a task has besides its sources. One task runs in one child process. */
export interface TaskContext {
  signal: AbortSignal;
  /** An empty folder of the task's own, deleted after it. */
  scratchDir: string;
  store: ObjectStore;
  host: ConnectorHost;
  onProgress(progress: Progress): void;
  limits: TaskLimits;
}

export interface TaskLimits {
  /** DuckDB memory, bytes. */
  memoryBytes: number;
  /** Wall-clock seconds of one match. */
  matchSeconds: number;
  /** Pairs of candidate rows above which a rule is refused. */
  maxPairs: bigint;
  threads: number;
}
