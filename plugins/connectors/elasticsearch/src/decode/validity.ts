import type { Cells } from '../hits/cells.ts';

/** Arrow's validity bitmap; `bitmap` is null where no cell is NULL. */
export interface Validity {
  nulls: number;
  bitmap: Uint8Array | null;
}

export function validityOf({ from, rows }: Cells): Validity {
  let nulls = 0;
  for (let i = 0; i < rows; i++) if (from[i]! < 0) nulls++;
  if (nulls === 0) return { nulls, bitmap: null };
  const bitmap = new Uint8Array(bitmapBytes(rows));
  for (let i = 0; i < rows; i++) if (from[i]! >= 0) bitmap[i >> 3]! |= 1 << (i & 7);
  return { nulls, bitmap };
}

/** Bytes of a bitmap of so many bits, padded to 8 as Arrow likes it. */
export function bitmapBytes(rows: number): number {
  return ((rows + 63) >> 6) << 3;
}
