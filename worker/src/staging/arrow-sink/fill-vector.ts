import duckdb from '@duckdb/node-bindings';
import type { ColumnLayout } from './column-layout.ts';
import type { FlatBatch, FlatColumn } from './flat-batch.ts';
import { fillStringsFast, fillStringsSafe } from './fill-strings.ts';

/** Rows of one DuckDB vector. */
export const VECTOR_ROWS = 2048;

const scratch = new ArrayBuffer(VECTOR_ROWS * 16);
const scratchBytes = new Uint8Array(scratch);
const scratchWords = new Uint32Array(scratch);
const scratchView = new DataView(scratch);

/** `fast` writes DuckDB's string headers itself; `safe` makes one call of the C interface for each string. */
export type StringPath = 'fast' | 'safe';

/** Writes rows `from` to `from + rows` of one column of a batch into a DuckDB vector that is empty. */
export function fillVector(
  vector: duckdb.Vector,
  layout: ColumnLayout,
  batch: FlatBatch,
  column: FlatColumn,
  from: number,
  rows: number,
  strings: StringPath,
): void {
  const { buffer } = batch;
  if (column.validity !== undefined) fillValidity(vector, buffer, column.validity, from, rows);
  switch (layout.kind) {
    case 'copy':
      duckdb.copy_data_to_vector(vector, 0, buffer, column.data + from * layout.width, rows * layout.width);
      return;
    case 'boolean': {
      const bits = new Uint8Array(buffer, column.data, column.dataBytes);
      for (let row = 0; row < rows; row++) scratchBytes[row] = (bits[(from + row) >> 3]! >> ((from + row) & 7)) & 1;
      duckdb.copy_data_to_vector(vector, 0, scratch, 0, rows);
      return;
    }
    case 'decimal':
      fillDecimal(vector, buffer, column.data + from * 16, rows, layout.width);
      return;
    case 'uuid': {
      // The number that its bytes spell, with the first bit turned so that numbers sort as texts do.
      const words = new DataView(buffer, column.data + from * 16, rows * 16);
      for (let at = 0; at < rows * 16; at += 16) {
        scratchView.setInt32(at, words.getInt32(at + 12), true);
        scratchView.setInt32(at + 4, words.getInt32(at + 8), true);
        scratchView.setInt32(at + 8, words.getInt32(at + 4), true);
        scratchView.setInt32(at + 12, words.getInt32(at) ^ -0x8000_0000, true);
      }
      duckdb.copy_data_to_vector(vector, 0, scratch, 0, rows * 16);
      return;
    }
    case 'text':
    case 'binary': {
      const fill = strings === 'fast' ? fillStringsFast : fillStringsSafe;
      fill(vector, batch, column, from, rows);
    }
  }
}

/** Callers start at multiples of `VECTOR_ROWS`, so the first bit is always the first bit of a word. */
function fillValidity(vector: duckdb.Vector, buffer: ArrayBuffer, validity: number, from: number, rows: number): void {
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, buffer, validity + (from >> 3), ((rows + 63) >> 6) << 3);
}

/** Arrow's 16 little-endian bytes hold the value that DuckDB keeps in 2, 4, 8 or 16: its low bytes are the narrower number. */
function fillDecimal(vector: duckdb.Vector, buffer: ArrayBuffer, at: number, rows: number, width: number): void {
  if (width === 16) {
    duckdb.copy_data_to_vector(vector, 0, buffer, at, rows * 16);
    return;
  }
  const words = new Uint32Array(buffer, at, rows * 4);
  if (width === 8) {
    for (let row = 0; row < rows; row++) {
      scratchWords[2 * row] = words[4 * row]!;
      scratchWords[2 * row + 1] = words[4 * row + 1]!;
    }
  } else if (width === 4) {
    for (let row = 0; row < rows; row++) scratchWords[row] = words[4 * row]!;
  } else {
    const halves = new Uint16Array(scratch);
    for (let row = 0; row < rows; row++) halves[row] = words[4 * row]!;
  }
  duckdb.copy_data_to_vector(vector, 0, scratch, 0, rows * width);
}
