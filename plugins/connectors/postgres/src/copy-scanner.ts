import { ConnectorError } from '@kalla/core';
import type { Cells } from './columns/validity.ts';
import { COPY_DATA, COPY_DONE, CopyFrames, ERROR, HEADER_BYTES as MESSAGE_HEADER } from './copy-frames.ts';

/** Signature, flags and the length of the extension. */
const HEADER_BYTES = 19;

type Scanned = 'full' | 'more' | 'ended';

/**
 * Finds the cells of `COPY … (FORMAT binary)` in the bytes of the wire protocol, where they lie: no object is made for a row,
 * nothing is copied but from the socket into one slab.
 *
 * The server sends each row in a data message of its own. Such rows are scanned with the headers between them: to copy each
 * row out of its message costs as much as to decode it. A pooler may cut the data otherwise; from there on `CopyFrames` takes
 * the messages apart.
 */
export class CopyScanner {
  /** Where the cells of the rows at hand lie, for each column in turn; a length of -1 is NULL. */
  readonly #position: Int32Array;
  readonly #length: Int32Array;
  slab: Buffer;
  /** The same bytes, for reading whole words. */
  #view: DataView;
  /** Complete rows at hand. */
  rows = 0;
  /** What was read beyond the data, for pg to go on with: after CopyDone, or from an error message on. Null while the data goes on. */
  rest: Buffer | null = null;
  readonly #columns: number;
  readonly #batchRows: number;
  /** First byte that is still needed, first byte not scanned yet, end of what was received. */
  #start = 0;
  #scan = 0;
  #end = 0;
  #headerRead = false;
  #trailerRead = false;
  /** Takes messages apart that do not hold a row each; null as long as they do. */
  #frames: CopyFrames | null = null;

  constructor(columns: number, batchRows: number, slabBytes: number) {
    this.#columns = columns;
    this.#batchRows = batchRows;
    this.#position = new Int32Array(columns * batchRows);
    this.#length = new Int32Array(columns * batchRows);
    this.slab = Buffer.allocUnsafeSlow(slabBytes);
    this.#view = viewOf(this.slab);
  }

  /** Whether the data came to its own end, and not to that of the connection. */
  get isComplete(): boolean {
    return this.#trailerRead;
  }

  /** The cells of one column, in the rows at hand. */
  cells(column: number): Cells {
    const from = column * this.#batchRows;
    return {
      slab: this.slab,
      view: this.#view,
      position: this.#position.subarray(from, from + this.rows),
      length: this.#length.subarray(from, from + this.rows),
      rows: this.rows,
    };
  }

  /** Bytes that can be received before {@link makeRoom} has to be called. */
  get room(): number {
    return this.slab.length - this.#end;
  }

  /** Takes bytes of the socket; they must fit into {@link room}. */
  receive(bytes: Uint8Array): void {
    if (this.rest !== null) {
      this.rest = Buffer.concat([this.rest, bytes]);
    } else if (this.#frames) {
      // What is beyond the data stays in this chunk.
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      this.#end = this.#frames.unwrap(chunk, this.slab, this.#end);
      if (this.#frames.end !== null) this.rest = Buffer.from(chunk.subarray(this.#frames.end));
    } else {
      this.slab.set(bytes, this.#end);
      this.#end += bytes.length;
    }
  }

  /** Looks for rows in what was received: enough for a batch (the caller takes them and asks again), all that is complete, or all. */
  scan(): Scanned {
    if (!this.#frames) {
      const found = this.#scanMessages();
      if (found !== 'cut otherwise') return found;
      this.#frames = new CopyFrames();
      const bytes = Buffer.from(this.slab.subarray(this.#scan, this.#end));
      this.#end = this.#scan;
      this.receive(bytes);
    }
    return this.#scanRows() ? 'full' : this.rest === null ? 'more' : 'ended';
  }

  /** The rows at hand were taken: their bytes are no longer needed. */
  taken(): void {
    this.rows = 0;
    this.#start = this.#scan;
  }

  /** Moves what is still needed to the front, into a larger slab where a row is wider than this one. Only after {@link taken}. */
  makeRoom(): void {
    const kept = this.#end - this.#start;
    let size = this.slab.length;
    while (kept > size / 2) size *= 2;
    const target = size === this.slab.length ? this.slab : Buffer.allocUnsafeSlow(size);
    this.slab.copy(target, 0, this.#start, this.#end);
    this.slab = target;
    this.#view = viewOf(target);
    this.#scan -= this.#start;
    this.#start = 0;
    this.#end = kept;
  }

  /** Notes where the cells of all rows lie that are complete in messages of their own, until there are enough for a batch. */
  #scanMessages(): Scanned | 'cut otherwise' {
    const { slab } = this;
    const view = this.#view;
    const position = this.#position;
    const length = this.#length;
    const end = this.#end;
    const columns = this.#columns;
    const batchRows = this.#batchRows;
    let p = this.#scan;
    let row = this.rows;
    let state: Scanned | 'cut otherwise' = 'more';
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
          for (let cell = row; c < columns && next - q >= 4; c++, cell += batchRows) {
            const size = view.getInt32(q);
            q += 4;
            position[cell] = q;
            length[cell] = size;
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
    if (this.rows === 0 && row === 0) this.#start = p;
    this.rows = row;
    this.#scan = p;
    if (state === 'ended') this.rest = Buffer.from(slab.subarray(p, end));
    return state;
  }

  /** Notes where the cells of all complete rows lie, where the messages were taken apart; true when there are enough for a batch. */
  #scanRows(): boolean {
    const view = this.#view;
    const position = this.#position;
    const length = this.#length;
    const end = this.#end;
    const columns = this.#columns;
    const batchRows = this.#batchRows;
    let p = this.#scan;
    if (!this.#headerRead) {
      if (end - p < HEADER_BYTES) return false;
      const extension = view.getInt32(p + HEADER_BYTES - 4);
      if (end - p < HEADER_BYTES + extension) return false;
      p += HEADER_BYTES + extension;
      this.#headerRead = true;
      this.#start = p;
    }
    let row = this.rows;
    rows: while (row < batchRows && !this.#trailerRead) {
      let q = p;
      if (end - q < 2) break;
      const fields = view.getUint16(q);
      q += 2;
      if (fields === 0xffff) {
        this.#trailerRead = true;
        p = q;
        break;
      }
      if (fields !== columns) throw wrongColumns(fields, columns);
      for (let c = 0, cell = row; c < columns; c++, cell += batchRows) {
        if (end - q < 4) break rows;
        const bytes = view.getInt32(q);
        q += 4;
        position[cell] = q;
        length[cell] = bytes;
        if (bytes > 0) {
          q += bytes;
          if (q > end) break rows;
        }
      }
      p = q;
      row++;
    }
    this.rows = row;
    this.#scan = p;
    return row === batchRows;
  }
}

const wrongColumns = (sent: number, asked: number) =>
  new ConnectorError('bug', `PostgreSQL sent ${sent} columns where ${asked} were asked for.`);

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer) => new DataView(buffer, byteOffset, byteLength);
