import { ConnectorError, type Note, type UploadOptions } from '@kalla/core';
import { cut, namesTotals, usableNames } from '@kalla/files';
import type { Cell, SheetRow } from './types.ts';

/** The top of a sheet: where its rows begin and what its columns are called. */
export interface Top {
  header: boolean;
  /** Names by sheet column; '' where the header has none. */
  names: string[];
  /** Rows of the sheet above the header, or above the first row where there is no header. */
  skipLines: number;
  notes: Note[];
}

const SEARCH_ROWS = 50;

/** Filled rows from the top that are looked at before the first row is handed on. */
export const HEAD_ROWS = 500;
/** Filled rows at the end that may be totals. */
export const TAIL_ROWS = 12;

/**
 * Finds the header below title lines. A row is a header when it is filled like the rows below, names things (no number, no
 * date) and every row above it is plainly no row of the table: half as filled or less, or parted from it by an empty row.
 *
 * @param rows The first filled rows of the sheet.
 */
export function findTop(rows: readonly SheetRow[], options: UploadOptions): Top {
  const forced = options.skip_lines;
  const from = forced === undefined ? 0 : rows.findIndex((row) => row.number > forced);
  const kept = from < 0 ? [] : rows.slice(from);
  const first = kept[0];
  if (!first) {
    throw new ConnectorError('type', 'Below the rows that are left out the sheet holds nothing.', {
      field: 'options.skip_lines',
      hint: 'Leave out fewer rows at the top.',
    });
  }
  const counts = kept.map((row) => filled(row).length).sort((a, b) => a - b);
  const width = counts[counts.length >> 1] ?? 1;
  const at = forced === undefined && options.header !== false ? headerAt(kept, width) : -1;
  let header = at >= 0;
  let sure = true;
  if (!header)
    ({ header, sure } =
      options.header === undefined ? detectHeader(first, kept.slice(1)) : { header: options.header, sure: true });
  const top = kept[Math.max(at, 0)] as SheetRow;
  const names = header ? Array.from(top.cells, (cell) => cell?.text.replaceAll(/\s+/g, ' ').trim() ?? '') : [];
  const left = rows.slice(0, rows.indexOf(top));
  const notes: Note[] = [];
  if (left.length) {
    notes.push({
      message: `${left.length === 1 ? 'One row' : `${left.length} rows`} above the ${header ? 'header' : 'first row'} left out: ${quoteRows(left)}`,
      count: left.length,
    });
  }
  if (!header && options.header === undefined) {
    notes.push({
      message: 'The sheet has no row of column names; the columns are called column_1, column_2 and so on.',
    });
  }
  if (header && !sure) {
    notes.push({
      message: 'The first row was taken as column names. If it is a row, say that the file has no header.',
    });
  }
  return { header, names, skipLines: top.number - 1, notes };
}

/** Names of the columns that are kept, in their order. */
export function namesOf(top: Top, positions: readonly number[]): { names: string[]; notes: Note[] } {
  if (!top.header) return { names: positions.map((_, index) => `column_${index + 1}`), notes: [] };
  return usableNames(
    positions.map((position) => top.names[position] ?? ''),
    positions.length,
  );
}

/**
 * How many of the last filled rows are no rows of the table but totals: rows that name a sum, or that hold nothing but sums.
 *
 * @param tail The last filled rows, in order. @param width Columns of the table.
 */
export function countTotals(tail: readonly SheetRow[], width: number, forced: number | undefined): number {
  if (forced !== undefined) return Math.min(forced, tail.length);
  if (width < 2) return 0;
  let count = 0;
  for (let at = tail.length - 1; at >= 0 && isTotals(tail[at] as SheetRow, width); at--) count++;
  return count;
}

/** Rows that are left out, as they are shown in a note. */
export function quoteRows(rows: readonly SheetRow[]): string {
  const shown = rows.slice(0, 20).map(
    (row) =>
      `“${cut(
        filled(row)
          .map(({ text }) => text.trim())
          .join(' | '),
      )}” (row ${row.number})`,
  );
  return shown.join(', ') + (rows.length > shown.length ? ` and ${rows.length - shown.length} more.` : '.');
}

/** The cells that hold something. */
export function filled(row: SheetRow): Cell[] {
  return row.cells.filter((cell): cell is Cell => cell !== undefined && cell.kind !== 'blank');
}

function headerAt(rows: readonly SheetRow[], width: number): number {
  for (let at = 0; at < Math.min(rows.length - 1, SEARCH_ROWS); at++) {
    const row = rows[at] as SheetRow;
    const cells = filled(row);
    if (cells.length < Math.max(2, Math.ceil(width * 0.6)) || !namesLike(cells)) continue;
    const above = rows.slice(0, at);
    const gap = at > 0 && row.number > (rows[at - 1]?.number ?? 0) + 1;
    const plain = above.every((title) => filled(title).length <= Math.max(1, width / 2) || gap);
    if (!plain) return -1;
    // Without anything above it the first row is looked at more closely.
    return at === 0 ? -1 : at;
  }
  return -1;
}

function detectHeader(first: SheetRow, rows: readonly SheetRow[]): { header: boolean; sure: boolean } {
  const cells = filled(first);
  if (cells.length === 0 || !namesLike(cells)) return { header: false, sure: true };
  const contrast = first.cells.some((cell, column) => {
    if (!cell) return false;
    const below = rows.map((row) => row.cells[column]).filter((one) => one && one.kind !== 'blank');
    return below.length > 0 && below.every((one) => one && isValue(one));
  });
  if (contrast || rows.length === 0) return { header: true, sure: true };
  const recurs = first.cells.some((cell, column) => cell && rows.some((row) => row.cells[column]?.text === cell.text));
  return recurs ? { header: false, sure: true } : { header: true, sure: false };
}

function namesLike(cells: readonly Cell[]): boolean {
  return cells.every((cell) => !isValue(cell));
}

/** A number, a date, a truth: what names no column. Years (2026) do, as text only. */
function isValue(cell: Cell): boolean {
  return cell.kind !== 'text' || /^[-+(]?\s*[€$£]?\s*\d[\d.,'\s\u00a0]*\)?\s*[€$£%]?$/.test(cell.text.trim());
}

function isTotals(row: SheetRow, width: number): boolean {
  const cells = filled(row);
  if (cells.length >= width) return false;
  const [first] = cells;
  if (!first) return true;
  if (first.kind === 'text') return namesTotals(first.text);
  return cells.every((cell) => cell.sum);
}
