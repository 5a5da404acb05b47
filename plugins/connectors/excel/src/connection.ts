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
  keyCandidates,
  partOf,
  pinnedNotes,
  provingSelect,
  readBatches,
  withWantedTypes,
  type PinnedColumn,
} from '@kalla/files';
import { chooseSheet, type Choice } from './choose-sheet.ts';
import type { ExcelConfig, Pinned } from './config.ts';
import { refuseForeign } from './errors.ts';
import { explainScan, refuseMisfits } from './explain.ts';
import { checkPinned, pinnedColumns, pinnedOptions } from './pinned.ts';
import { loadSheet, type LoadedSheet } from './read.ts';
import { typeSheet, type TypedSheet } from './type-sheet.ts';
import { openWorkbook, type Workbook } from './workbook.ts';

/** Options of the upload that a workbook has no use for. */
const MEANINGLESS = ['delimiter', 'quote', 'encoding'] as const;

/** Reading a sheet, as a share of reading and typing it. */
const READ = 0.9;
/** Reading and typing a sheet, as a share of describing it; pairs of columns as keys are the rest. */
const TYPED = 0.95;

interface OpenSheet extends Choice {
  loaded: LoadedSheet;
  /** Absent where the configuration has the types pinned. */
  typed?: TypedSheet;
  /** As the last plan reads them. */
  planned?: PinnedColumn[];
}

/** One workbook. A sheet is read once, on the first call that needs its rows. */
export class ExcelConnection implements Connection {
  readonly #config: ExcelConfig;
  readonly #host: ConnectorHost;
  readonly #sheets = new Map<string | undefined, OpenSheet>();
  #workbook: { workbook: Workbook; bytes: number } | undefined;
  #engine: Engine | undefined;

  constructor(config: ExcelConfig, host: ConnectorHost) {
    this.#config = config;
    this.#host = host;
  }

