import { arrowSchemaOf } from '@kalla/core/arrow';
import { ConnectorError, decimalOf, type Batch } from '@kalla/core';
import { makeData, RecordBatch, Struct, type Data, type DataType, type Schema } from 'apache-arrow';
import { decodeUuids, decodeVariable, requireUtf8 } from './columns/bytes.ts';
import { decodeDecimals } from './columns/decimals.ts';
import {
  decodeBooleans,
  decodeFloat32,
  decodeFloat64,
  decodeInt16,
  decodeInt32,
  decodeInt64,
  decodeUint32,
} from './columns/numbers.ts';
import { decodeDates, decodeTimestamps } from './columns/times.ts';
import { CellError, validityOf, type Cells } from './columns/validity.ts';
import { CopyScanner } from './copy-scanner.ts';
import type { PlannedColumn } from './select.ts';

/** Rows of a full batch: so many that their bytes, which are gone through once for each column, stay in the processor's cache. */
export const BATCH_ROWS = 16_384;
const SLAB_BYTES = 16 << 20;

export interface DecoderOptions {
  /** For error sentences. */
  table: string;
  /** Check that text is UTF-8: only a database in SQL_ASCII can send something else. */
  checkUtf8?: boolean;
  batchRows?: number;
  slabBytes?: number;
}

/**
 * Turns the bytes of `COPY … (FORMAT binary)`, in the messages of the wire protocol, into Arrow batches.
 *
 * The scanner notes where each cell is; a full batch is then decoded column by column, each in one tight loop. That is as fast
 * as the network part of it, where a builder or a loop row by row is ten times slower. Memory is one slab and one batch: a slab
 * that is full ends the batch early, so wide rows make smaller batches.
 *
 * @example
 * decoder.receive(bytes); // As often as they come and `decoder.room` lasts.
 * const rest = yield* decoder.batches(); // Not null: the data ended, and this is what pg goes on with.
 */
export class CopyDecoder {
  readonly schema: Schema;
  readonly #columns: readonly PlannedColumn[];
  readonly #options: DecoderOptions;
  readonly #scanner: CopyScanner;
  #rowsBefore = 0;

  constructor(columns: readonly PlannedColumn[], options: DecoderOptions) {
    this.#columns = columns;
    this.#options = options;
    const { batchRows = BATCH_ROWS, slabBytes = SLAB_BYTES } = options;
    this.#scanner = new CopyScanner(columns.length, batchRows, slabBytes);
    this.schema = arrowSchemaOf(columns.map(({ info }) => info));
  }

  /** Bytes that can be received before the next call of {@link batches}. */
  get room(): number {
    return this.#scanner.room;
  }

  /** Takes the next bytes of the socket, which need not stay as they are. No more than {@link room}. */
  receive(bytes: Uint8Array): void {
    this.#scanner.receive(bytes);
  }

  /**
   * The batches that what was received completes. After them there is room for more.
   *
   * @returns What was read beyond the data, for pg to go on with: after CopyDone, or from an error message on. Null while
   *   the data goes on.
   */
  *batches(): Generator<Batch, Buffer | null> {
    const scanner = this.#scanner;
    while (scanner.scan() === 'full') yield this.#flush();
    if (scanner.rest === null && scanner.room < scanner.slab.length / 4) {
      if (scanner.rows > 0) yield this.#flush();
      scanner.makeRoom();
    }
    return scanner.rest;
  }

  /** The last batch. Throws where the data ends in the middle. */
  *finish(): Generator<Batch> {
    if (!this.#scanner.isComplete) {
      throw new ConnectorError('transient', `Reading ${this.#options.table}: the data ended in the middle.`, {
        hint: 'Try again.',
      });
    }
    if (this.#scanner.rows > 0) yield this.#flush();
  }

  #flush(): Batch {
    const { rows } = this.#scanner;
    const children = this.#columns.map((column, c) => this.#decode(column, c, rows));
    this.#scanner.taken();
    this.#rowsBefore += rows;
    const data = makeData({ type: new Struct(this.schema.fields), length: rows, nullCount: 0, children });
    return new RecordBatch(this.schema, data);
  }

  #decode(column: PlannedColumn, index: number, rows: number): Data {
    const cells = this.#scanner.cells(index);
    const type = this.schema.fields[index]!.type as DataType;
    const { nulls, bitmap } = validityOf(cells);
    const common = { type, length: rows, nullCount: nulls, ...(bitmap ? { nullBitmap: bitmap } : {}) };
    try {
      return makeData({ ...common, ...this.#values(column, cells) } as Parameters<typeof makeData>[0]);
    } catch (error) {
      if (error instanceof CellError) throw this.#explain(column, error);
      throw error;
    }
  }

  #values(column: PlannedColumn, cells: Cells): { data: ArrayBufferView; valueOffsets?: Int32Array } {
    switch (column.codec) {
      case 'boolean':
        return { data: decodeBooleans(cells) };
      case 'int16':
        return { data: decodeInt16(cells) };
      case 'int32':
        return { data: decodeInt32(cells) };
      case 'int64':
      case 'time':
        return { data: decodeInt64(cells) };
      case 'uint32':
        return { data: decodeUint32(cells) };
      case 'float32':
        return { data: decodeFloat32(cells) };
      case 'float64':
        return { data: decodeFloat64(cells) };
      case 'date':
        return { data: decodeDates(cells) };
      case 'timestamp':
        return { data: decodeTimestamps(cells) };
      case 'uuid':
        return { data: decodeUuids(cells) };
      case 'decimal': {
        const { precision, scale } = decimalOf(column.info.type)!;
        return { data: decodeDecimals(cells, precision, scale) };
      }
      case 'text':
      case 'jsonb':
      case 'binary': {
        const { offsets, data } = decodeVariable(cells, column.codec === 'jsonb' ? 1 : 0);
        if (this.#options.checkUtf8 && column.codec !== 'binary') requireUtf8(cells, data);
        return { data, valueOffsets: offsets };
      }
    }
  }

  #explain(column: PlannedColumn, error: CellError): ConnectorError {
    const name = column.info.name;
    const row = this.#rowsBefore + error.row + 1;
    const value = error.value.slice(0, 200);
    const hint = `Correct the value, or add "${name}" to the columns that are read as text in the settings of the source.`;
    return new ConnectorError('type', `Table ${this.#options.table}, column "${name}": a value ${error.message}.`, {
      field: 'text_columns',
      hint,
      faults: [{ column: name, row, value, message: `The value ${error.message}.`, hint }],
      cause: error,
    });
  }
}
