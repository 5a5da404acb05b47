import { ConnectorError, type Batch, type ColumnInfo } from '@kalla/core';
import { arrowSchemaOf } from '@kalla/core/arrow';
import { arrowWidthOf, layoutOf, type ColumnLayout } from './column-layout.ts';
import { READ_BEYOND } from './read-beyond.ts';

/**
 * One batch in a single buffer of its own, so that it moves to the sink thread without a second copy and whatever
 * slices, offsets or shared buffers the connector used are gone: every column starts at row 0 and at a multiple of 8.
 */
export interface FlatBatch {
  rows: number;
  buffer: ArrayBuffer;
  columns: FlatColumn[];
}

/** Byte offsets into the batch's buffer. */
export interface FlatColumn {
  /** Validity bits, one for each row, 1 is a value; absent where no row is NULL. Padded to whole 64-bit words. */
  validity?: number;
  /** Values, or bits of a boolean, or the bytes of all texts. */
  data: number;
  dataBytes: number;
  /** `rows + 1` 32-bit offsets relative to `data`, for text and binary. */
  offsets?: number;
}

const align = (bytes: number) => (bytes + 7) & ~7;
/** DuckDB copies validity in 64-bit words. */
const bitmapBytes = (rows: number) => ((rows + 63) >> 6) << 3;

/** Prepares batches of one read. Throws `ConnectorError('bug')` when a batch is not as the plan said. */
export class BatchFlattener {
  private readonly layouts: ColumnLayout[];
  private readonly types: string[];
  private readonly free: ArrayBuffer[] = [];

  constructor(
    private readonly columns: readonly ColumnInfo[],
    private readonly alias: string,
  ) {
    this.layouts = columns.map((column) => layoutOf(column.type));
    this.types = arrowSchemaOf(columns).fields.map((field) => String(field.type));
  }

  flatten(batch: Batch): FlatBatch {
    this.check(batch);
    const rows = batch.numRows;
    let size = 0;
    const parts: { bytes: Uint8Array; at: number; end: number }[] = [];
    const place = (bytes: Uint8Array, room = bytes.byteLength) => {
      const at = size;
      size += align(room);
      parts.push({ bytes, at, end: size });
      return at;
    };
    const columns = batch.data.children.map((child, index): FlatColumn => {
      const layout = this.layouts[index]!;
      const flat: FlatColumn = { data: 0, dataBytes: 0 };
      if (child.nullCount > 0) {
        flat.validity = place(bitsOf(child.nullBitmap, child.offset, rows), bitmapBytes(rows));
      }
      let bytes: Uint8Array;
      if (layout.kind === 'text' || layout.kind === 'binary') {
        const offsets = (child.valueOffsets as Int32Array).subarray(0, rows + 1);
        const first = rows > 0 ? offsets[0]! : 0;
        const last = rows > 0 ? offsets[rows]! : 0;
        bytes = (child.values as Uint8Array).subarray(first, last);
        const rebased = first === 0 ? offsets : offsets.map((offset) => offset - first);
        flat.offsets = place(bytesOf(rebased, (rows > 0 ? rows + 1 : 0) * 4), (rows + 1) * 4);
      } else if (layout.kind === 'boolean') {
        bytes = bitsOf(child.values as Uint8Array, child.offset, rows);
      } else {
        bytes = bytesOf(child.values as ArrayBufferView, rows * arrowWidthOf(layout));
      }
      flat.data = place(bytes);
      flat.dataBytes = bytes.byteLength;
      return flat;
    });
    const buffer = this.take(size + READ_BEYOND);
    const target = new Uint8Array(buffer);
    for (const { bytes, at, end } of parts) {
      target.set(bytes, at);
      target.fill(0, at + bytes.byteLength, end);
    }
    return { rows, buffer, columns };
  }

  /**
   * Memory of a batch that was written; the next batch goes into it. Each batch in memory of its own made the garbage collectors
   * of both threads go through everything alive, again and again: a tenth of all work.
   */
  giveBack(buffer: ArrayBuffer): void {
    if (buffer.byteLength > 0) this.free.push(buffer);
  }

  /** A buffer that may be larger than asked for; all that is read of it is overwritten. */
  private take(bytes: number): ArrayBuffer {
    const buffer = this.free.pop();
    return buffer && buffer.byteLength >= bytes ? buffer : new ArrayBuffer(bytes + bytes / 8);
  }

  private check(batch: Batch): void {
    const given = batch.schema.fields.map((field) => String(field.type));
    const wrong = this.types.findIndex((type, index) => type !== given[index]);
    if (given.length !== this.types.length || wrong >= 0) {
      const name = this.columns[wrong]?.name ?? '';
      throw new ConnectorError(
        'bug',
        `The connector of "${this.alias}" announced ${this.types.length} columns and delivered ${given.length}` +
          (wrong >= 0 ? `; column "${name}" should be ${this.types[wrong]} and is ${given[wrong] ?? 'missing'}.` : '.'),
      );
    }
  }
}

/** The bits of `rows` rows, where the first is bit `offset` of the bitmap, moved to bit 0. */
function bitsOf(bitmap: Uint8Array, offset: number, rows: number): Uint8Array {
  const start = offset >> 3;
  const shift = offset & 7;
  const length = (rows + 7) >> 3;
  if (shift === 0) return bitmap.subarray(start, start + length);
  const bits = new Uint8Array(length);
  for (let index = 0; index < length; index++) {
    // Past the end of the bitmap there are no rows, so the undefined byte there may count as 0.
    bits[index] = (bitmap[start + index]! >> shift) | ((bitmap[start + index + 1] ?? 0) << (8 - shift));
  }
  return bits;
}

function bytesOf(view: ArrayBufferView, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, length);
}
