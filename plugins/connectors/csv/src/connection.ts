import {
  ConnectorError,
  throwIfAborted,
  type Batch,
  type CheckStep,
  type Connection,
  type ConnectorHost,
  type Note,
  type Operation,
  type Page,
  type ReadPlan,
  type ReadRequest,
  type Split,
  type TableInfo,
  type TableQuery,
  type TableRef,
  columnsInstead,
  quotedNames,
} from '@kalla/core';
import {
  checkFile,
  Engine,
  filenameOf,
  keyCandidates,
  partOf,
  pinnedNotes,
  profile,
  provingSelect,
  readBatches,
  withWantedTypes,
  type PinnedColumn,
  type Profile,
} from '@kalla/files';
import type { CsvConfig, Pinned } from './config.ts';
import { isLayoutMessage } from './errors.ts';
import { explainScan, refuseMisfits, unreadable } from './explain.ts';
import { throwFaults } from './locate.ts';
import { prepare, scratchFile, type Prepared } from './prepare.ts';
import { rewrite } from './rewrite.ts';
import { textRows } from './scan.ts';

/** Unpacking a file, or reading it in another encoding, as a share of describing it. */
const PREPARED = 0.2;
/** Looking at every cell for its type, as a share of describing a file; pairs of columns as keys are the rest. */
const LOOKED = 0.95;

/** One delimited file. The file is fetched and looked at once, on the first call that needs it. */
export class CsvConnection implements Connection {
  readonly #config: CsvConfig;
  readonly #host: ConnectorHost;
  #prepared: Prepared | undefined;
  #profile: Profile | undefined;
  #engine: Engine | undefined;
  /** As the last plan reads them. */
  #planned: PinnedColumn[] | undefined;

  constructor(config: CsvConfig, host: ConnectorHost) {
    this.#config = config;
    this.#host = host;
  }

