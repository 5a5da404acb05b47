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
import { COPY_DATA, COPY_DONE, CopyFrames, ERROR, HEADER_BYTES as MESSAGE_HEADER } from './copy-frames.ts';
import type { PlannedColumn } from './select.ts';

/** Rows of a full batch: so many that their bytes, which are gone through once for each column, stay in the processor's cache. */
export const BATCH_ROWS = 16_384;
const SLAB_BYTES = 16 << 20;
/** Signature, flags and the length of the extension. */
const HEADER_BYTES = 19;

export interface DecoderOptions {
  /** For error sentences. */
  table: string;
  /** Check that text is UTF-8: only a database in SQL_ASCII can send something else. */
  checkUtf8?: boolean;
  batchRows?: number;
  slabBytes?: number;
}

/**
 * Turns the bytes of `COPY … (FORMAT binary)` into Arrow batches.
 *
 * Tuples are scanned where they lie, noting where each cell is; a full batch is then decoded column by column, each in one
 * tight loop. That is as fast as the network part of it, where a builder or a loop row by row is ten times slower. Memory is
 * one slab and one batch: a slab that is full ends the batch early, so wide rows make smaller batches.
 */
export class CopyDecoder {
  readonly schema: Schema;
  readonly #columns: readonly PlannedColumn[];
  readonly #options: DecoderOptions;
  readonly #batchRows: number;
  readonly #position: Int32Array[];
  readonly #length: Int32Array[];
  #slab: Buffer;
  #view: DataView;
  /** First byte that is still needed, first byte not scanned yet, end of the data. */
  #start = 0;
  #scan = 0;
  #end = 0;
  #headerRead = false;
  #trailerRead = false;
  #row = 0;
  #rowsBefore = 0;
  /** Takes messages apart that do not hold a row each; null as long as they do. */
  #frames: CopyFrames | null = null;

  constructor(columns: readonly PlannedColumn[], options: DecoderOptions) {
    this.#columns = columns;
    this.#options = options;
    this.#batchRows = options.batchRows ?? BATCH_ROWS;
    this.#slab = Buffer.allocUnsafeSlow(options.slabBytes ?? SLAB_BYTES);
    this.#view = viewOf(this.#slab);
    this.#position = columns.map(() => new Int32Array(this.#batchRows));
    this.#length = columns.map(() => new Int32Array(this.#batchRows));
    this.schema = arrowSchemaOf(columns.map(({ info }) => info));
  }

