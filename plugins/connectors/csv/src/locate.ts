import type { CellFault, Operation } from '@kalla/core';
import { layoutError } from './errors.ts';
import { isBlank, MAX_LINE_BYTES, scanRecords, type TextRecord } from './records.ts';
import type { Prepared } from './prepare.ts';

const MOST = 20;

/** Rows of a prepared file with their physical lines in the user's file; the header is not among them. */
export async function* rowsOf(prepared: Prepared, operation: Operation): AsyncGenerator<TextRecord> {
  const { path, top, lineEnd, firstLine } = prepared;
  let header = top.header;
  for await (const record of scanRecords(path, top.dialect, lineEnd, firstLine, operation.signal)) {
    if (header) {
      header = false;
      if (!record.fault) continue;
    }
    if (top.names.length > 1 && isBlank(record)) continue;
    yield record;
  }
}

/** Finds the first faults in the layout of the text: quotes, cell counts, NULs, bytes that are not UTF-8. */
export async function layoutFaults(prepared: Prepared, operation: Operation): Promise<CellFault[]> {
  const { names } = prepared.top;
  const faults: CellFault[] = [];
  for await (const record of rowsOf(prepared, operation)) {
    const fault = faultOf(record, names, prepared.top.dialect.quote);
    if (fault) faults.push(fault);
    if (faults.length >= MOST) break;
  }
  return faults;
}

/** Throws the `type` error that names the faults of the text; without any it returns. */
export async function throwFaults(prepared: Prepared, operation: Operation, cause?: unknown): Promise<void> {
  const faults = await layoutFaults(prepared, operation);
  if (faults.length) throw layoutError(prepared.name, faults, cause);
}

/** Finds the lines of cells by column and text, in file order, at most 20. */
export async function locateCells(
  prepared: Prepared,
  wanted: ReadonlyMap<number, ReadonlySet<string>>,
  operation: Operation,
): Promise<{ line: number; column: number; value: string }[]> {
  const found: { line: number; column: number; value: string }[] = [];
  for await (const record of rowsOf(prepared, operation)) {
    for (const [column, values] of wanted) {
      const value = record.cells[column];
      if (typeof value === 'string' && (values.has(value) || (value.length > 200 && values.has(value.slice(0, 200))))) {
        found.push({ line: record.line, column, value });
      }
    }
    if (found.length >= MOST) break;
  }
  return found;
}

function faultOf(record: TextRecord, names: readonly string[], quote: string): CellFault | null {
  const { line, cells, fault } = record;
  if (fault) {
    const column = names[fault.column];
    const place = { line, ...(column === undefined ? {} : { column }) };
    const at = column === undefined ? '' : `column "${column}": `;
    switch (fault.kind) {
      case 'quote':
        return {
          ...place,
          message: `${at}text follows a closing quote (${quote})`,
          hint: `Double the quotes inside the cell, or choose another quote.`,
        };
      case 'unclosed':
        return {
          ...place,
          message: `${at}a quote (${quote}) opens here and is never closed`,
          hint: 'Close or double the quote, or choose another quote.',
        };
      case 'nul':
        return {
          ...place,
          message: `${at}the cell holds a NUL byte`,
          hint: 'The file is damaged, or is no text. Export it again.',
        };
      case 'utf8':
        return {
          ...place,
          message: `${at}the cell holds bytes that are not UTF-8`,
          hint: 'Save the file as UTF-8, or choose its encoding.',
        };
    }
  }
  if (record.end - record.start > MAX_LINE_BYTES) {
    return {
      line,
      message: `the row is longer than ${MAX_LINE_BYTES} bytes`,
      hint: 'A quote may be missing. Shorten or mend the row.',
    };
  }
  // A delimiter at the end of a row makes no cell.
  const count = cells.length === names.length + 1 && cells.at(-1) === null ? names.length : cells.length;
  if (count !== names.length) {
    const word = (n: number) => `${n} ${n === 1 ? 'cell' : 'cells'}`;
    return {
      line,
      message: `the row has ${word(count)} where ${names.length} ${names.length === 1 ? 'is' : 'are'} expected`,
      hint: 'Add or remove a delimiter, or put quotes around a cell that holds one.',
    };
  }
  return null;
}