  check(operation: Operation): AsyncIterable<CheckStep> {
    return checkFile(this.#config, this.#host, operation, async () => {
      const { columns } = await this.plan({ limit: 1 }, operation);
      return `The file has ${columns.length} columns.`;
    });
  }

  listTables(query: TableQuery, _operation: Operation): Promise<Page<TableRef>> {
    const table = this.#table();
    const wanted = !query.q || table.name.toLowerCase().includes(query.q.toLowerCase());
    return Promise.resolve({ items: wanted && !query.cursor ? [table] : [], next: null });
  }

  async describe(_table: string | undefined, operation: Operation): Promise<TableInfo> {
    const { signal, onProgress } = operation;
    const engine = await this.#open();
    let begun = 0;
    const prepared = await this.#prepare({
      signal,
      onProgress(share) {
        begun = PREPARED;
        onProgress?.(share * PREPARED);
      },
    });
    const found = await this.#look(partOf(operation, begun, LOOKED));
    const sampleRows = await engine.rows(
      `SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (${provingSelect(
        textRows(prepared),
        found.columns,
        found.columns.map(({ name }) => name),
        5,
      )})`,
      operation,
    );
    const notes: Note[] = [...prepared.notes, ...found.notes];
    if (found.rowCount === 0) notes.push({ message: 'The file has column names and no rows.', count: 0 });
    return {
      table: { ...this.#table(), rowEstimate: found.rowCount },
      columns: found.columns.map((column, index) => ({
        name: column.name,
        type: column.type,
        source_type: 'text',
        nullable: true,
        nulls: found.nulls[index] ?? 0,
        sample: sampleRows.map((row) => (row[column.name] ?? null) as string | null),
      })),
      primaryKey: null,
      keyCandidates: await keyCandidates(textRows(prepared), found, engine, partOf(operation, LOOKED, 1)),
      rowCount: found.rowCount,
      notes,
      pinnedConfig: { ...this.#config, pinned: pin(prepared, found.columns) } satisfies CsvConfig,
    };
  }

  async plan(request: ReadRequest, { signal }: Operation): Promise<ReadPlan> {
    const operation: Operation = { signal };
    const prepared = await this.#prepare(operation);
    const columns = await this.#typed(request, prepared, operation);
    const wanted = request.columns ?? columns.map(({ name }) => name);
    const unknown = wanted.filter((name) => !columns.some((column) => column.name === name));
    if (unknown.length) {
      throw new ConnectorError('schema-changed', `${prepared.name} has no column ${quotedNames(unknown)}.`, {
        hint: columnsInstead(
          unknown,
          columns.map(({ name }) => name),
        ),
      });
    }
    const residual = request.filter ?? [];
    // A limit counts rows after the filter, and the filter is the caller's.
    const limit = residual.length ? undefined : request.limit;
    return {
      columns: wanted.map((name) => {
        const column = columns.find((candidate) => candidate.name === name) as PinnedColumn;
        return { name, type: column.type, source_type: 'text', nullable: true };
      }),
      residual,
      splits: [{ id: 'file' }],
      estimate: { rows: this.#profile?.rowCount ?? null, bytes: prepared.bytes },
      snapshot: true,
      notes: [...prepared.notes, ...(this.#profile?.notes ?? pinnedNotes(this.#config.pinned))],
      scan: {
        format: 'csv',
        paths: [prepared.path],
        sql: provingSelect(textRows(prepared), columns, wanted, limit),
        settings: { preserve_insertion_order: 'true' },
      },
    };
  }

  async *read(plan: ReadPlan, _split: Split, operation: Operation): AsyncIterable<Batch> {
    const engine = await this.#open();
    try {
      yield* readBatches(engine, plan, operation);
    } catch (error) {
      throw (error instanceof Error && (await this.explain(plan, error.message, operation))) || error;
    }
  }

  async explain(_plan: ReadPlan, engineMessage: string, operation: Operation): Promise<Error | null> {
    const prepared = await this.#prepare(operation);
    const columns = this.#planned ?? (await this.#typed({}, prepared, operation));
    return explainScan(prepared, columns, engineMessage, await this.#open(), operation);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine?.[Symbol.asyncDispose]();
    this.#engine = undefined;
  }

  #table(): TableRef {
    const name = this.#config.filename ?? filenameOf(this.#config.uri) ?? 'file';
    return { id: name, name, kind: 'file' };
  }

  async #open(): Promise<Engine> {
    return (this.#engine ??= await Engine.start(this.#host.scratchDir));
  }

  async #prepare(operation: Operation): Promise<Prepared> {
    throwIfAborted(operation.signal);
    return (this.#prepared ??= await prepare(this.#config, this.#host, operation));
  }

  async #typed(request: ReadRequest, prepared: Prepared, operation: Operation): Promise<PinnedColumn[]> {
    const { pinned } = this.#config;
    const columns = pinned ? pinnedColumns(pinned) : (await this.#look(operation)).columns;
    this.#planned = request.types
      ? await withWantedTypes(textRows(prepared), columns, request.types, await this.#open(), operation)
      : columns;
    return this.#planned;
  }

  /** Looks at every cell, once. */
  async #look(operation: Operation): Promise<Profile> {
    if (this.#profile) return this.#profile;
    const prepared = await this.#prepare(operation);
    const engine = await this.#open();
    const options = this.#config.options ?? {};
    let found: Profile;
    try {
      found = await profile(textRows(prepared), options, engine, operation);
    } catch (error) {
      if (!(error instanceof Error) || !isLayoutMessage(error.message)) throw error;
      await throwFaults(prepared, operation, error);
      // Nothing is wrong with the rows, but DuckDB takes less than our reader: line ends of another kind far below the top,
      // or lines of spaces.
      if (prepared.rewritten) throw unreadable(prepared, error.message);
      await rewrite(prepared, scratchFile(this.#host), operation);
      found = await profile(textRows(prepared), options, engine, operation).catch((again: unknown) => {
        throw again instanceof Error && isLayoutMessage(again.message) ? unreadable(prepared, again.message) : again;
      });
    }
    await refuseMisfits(prepared, found, options, engine, operation);
    return (this.#profile = found);
  }
}

function pin(prepared: Prepared, columns: readonly PinnedColumn[]): Pinned {
  const { top } = prepared;
  return {
    encoding: prepared.encoding,
    delimiter: top.dialect.delimiter,
    quote: top.dialect.quote,
    header: top.header,
    skip_lines: top.skipLines,
    footer_lines: prepared.footerLines,
    ...(prepared.rewritten ? { rewrite: true } : {}),
    ...(prepared.sound ? { sound: prepared.sound } : {}),
    columns: columns.map(({ name, type, parse, why }) => ({ name, type, ...parse, ...(why ? { why } : {}) })),
  };
}

function pinnedColumns(pinned: Pinned): PinnedColumn[] {
  return pinned.columns.map(({ name, type, kind, decimal, currency, order }) => ({
    name,
    type,
    parse: { kind, ...(decimal ? { decimal } : {}), ...(currency ? { currency } : {}), ...(order ? { order } : {}) },
  }));
}
