import { isUtf8 } from 'node:buffer';
import { CellError, requireWidth, type Cells } from './validity.ts';

/** Cells longer than this are copied by the runtime, shorter ones byte by byte: a call costs more than 24 bytes. */
const COPY_FROM = 24;

/**
 * text, json, bytea …: the bytes of all cells, one after the other, and where each begins.
 *
 * @param skip Bytes at the start of each cell that are not part of it: 1 for jsonb, its version.
 */
export function decodeVariable(cells: Cells, skip = 0): { offsets: Int32Array; data: Uint8Array } {
  const { slab, position, length, rows } = cells;
  const offsets = new Int32Array(rows + 1);
  let size = 0;
  for (let i = 0; i < rows; i++) {
    const bytes = length[i]! - skip;
    if (bytes > 0) size += bytes;
    offsets[i + 1] = size;
  }
  const data = Buffer.allocUnsafeSlow(size);
  for (let i = 0; i < rows; i++) {
    const bytes = length[i]! - skip;
    if (bytes <= 0) continue;
    const from = position[i]! + skip;
    const to = offsets[i]!;
    if (bytes < COPY_FROM) for (let k = 0; k < bytes; k++) data[to + k] = slab[from + k]!;
    else slab.copy(data, to, from, from + bytes);
  }
  return { offsets, data };
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
  const { slab, position, length, rows } = cells;
  const out = new Uint8Array(rows * 16);
  for (let i = 0; i < rows; i++) {
    if (length[i]! < 0) continue;
    const p = position[i]!;
    const to = i * 16;
    for (let k = 0; k < 16; k++) out[to + k] = slab[p + k]!;
  }
  return out;
}
