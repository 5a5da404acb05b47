import type { RecordBatch, Schema } from 'apache-arrow';
import type { ZodType } from 'zod';
import type { ColumnInfo, Note, RowFilter } from './column.ts';
import type { ColumnType } from './column-type.ts';

/** The connector API version that this package describes. A plugin declares the version it was written for. */
export const CONNECTOR_API_VERSION = 1;

/**
 * The default export of a connector's entry module.
 *
 * A connector never keeps state outside the connections it opens, never prints, and throws only `ConnectorError`.
 */
export interface ConnectorPlugin<C = unknown> {
  readonly apiVersion: typeof CONNECTOR_API_VERSION;
  /** Validates a configuration. Secret fields carry `.meta({ writeOnly: true })`; the published JSON Schema is made from it. */
  readonly config: ZodType<C>;
  /** Reads a connection string of one of the manifest's schemes, or the URI of a file with one of its extensions. Throws `config` errors. */
  fromUri(uri: string): { config: C; table?: string };
  /** The same in the other direction, without any secret: what may be shown, stored in a recipe and logged. */
  toUri(config: C, table?: string): string;
  /** Opens lazily: nothing has to be reached before the first call on the connection. */
  open(config: C, host: ConnectorHost): Promise<Connection>;
}

/** What the worker offers to a connector. */
export interface ConnectorHost {
  /** An empty folder that is the connection's own and is deleted after it. */
  readonly scratchDir: string;
  /**
   * Brings the file behind a URI to this machine's disk and returns its path. The worker decides what may be read:
   * uploads, folders the operator allows, https addresses that are public. Throws `permission`, `not-found`, `unreachable`.
   */
  localFile(uri: string, operation: Operation): Promise<LocalFile>;
  /**
   * The largest file that is read, in bytes. `localFile` holds to it; a connector that unpacks a file holds what comes out
   * to it too. Absent: no limit.
   */
  readonly maxFileBytes?: number;
  readonly log: ConnectorLog;
}

export interface LocalFile {
  /** Absolute path. Read-only for the connector. */
  readonly path: string;
  /** The name people know the file by, for messages. */
  readonly name: string;
  readonly bytes: number;
}

/** Structured log of the worker. Never pass a secret or a cell. */
export interface ConnectorLog {
  debug(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

/** Every asynchronous call takes one. When the signal aborts, the call stops the work on the server too and throws `cancelled`. */
export interface Operation {
  readonly signal: AbortSignal;
  /**
   * Told now and then how much is done, 0 to 1, by a call that has to read long before it can answer: `plan` of a workbook
   * reads its whole sheet, `describe` of a file every cell. It costs next to nothing, may be called often, and throws nothing.
   */
  readonly onProgress?: (share: number) => void;
}

export const checkStepNames = ['reach', 'authenticate', 'authorise', 'read'] as const;
export type CheckStepName = (typeof checkStepNames)[number];

/** One step of a connection check, in the order of `checkStepNames`; after the first failure no further step is yielded. */
export interface CheckStep {
  step: CheckStepName;
  ok: boolean;
  /** Duration of this step in milliseconds. */
  ms: number;
  /** A sentence: what was found, or the likely cause. */
  message: string;
  /** The next action after a failure. */
  hint?: string;
}

export interface TableQuery {
  /** Part of a name, case-insensitive. */
  q?: string;
  /** From the previous page. */
  cursor?: string;
  /** At most this many; 100 where absent. */
  limit?: number;
}

export interface Page<T> {
  items: T[];
  /** Cursor of the next page, or null at the end. */
  next: string | null;
}

export interface TableRef {
  /** What goes into `table` of a source, for example `public.invoices`. */
  id: string;
  /** What a person reads. */
  name: string;
  kind: 'table' | 'view' | 'materialized-view' | 'foreign-table' | 'file' | 'sheet' | 'index' | 'data-stream';
  /** The source's own estimate. */
  rowEstimate?: number | null;
}

export interface TableInfo {
  table: TableRef;
  /** Every column, in order; known before any row is read, also for an empty table. */
  columns: ColumnInfo[];
  /** Declared primary key, or null. */
  primaryKey: string[] | null;
  /** Column sets whose values are unique and never NULL over the whole table, best first; empty where that was not looked at. */
  keyCandidates: string[][];
  /** Exact where the whole source was read, else null. */
  rowCount: number | null;
  /** What reading all of it comes to, as the source itself says before anything is read; absent where it does not. */
  estimate?: { rows: number | null; bytes: number | null };
  /** One for every lossy or textual type mapping, every line left out, every ambiguity. */
  notes: Note[];
  /**
   * Configuration with everything that was detected written down, so that a later read types every column as shown here.
   * Absent where the given configuration says it all.
   */
  pinnedConfig?: unknown;
}

export interface ReadRequest {
  /** Absent for a source with exactly one table. */
  table?: string;
  /** All where absent. */
  columns?: string[];
  filter?: RowFilter[];
  /**
   * At most this many rows, for previews; all where absent. It counts the rows that `filter` keeps: a plan with a `residual` is
   * without a limit, since the reader still drops rows.
   */
  limit?: number;
  /**
   * Types in which the reader would like columns whose source has none, such as those of a text file: `text` is always given,
   * another one only where every cell survives it. `ReadPlan.columns` says what they are. Sources with types of their own
   * leave it aside.
   */
  types?: Readonly<Record<string, ColumnType>>;
}

/** An opaque part of the read that can be read on its own; splits are disjoint and together are the whole. */
export interface Split {
  id: string;
}

/**
 * A read that DuckDB does itself at full speed, for file formats.
 *
 * `sql` is one SELECT that reads only `paths` and yields exactly `columns` in file order. It must prove each cell: a cell
 * that does not survive the round trip from its text raises DuckDB's `error()` with text that `explain` understands.
 */
export interface FileScan {
  format: 'csv' | 'parquet';
  /** Absolute paths that the SELECT reads. */
  paths: string[];
  sql: string;
  /** For `parquet`: the file can be used where it lies, no staging copy is needed, when `sql` renames and casts nothing. */
  inPlace?: boolean;
  /** DuckDB settings that the SELECT relies on, for example `{ preserve_insertion_order: 'true' }`. */
  settings?: Record<string, string>;
}

export interface ReadPlan {
  columns: ColumnInfo[];
  /** Conditions that the source does not apply; the caller has to. */
  residual: RowFilter[];
  splits: Split[];
  estimate: { rows: number | null; bytes: number | null };
  /** True where all splits see the same moment. */
  snapshot: boolean;
  notes: Note[];
  /** Where present the worker may use it in place of `read`; `read` stays the compatible path. */
  scan?: FileScan;
}

/** Arrow record batches whose schema is `arrowSchemaOf(plan.columns)`. */
export type Batch = RecordBatch;
export type BatchSchema = Schema;

export interface Connection extends AsyncDisposable {
  check(operation: Operation): AsyncIterable<CheckStep>;
  listTables(query: TableQuery, operation: Operation): Promise<Page<TableRef>>;
  describe(table: string | undefined, operation: Operation): Promise<TableInfo>;
  plan(request: ReadRequest, operation: Operation): Promise<ReadPlan>;
  /** Pull-based: nothing is read ahead without bound. Abort or `return()` stops the query on the server. */
  read(plan: ReadPlan, split: Split, operation: Operation): AsyncIterable<Batch>;
  /** Turns an engine error of this plan's `scan` into a `ConnectorError` that names file, line, column and cell; null if it is not about the scan. */
  explain?(plan: ReadPlan, engineMessage: string, operation: Operation): Promise<Error | null>;
}