  /** Takes the next chunk of plain COPY data and yields the batches that it completes. */
  *push(chunk: Buffer): Generator<Batch> {
    yield* this.#room(chunk.length);
    this.#end += chunk.copy(this.#slab, this.#end);
    while (this.#scanRows()) yield this.#flush();
  }

  /**
   * Takes the next chunk of the wire protocol and yields the batches that it completes.
   *
   * The server sends each row in a data message of its own. Such rows are scanned where they lie, headers between them: to
   * copy each row out of its message costs as much as to decode it. A pooler may cut the data otherwise; from there on
   * `CopyFrames` takes the messages apart.
   *
   * @returns What was read beyond the data, for pg to go on with: after CopyDone, or from an error message on. Null while
   *   the data goes on.
   */
  *pushMessages(chunk: Buffer): Generator<Batch, Buffer | null> {
    yield* this.#room(chunk.length);
    if (this.#frames) return yield* this.#unwrap(chunk, this.#frames);
    this.#end += chunk.copy(this.#slab, this.#end);
    for (;;) {
      const state = this.#scanMessages();
      if (state === 'full') {
        yield this.#flush();
      } else if (state === 'cut otherwise') {
        const rest = Buffer.from(this.#slab.subarray(this.#scan, this.#end));
        this.#end = this.#scan;
        return yield* this.#unwrap(rest, (this.#frames = new CopyFrames()));
      } else {
        return state === 'ended' ? Buffer.from(this.#slab.subarray(this.#scan, this.#end)) : null;
      }
    }
  }

  *#unwrap(chunk: Buffer, frames: CopyFrames): Generator<Batch, Buffer | null> {
    this.#end = frames.unwrap(chunk, this.#slab, this.#end);
    while (this.#scanRows()) yield this.#flush();
    return frames.end === null ? null : Buffer.from(chunk.subarray(frames.end));
  }

  *#room(bytes: number): Generator<Batch> {
    if (this.#end + bytes <= this.#slab.length) return;
    if (this.#row > 0) yield this.#flush();
    this.#makeRoom(bytes);
  }

  /** The last batch. Throws where the data ends in the middle. */
  *finish(): Generator<Batch> {
    if (!this.#trailerRead) {
      throw new ConnectorError('transient', `Reading ${this.#options.table}: the data ended in the middle.`, {
        hint: 'Try again.',
      });
    }
    if (this.#row > 0) yield this.#flush();
  }

  /** Moves what is still needed to the front, into a larger slab where a row is wider than this one. */
  #makeRoom(bytes: number): void {
    const rest = this.#end - this.#start;
    let size = this.#slab.length;
    while (rest + bytes > size / 2) size *= 2;
    const target = size === this.#slab.length ? this.#slab : Buffer.allocUnsafeSlow(size);
    this.#slab.copy(target, 0, this.#start, this.#end);
    this.#slab = target;
    this.#view = viewOf(target);
    this.#scan -= this.#start;
    this.#start = 0;
    this.#end = rest;
  }

  /** Notes where the cells of all rows lie that are complete in messages of their own, until the batch is full. */
  #scanMessages(): 'full' | 'more' | 'ended' | 'cut otherwise' {
    const slab = this.#slab;
    const view = this.#view;
    const end = this.#end;
    const position = this.#position;
    const length = this.#length;
    const columns = position.length;
    const batchRows = this.#batchRows;
    let p = this.#scan;
    let row = this.#row;
    let state: 'full' | 'more' | 'ended' | 'cut otherwise' = 'more';
    while (p < end) {
      const code = slab[p]!;
      if (code === ERROR) {
        state = 'ended';
        break;
      }
      if (end - p < MESSAGE_HEADER) break;
      const bytes = view.getInt32(p + 1);
      const next = p + 1 + bytes;
      if (next > end) break;
      if (code !== COPY_DATA) {
        // Notices, settings, the reply to the COPY itself.
        p = next;
        if (code !== COPY_DONE) continue;
        state = 'ended';
        break;
      }
      let q = p + MESSAGE_HEADER;
      if (!this.#headerRead) {
        if (next - q < HEADER_BYTES || next - q < HEADER_BYTES + slab.readInt32BE(q + HEADER_BYTES - 4)) {
          state = 'cut otherwise';
          break;
        }
        q += HEADER_BYTES + slab.readInt32BE(q + HEADER_BYTES - 4);
      }
      let isWhole = next - q >= 2;
      if (isWhole) {
        const fields = view.getUint16(q);
        q += 2;
        if (fields === 0xffff) {
          isWhole = q === next;
          if (isWhole) this.#trailerRead = true;
        } else {
          if (fields !== columns) throw wrongColumns(fields, columns);
          let c = 0;
          for (; c < columns && next - q >= 4; c++) {
            const size = view.getInt32(q);
            q += 4;
            position[c]![row] = q;
            length[c]![row] = size;
            if (size > 0) q += size;
          }
          isWhole = c === columns && q === next;
          if (isWhole) row++;
        }
      }
      if (!isWhole) {
        state = 'cut otherwise';
        break;
      }
      this.#headerRead = true;
      p = next;
      if (row === batchRows) {
        state = 'full';
        break;
      }
    }
    // Nothing of the header is needed once a row follows it.
    if (this.#row === 0 && row === 0) this.#start = p;
    this.#row = row;
    this.#scan = p;
    return state;
  }

  /** Notes where the cells of all complete rows lie; true when the batch is full. */
  #scanRows(): boolean {
    const slab = this.#slab;
    const end = this.#end;
    const position = this.#position;
    const length = this.#length;
    const columns = position.length;
    const batchRows = this.#batchRows;
    let p = this.#scan;
    if (!this.#headerRead) {
      if (end - p < HEADER_BYTES) return false;
      const extension = slab.readInt32BE(p + HEADER_BYTES - 4);
      if (end - p < HEADER_BYTES + extension) return false;
      p += HEADER_BYTES + extension;
      this.#headerRead = true;
      this.#start = p;
    }
    let row = this.#row;
    rows: while (row < batchRows && !this.#trailerRead) {
      let q = p;
      if (end - q < 2) break;
      const fields = (slab[q]! << 8) | slab[q + 1]!;
      q += 2;
      if (fields === 0xffff) {
        this.#trailerRead = true;
        p = q;
        break;
      }
      if (fields !== columns) throw wrongColumns(fields, columns);
      for (let c = 0; c < columns; c++) {
        if (end - q < 4) break rows;
        const bytes = (slab[q]! << 24) | (slab[q + 1]! << 16) | (slab[q + 2]! << 8) | slab[q + 3]!;
        q += 4;
        position[c]![row] = q;
        length[c]![row] = bytes;
        if (bytes > 0) {
          q += bytes;
          if (q > end) break rows;
        }
      }
      p = q;
      row++;
    }
    this.#row = row;
    this.#scan = p;
    return row === batchRows;
  }

  #flush(): Batch {
    const rows = this.#row;
    const children = this.#columns.map((column, c) => this.#decode(column, c, rows));
    this.#row = 0;
    this.#rowsBefore += rows;
    this.#start = this.#scan;
    const data = makeData({ type: new Struct(this.schema.fields), length: rows, nullCount: 0, children });
    return new RecordBatch(this.schema, data);
  }

  #decode(column: PlannedColumn, index: number, rows: number): Data {
    const cells: Cells = {
      slab: this.#slab,
      view: this.#view,
      position: this.#position[index]!,
      length: this.#length[index]!,
      rows,
    };
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

const wrongColumns = (sent: number, asked: number) =>
  new ConnectorError('bug', `PostgreSQL sent ${sent} columns where ${asked} were asked for.`);

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer) => new DataView(buffer, byteOffset, byteLength);
