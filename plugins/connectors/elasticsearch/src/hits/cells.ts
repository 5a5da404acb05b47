/**
 * Where the cells of one column lie in the bytes of an answer: from `from[i]` to `to[i]`, as JSON; `from[i]` is -1 where there is
 * none. A value that begins with `[` is a list of more than one.
 */
export interface Cells {
  buffer: Buffer;
  from: Int32Array;
  to: Int32Array;
  rows: number;
  /** Further values of a row, where lists of objects hold the field several times, or a document writes it twice. */
  more: Map<number, Array<[from: number, to: number]>> | null;
}

/** Why a cell could not be decoded; the reader adds document, field and sentence. */
export class CellError extends Error {
  override readonly name = 'CellError';
  readonly row: number;
  readonly value: string;
  /** @param row 0-based, within the page. */
  constructor(row: number, value: string, reason: string) {
    super(reason);
    this.row = row;
    this.value = value;
  }
}

/** The cell as it stands in the answer, for an error. */
export function cellText({ buffer, from, to }: Cells, row: number): string {
  return buffer.toString('utf8', from[row], Math.min(to[row]!, from[row]! + 200));
}
