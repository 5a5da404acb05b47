import { isUtf8 } from 'node:buffer';
import { CellError, requireWidth, type Cells } from './validity.ts';

/** Cells longer than this are copied by the runtime, shorter ones word by word: a call costs more than so many bytes. */
const COPY_FROM = 200;
const WORD = 4;
/** Bytes that are copied at once. One step for most cells is one branch that the processor guesses right. */
const STEP = 4 * WORD;

/**
 * text, json, bytea …: the bytes of all cells, one after the other, and where each begins.
 *
 * @param skip Bytes at the start of each cell that are not part of it: 1 for jsonb, its version.
 */
export function decodeVariable(cells: Cells, skip = 0): { offsets: Int32Array; data: Uint8Array } {
  const { slab, view, position, length, rows } = cells;
  const offsets = new Int32Array(rows + 1);
  let size = 0;
  for (let i = 0; i < rows; i++) {
    const bytes = length[i]! - skip;
    if (bytes > 0) size += bytes;
    offsets[i + 1] = size;
  }
  // The last step of a cell may go beyond it, to where the next cell is written after it.
  const data = Buffer.allocUnsafeSlow(size + STEP - 1);
  const words = new DataView(data.buffer);
  const lastStep = slab.length - STEP;
  for (let i = 0; i < rows; i++) {
    const bytes = length[i]! - skip;
    if (bytes <= 0) continue;
    const from = position[i]! + skip;
    const to = offsets[i]!;
    if (bytes < COPY_FROM && from + bytes <= lastStep) {
      for (let k = 0; k < bytes; k += STEP) {
        words.setInt32(to + k, view.getInt32(from + k, true), true);
        words.setInt32(to + k + 4, view.getInt32(from + k + 4, true), true);
        words.setInt32(to + k + 8, view.getInt32(from + k + 8, true), true);
        words.setInt32(to + k + 12, view.getInt32(from + k + 12, true), true);
      }
    } else {
      slab.copy(data, to, from, from + bytes);
    }
  }
  return { offsets, data: data.subarray(0, size) };
}

/** A database in SQL_ASCII sends whatever bytes it was given; text must be UTF-8. */
export function requireUtf8(cells: Cells, data: Uint8Array): void {
  if (isUtf8(data)) return;
  const { slab, position, length, rows } = cells;
  for (let i = 0; i < rows; i++) {
    const cell = slab.subarray(position[i], position[i]! + Math.max(length[i]!, 0));
    if (!isUtf8(cell)) throw new CellError(i, cell.toString('latin1').slice(0, 200), 'is not UTF-8 text');
  }
}

/** uuid: 16 bytes in the order of its text. */
export function decodeUuids(cells: Cells): Uint8Array {
  requireWidth(cells, 16);
  const { view, position, length, rows } = cells;
  const out = new Uint8Array(rows * 16);
  const words = new DataView(out.buffer);
  for (let i = 0; i < rows; i++) {
    if (length[i]! < 0) continue;
    const p = position[i]!;
    const to = i * 16;
    for (let k = 0; k < 16; k += WORD) words.setInt32(to + k, view.getInt32(p + k, true), true);
  }
  return out;
}
