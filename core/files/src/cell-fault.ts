/** Marks a cell fault in DuckDB's `error()` text; `explain` reads it back. */
export const CELL_MARK = 'kalla-cell';

const CELL = new RegExp(`${CELL_MARK}:(\\d+):([\\s\\S]*?):${CELL_MARK}-end`);

/** Reads the column index and the cell (cut at 200 characters) out of an engine message, or null. */
export function cellOfMessage(message: string): { column: number; value: string } | null {
  const match = CELL.exec(message);
  return match ? { column: Number(match[1]), value: match[2] ?? '' } : null;
}

/** What was expected of a cell, as the end of a sentence: "is not a number". */
export function expectationOf(type: string): string {
  if (/^(decimal|u?int|float)/.test(type))
    return type.startsWith('int') || type.startsWith('uint') ? 'not a whole number' : 'not a number';
  if (type === 'date') return 'not a date';
  if (type.startsWith('timestamp')) return 'not a date with time';
  if (type === 'boolean') return 'neither true nor false';
  return `not a ${type}`;
}

/** Shortens a text for a message. */
export function cut(text: string, length = 200): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
