import { CellError, cellText, type Cells } from '../hits/cells.ts';

const QUOTE = 0x22;
const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;

/** Refuses a cell that is more than one value, or an object, where the column holds one plain value. */
export function requireScalar(cells: Cells, row: number): void {
  const first = cells.buffer[cells.from[row]!];
  if (first === OPEN_LIST || cells.more?.has(row)) throw new CellError(row, listText(cells, row), 'holds a list');
  if (first === OPEN_OBJECT) throw new CellError(row, cellText(cells, row), 'holds an object');
}

/** The text of a plain value: of `"12"` and of `12` it is 12. */
export function scalarText(cells: Cells, row: number): string {
  requireScalar(cells, row);
  const { buffer, from, to } = cells;
  const text = buffer.toString('utf8', from[row], to[row]);
  return buffer[from[row]!] === QUOTE ? (JSON.parse(text) as string) : text;
}

/** All values of a row as one JSON list; lists among them are opened. */
export function listText({ buffer, from, to, more }: Cells, row: number): string {
  const parts = [[from[row]!, to[row]!] as const, ...(more?.get(row) ?? [])].map(([start, end]) => {
    const text = buffer.toString('utf8', start, end);
    return buffer[start] === OPEN_LIST ? text.slice(1, -1).trim() : text;
  });
  return `[${parts.filter((part) => part !== '').join(',')}]`;
}