  check(operation: Operation): AsyncIterable<CheckStep> {
    return checkFile(this.#config, this.#host, operation, async () => {
      const { sheet } = await this.#choose(undefined, operation);
      const { columns } = await this.plan({ limit: 1 }, operation);
      return `The sheet "${sheet.name}" has ${columns.length} columns.`;
    });
  }

  async listTables(query: TableQuery, operation: Operation): Promise<Page<TableRef>> {
    const { workbook } = await this.#open(operation);
    const wanted = workbook.sheets.filter(({ name }) => name.toLowerCase().includes((query.q ?? '').toLowerCase()));
    const from = Number(query.cursor ?? 0);
    const to = from + (query.limit ?? 100);
    return {
      items: wanted.slice(from, to).map(({ name, state }) => ({
        id: name,
        name: state === 'visible' ? name : `${name} (hidden)`,
        kind: 'sheet',
      })),
      next: to < wanted.length ? String(to) : null,
    };
  }

  async describe(table: string | undefined, operation: Operation): Promise<TableInfo> {
    const { sheet, notes, loaded, typed } = await this.#sheet(table, partOf(operation, 0, TYPED), true);
    const { columns, nulls } = typed as TypedSheet;
    const engine = await this.#database();
    const names = columns.map(({ name }) => name);
    const sample = await engine.rows(
      `SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (${provingSelect(loaded.rows, columns, names, 5)})`,
      operation,
    );
    const { profile } = typed as TypedSheet;
    return {
      table: { id: sheet.name, name: sheet.name, kind: 'sheet', rowEstimate: loaded.rowCount },
      columns: columns.map((column, index) => ({
        name: column.name,
        type: column.type,
        source_type: (typed as TypedSheet).sourceTypes[index] ?? 'text',
        nullable: true,
        nulls: nulls[index] ?? 0,
        sample: sample.map((row) => (row[column.name] ?? null) as string | null),
      })),
      primaryKey: null,
      keyCandidates: await keyCandidates(loaded.rows, profile, engine, partOf(operation, TYPED, 1)),
      rowCount: loaded.rowCount,
      notes: [...notes, ...this.#aside(), ...loaded.notes, ...(typed as TypedSheet).notes],
      pinnedConfig: {
        ...this.#config,
        pinned: pin(sheet.name, loaded, columns, (typed as TypedSheet).notes),
      } satisfies ExcelConfig,
    };
  }

  async plan(request: ReadRequest, operation: Operation): Promise<ReadPlan> {
    const { pinned } = this.#config;
    // A limit counts rows after the filter, and the filter is the caller's.
    const limit = request.filter?.length ? undefined : request.limit;
    const open = await this.#sheet(request.table, operation, false, limit);
    const { loaded, typed, sheet } = open;
    const found = typed?.columns ?? pinnedColumns(pinned as Pinned);
    const columns = request.types
      ? await withWantedTypes(loaded.rows, found, request.types, await this.#database(), operation)
      : found;
    open.planned = columns;
    const wanted = request.columns ?? columns.map(({ name }) => name);
    const unknown = wanted.filter((name) => !columns.some((column) => column.name === name));
    if (unknown.length) {
      throw new ConnectorError('schema-changed', `The sheet "${sheet.name}" has no column ${quotedNames(unknown)}.`, {
        hint: columnsInstead(
          unknown,
          columns.map(({ name }) => name),
        ),
      });
    }
    return {
      columns: wanted.map((name) => {
        const column = columns.find((one) => one.name === name) as PinnedColumn;
        return { name, type: column.type, source_type: 'cell', nullable: true };
      }),
      residual: request.filter ?? [],
      splits: [{ id: sheet.name }],
      estimate: { rows: loaded.complete ? loaded.rowCount : null, bytes: loaded.rows.bytes },
      snapshot: true,
      notes: [...open.notes, ...this.#aside(), ...loaded.notes, ...(typed?.notes ?? pinnedNotes(pinned))],
      scan: {
        format: 'csv',
        paths: [loaded.path],
        sql: provingSelect(loaded.rows, columns, wanted, limit),
        settings: { preserve_insertion_order: 'true' },
      },
    };
  }

  async *read(plan: ReadPlan, _split: Split, operation: Operation): AsyncIterable<Batch> {
    const engine = await this.#database();
    try {
      yield* readBatches(engine, plan, operation);
    } catch (error) {
      throw (error instanceof Error && (await this.explain(plan, error.message, operation))) || error;
    }
  }

  async explain(plan: ReadPlan, engineMessage: string, operation: Operation): Promise<Error | null> {
    const open = [...this.#sheets.values()].find(({ sheet }) => sheet.name === plan.splits[0]?.id);
    if (!open) return null;
    const columns = open.planned ?? open.typed?.columns ?? pinnedColumns(this.#config.pinned as Pinned);
    const { workbook } = await this.#open(operation);
    return explainScan(
      { file: workbook.archive.name, sheet: open.sheet.name, loaded: open.loaded, columns },
      engineMessage,
      await this.#database(),
      operation,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine?.[Symbol.asyncDispose]();
    await this.#workbook?.workbook.archive[Symbol.asyncDispose]();
    this.#engine = undefined;
    this.#workbook = undefined;
  }

  async #open(operation: Operation): Promise<{ workbook: Workbook; bytes: number }> {
    throwIfAborted(operation.signal);
    if (this.#workbook) return this.#workbook;
    const local = await this.#host.localFile(this.#config.uri, operation);
    const name = this.#config.filename ?? local.name;
    await refuseForeign(local.path, name);
    return (this.#workbook = { workbook: await openWorkbook(local.path, name, operation), bytes: local.bytes });
  }

  async #database(): Promise<Engine> {
    return (this.#engine ??= await Engine.start(this.#host.scratchDir));
  }

  async #choose(table: string | undefined, operation: Operation): Promise<Choice> {
    const { workbook } = await this.#open(operation);
    const { options, pinned } = this.#config;
    return chooseSheet(workbook, table ?? options?.sheet ?? pinned?.sheet, this.#host.scratchDir, operation);
  }

  /** Reads and types a sheet. With pinned types and a limit only its first rows are read. */
  async #sheet(table: string | undefined, operation: Operation, whole: boolean, limit?: number): Promise<OpenSheet> {
    throwIfAborted(operation.signal);
    const known = this.#sheets.get(table);
    const { pinned } = this.#config;
    if (known && (known.typed || !whole) && (known.loaded.complete || known.loaded.rowCount >= (limit ?? Infinity)))
      return known;
    const choice = await this.#choose(table, operation);
    const { workbook } = await this.#open(operation);
    const rest = partOf(operation, choice.looked, 1);
    const usesPins = pinned !== undefined && choice.sheet.name === pinned.sheet;
    const typing = !usesPins || whole;
    const options = usesPins ? pinnedOptions(this.#config.options ?? {}, pinned) : (this.#config.options ?? {});
    const loaded = await loadSheet(
      {
        workbook,
        sheet: choice.sheet,
        options,
        scratchDir: this.#host.scratchDir,
        ...(limit !== undefined && usesPins && !whole
          ? { limit, positions: pinned.columns.map(({ position }) => position) }
          : {}),
      },
      typing ? partOf(rest, 0, READ) : rest,
    );
    let open: OpenSheet = { ...choice, loaded };
    if (usesPins && !whole) checkPinned(pinned, loaded, workbook.archive.name);
    else {
      const engine = await this.#database();
      const typed = await typeSheet(choice.sheet.name, loaded, options, engine, partOf(rest, READ, 1));
      open = { ...open, typed };
      await refuseMisfits(
        { file: workbook.archive.name, sheet: choice.sheet.name, loaded, columns: typed.columns },
        options,
        engine,
        operation,
      );
      operation.onProgress?.(1);
    }
    this.#sheets.set(table, open);
    return open;
  }

  #aside(): Note[] {
    const given = MEANINGLESS.filter((option) => this.#config.options?.[option] !== undefined);
    if (given.length === 0) return [];
    return [
      {
        message: `A workbook has no ${given.join(', no ')}: ${given.length === 1 ? 'the option is' : 'the options are'} left aside.`,
      },
    ];
  }
}

function pin(sheet: string, loaded: LoadedSheet, columns: readonly PinnedColumn[], notes: readonly Note[]): Pinned {
  const why = (name: string) => notes.find(({ column }) => column === name);
  return {
    sheet,
    header: loaded.top.header,
    skip_lines: loaded.top.skipLines,
    footer_rows: loaded.footerRows,
    columns: columns.map(({ name, type, parse }, index) => ({
      name,
      position: loaded.positions[index] ?? index,
      type,
      ...parse,
      ...(type === 'text' && why(name) ? { why: why(name) } : {}),
    })),
  };
}
