import {
  ConnectorError,
  throwIfAborted,
  quoteIdentifier,
  quoteLiteral,
  type Batch,
  type CheckStep,
  type Connection,
  type ConnectorHost,
  type LocalFile,
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
} from '@kalla/core';
import { checkFile, Engine, filenameOf, partOf, readBatches } from '@kalla/files';
import type { ParquetConfig } from './config.ts';
import { parquetError, parquetSentence, refuseBadFrame } from './errors.ts';
import { keyCandidates } from './keys.ts';
import { mapColumn, type Mapping } from './types.ts';

/** Counting the empty cells, as a share of describing a file; its keys are the rest, and take the longer. */
const COUNTED = 0.2;

interface OpenFile {
  local: LocalFile;
  name: string;
  columns: Mapping[];
  rowCount: number;
}

/** One Parquet file. Its footer is read once, on the first call that needs it. */
export class ParquetConnection implements Connection {
  readonly #config: ParquetConfig;
  readonly #host: ConnectorHost;
  #file: OpenFile | undefined;
  #engine: Engine | undefined;

  constructor(config: ParquetConfig, host: ConnectorHost) {
    this.#config = config;
    this.#host = host;
  }

  check(operation: Operation): AsyncIterable<CheckStep> {
    return checkFile(this.#config, this.#host, operation, async () => {
      const { columns, rowCount } = await this.#open(operation);
      return `The file has ${columns.length} columns and ${rowCount} rows.`;
    });
  }

  listTables(query: TableQuery, _operation: Operation): Promise<Page<TableRef>> {
    const table = this.#table();
    const wanted = !query.q || table.name.toLowerCase().includes(query.q.toLowerCase());
    return Promise.resolve({ items: wanted && !query.cursor ? [table] : [], next: null });
  }

  async describe(_table: string | undefined, operation: Operation): Promise<TableInfo> {
    const file = await this.#open(operation);
    const engine = await this.#start();
    const { columns, rowCount, name } = file;
    try {
      const from = readSql(file);
      const select = columns.map(({ sql }, index) => `CAST(${sql} AS VARCHAR) AS c${index}`).join(', ');
      const sample = await engine.rows(`SELECT ${select} FROM ${from} LIMIT 5`, operation);
      const nulls = await engine.row(
        `SELECT count(*) AS n, ${columns.map(({ sql }, index) => `count(${sql}) AS c${index}`).join(', ')} FROM ${from}`,
        operation,
        partOf(operation, 0, COUNTED).onProgress,
      );
      return {
        table: { ...this.#table(), rowEstimate: rowCount },
        columns: columns.map((column, index) => ({
          name: column.name,
          type: column.type,
          source_type: column.sourceType,
          nullable: true,
          nulls: rowCount - Number(nulls[`c${index}`]),
          sample: sample.map((row) => (row[`c${index}`] ?? null) as string | null),
        })),
        primaryKey: null,
        keyCandidates: await keyCandidates(from, columns, rowCount, engine, partOf(operation, COUNTED, 1)),
        rowCount,
        notes: notesOf(file),
      };
    } catch (error) {
      throw parquetError(name, error);
    }
  }

  async plan(request: ReadRequest, operation: Operation): Promise<ReadPlan> {
    const file = await this.#open(operation);
    const { columns, name } = file;
    const wanted = request.columns ?? columns.map((column) => column.name);
    const chosen = wanted.map((column) => {
      const found = columns.find((candidate) => candidate.name === column);
      if (found) return found;
      throw new ConnectorError('schema-changed', `${name} has no column "${column}".`, {
        hint: columnsInstead(
          [column],
          columns.map((known) => known.name),
        ),
      });
    });
    const residual = request.filter ?? [];
    // A limit counts rows after the filter, and the filter is the caller's.
    const limit = residual.length || request.limit === undefined ? '' : ` LIMIT ${request.limit}`;
    const list = chosen.map((column) =>
      column.asIs ? column.sql : `${column.sql} AS ${quoteIdentifier(column.name)}`,
    );
    return {
      columns: chosen.map(({ name: column, type, sourceType }) => ({
        name: column,
        type,
        source_type: sourceType,
        nullable: true,
      })),
      residual,
      splits: [{ id: 'file' }],
      estimate: { rows: file.rowCount, bytes: file.local.bytes },
      snapshot: true,
      notes: notesOf(file),
      scan: {
        format: 'parquet',
        paths: [file.local.path],
        sql: `SELECT ${list.join(', ')} FROM ${readSql(file)}${limit}`,
        inPlace: limit === '' && columns.every(({ asIs }) => asIs) && sameOrder(wanted, columns),
        settings: { preserve_insertion_order: 'true' },
      },
    };
  }

  async *read(plan: ReadPlan, _split: Split, operation: Operation): AsyncIterable<Batch> {
    const { name } = await this.#open(operation);
    try {
      yield* readBatches(await this.#start(), plan, operation);
    } catch (error) {
      throw parquetError(name, error);
    }
  }

  async explain(_plan: ReadPlan, engineMessage: string, operation: Operation): Promise<Error | null> {
    const { name, local } = await this.#open(operation);
    // The match reads other Parquet files too: only a message that names this one is about it.
    if (!engineMessage.includes(local.path) && !/^(Invalid Input|IO|Serialization) Error/.test(engineMessage))
      return null;
    const sentence = parquetSentence(name, engineMessage);
    return sentence ? new ConnectorError('type', sentence, { hint: 'Write or transfer the file again.' }) : null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine?.[Symbol.asyncDispose]();
    this.#engine = undefined;
  }

  #table(): TableRef {
    const name = this.#config.filename ?? filenameOf(this.#config.uri) ?? 'file';
    return { id: name, name, kind: 'file' };
  }

  async #start(): Promise<Engine> {
    return (this.#engine ??= await Engine.start(this.#host.scratchDir));
  }

  async #open(operation: Operation): Promise<OpenFile> {
    throwIfAborted(operation.signal);
    if (this.#file) return this.#file;
    const local = await this.#host.localFile(this.#config.uri, operation);
    const name = this.#config.filename ?? local.name;
    await refuseBadFrame(local.path, local.bytes, name);
    const engine = await this.#start();
    const from = `read_parquet(${quoteLiteral(local.path)})`;
    try {
      const described = await engine.rows(`DESCRIBE SELECT * FROM ${from}`, operation);
      const meta = await engine.row(
        `SELECT num_rows FROM parquet_file_metadata(${quoteLiteral(local.path)})`,
        operation,
      );
      const columns = described.map((row) => mapColumn(String(row.column_name), String(row.column_type)));
      return (this.#file = { local, name, columns, rowCount: Number(meta.num_rows) });
    } catch (error) {
      throw parquetError(name, error);
    }
  }
}

function readSql(file: OpenFile): string {
  return `read_parquet(${quoteLiteral(file.local.path)})`;
}

function notesOf(file: OpenFile): Note[] {
  const notes = file.columns.flatMap(({ note }) => (note ? [note] : []));
  return file.rowCount === 0 ? [...notes, { message: 'The file has columns and no rows.', count: 0 }] : notes;
}

function sameOrder(wanted: readonly string[], columns: readonly Mapping[]): boolean {
  return wanted.length === columns.length && wanted.every((name, index) => columns[index]?.name === name);
}
