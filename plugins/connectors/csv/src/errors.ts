import { ConnectorError, type CellFault } from '@kalla/core';

/** Marks a cell fault in DuckDB's `error()` text; `explain` reads it back. */
export const CELL_MARK = 'kalla-cell';

const CELL = new RegExp(`${CELL_MARK}:(\\d+):([\\s\\S]*?):${CELL_MARK}-end`);

/** Reads the column index and the cell (cut at 200 characters) out of an engine message, or null. */
export function cellOfMessage(message: string): { column: number; value: string } | null {
  const match = CELL.exec(message);
  return match ? { column: Number(match[1]), value: match[2] ?? '' } : null;
}

/** True where the engine's message is about the layout of the CSV text: ragged rows, quotes, encoding, line ends. */
export function isLayoutMessage(message: string): boolean {
  return /CSV Error on Line|CSV Parser state machine|Invalid unicode|maximum line size/i.test(message);
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

/** A cell that does not fit its column: the first fault makes the sentence, all go along (at most 20). */
export function cellError(file: string, faults: CellFault[]): ConnectorError {
  const [first] = faults;
  const hint = 'Mend the cell, or choose Text for this column.';
  const where = first?.line === undefined ? file : `${file}, line ${first.line}`;
  const more = faults.length > 1 ? ` ${faults.length} such cells were found.` : '';
  return new ConnectorError(
    'type',
    `${where}, column "${first?.column ?? '?'}": "${cut(first?.value ?? '')}" is ${first?.message ?? 'not of this type'}.${more}`,
    { hint, faults: faults.slice(0, 20).map((fault) => ({ file, hint, ...fault })) },
  );
}

/** A file whose text is broken: the first fault makes the sentence. */
export function layoutError(file: string, faults: CellFault[], cause?: unknown): ConnectorError {
  const [first] = faults;
  const where = first?.line === undefined ? file : `${file}, line ${first.line}`;
  return new ConnectorError('type', `${where}: ${first?.message ?? 'the line cannot be read'}.`, {
    hint: first?.hint ?? 'Mend the line, or choose another delimiter or quote.',
    faults: faults.slice(0, 20).map((fault) => ({ file, ...fault })),
    cause,
  });
}
