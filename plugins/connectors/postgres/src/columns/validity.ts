/** Where the cells of one column lie in a slab of COPY data: `length[i]` is -1 for NULL, else bytes from `position[i]` on. */
export interface Cells {
  slab: Buffer;
  /** The same bytes, for reading whole words: the compiler makes one instruction of each. */
  view: DataView;
  position: Int32Array;
  length: Int32Array;
  rows: number;
}

/** Arrow's validity bitmap; `bitmap` is null where no cell is NULL. */
export interface Validity {
  nulls: number;
  bitmap: Uint8Array | null;
}

export function validityOf({ length, rows }: Cells): Validity {
  let nulls = 0;
  for (let i = 0; i < rows; i++) if (length[i]! < 0) nulls++;
  if (nulls === 0) return { nulls, bitmap: null };
  const bitmap = new Uint8Array(bitmapBytes(rows));
  for (let i = 0; i < rows; i++) if (length[i]! >= 0) bitmap[i >> 3]! |= 1 << (i & 7);
  return { nulls, bitmap };
}

/** Bytes of a bitmap of so many bits, padded to 8 as Arrow likes it. */
export function bitmapBytes(rows: number): number {
  return ((rows + 63) >> 6) << 3;
}

/** Why a cell could not be decoded; the reader adds column, row and sentence. */
export class CellError extends Error {
  override readonly name = 'CellError';
  readonly row: number;
  readonly value: string;
  /** @param row 0-based, within the batch. */
  constructor(row: number, value: string, reason: string) {
    super(reason);
    this.row = row;
    this.value = value;
  }
}

/** Refuses a column whose cells have another width than its type: it was altered while it was read. */
export function requireWidth(cells: Cells, width: number): void {
  const { length, rows } = cells;
  for (let i = 0; i < rows; i++) {
    const l = length[i]!;
    if (l >= 0 && l !== width) throw new CellError(i, `${l} bytes`, `has ${l} bytes where its type has ${width}`);
  }
}
