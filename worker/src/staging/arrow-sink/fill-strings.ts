import duckdb from '@duckdb/node-bindings';
import type { FlatBatch, FlatColumn } from './flat-batch.ts';

/** Bytes of DuckDB's string header: length, then either up to 12 bytes of text or a 4-byte prefix and a pointer. */
const HEADER = 16;
const INLINE = 12;
const MAX_ROWS = 2048;

const headers = new ArrayBuffer(MAX_ROWS * HEADER);
const headerWords = new Uint32Array(headers);
/** By length, the bits of the three words of a short text that are its own. */
const MASKS = [0, 1, 2].map((word) =>
  Int32Array.from({ length: INLINE + 1 }, (_, length) => {
    const bytes = Math.min(Math.max(length - 4 * word, 0), 4);
    return bytes === 4 ? -1 : (1 << (8 * bytes)) - 1;
  }),
) as [Int32Array, Int32Array, Int32Array];

/**
 * Fills a text or binary vector by copying all bytes at once into its heap and writing the 16-byte headers ourselves.
 *
 * One native call for each string takes twice the time of the whole sink. The price: the header layout is DuckDB's own
 * and no promise, so the version is pinned, `self-test.ts` compares both paths when a sink starts, and the tests do too.
 */
export function fillStringsFast(
  vector: duckdb.Vector,
  batch: FlatBatch,
  column: FlatColumn,
  from: number,
  rows: number,
): void {
  const offsets = new Int32Array(batch.buffer, column.offsets!, batch.rows + 1);
  // Three words are read where a short text begins; `flatten` leaves room for that at the end.
  const bytes = new DataView(batch.buffer, column.data, column.dataBytes + INLINE);
  const first = offsets[from]!;
  const total = offsets[from + rows]! - first;
  const [mask0, mask1, mask2] = MASKS;
  let low = 0;
  let high = 0;
  if (total > INLINE) {
    // As one long string the bytes go into the vector's heap, and its header tells where they are.
    const all = new Uint8Array(batch.buffer, column.data + first, total);
    duckdb.vector_assign_string_element_len(vector, 0, all);
    const header = duckdb.vector_get_data(vector, HEADER);
    const view = new DataView(header.buffer, header.byteOffset, HEADER);
    low = view.getUint32(8, true);
    high = view.getUint32(12, true);
  }
  for (let row = 0; row < rows; row++) {
    const start = offsets[from + row]!;
    const length = offsets[from + row + 1]! - start;
    const word = row * 4;
    headerWords[word] = length;
    if (length > INLINE) {
      headerWords[word + 1] = bytes.getUint32(start, true);
      const address = low + (start - first);
      headerWords[word + 2] = address;
      headerWords[word + 3] = high + (address > 0xffffffff ? 1 : 0);
    } else {
      headerWords[word + 1] = bytes.getInt32(start, true) & mask0[length]!;
      headerWords[word + 2] = bytes.getInt32(start + 4, true) & mask1[length]!;
      headerWords[word + 3] = bytes.getInt32(start + 8, true) & mask2[length]!;
    }
  }
  duckdb.copy_data_to_vector(vector, 0, headers, 0, rows * HEADER);
}

/** Fills a text or binary vector through the C interface alone. The reference that the fast path must equal. */
export function fillStringsSafe(
  vector: duckdb.Vector,
  batch: FlatBatch,
  column: FlatColumn,
  from: number,
  rows: number,
): void {
  const offsets = new Int32Array(batch.buffer, column.offsets!, batch.rows + 1);
  const bytes = new Uint8Array(batch.buffer, column.data, column.dataBytes);
  for (let row = 0; row < rows; row++) {
    const start = offsets[from + row]!;
    duckdb.vector_assign_string_element_len(vector, row, bytes.subarray(start, offsets[from + row + 1]!));
  }
}
