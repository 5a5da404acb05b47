import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConnectorError, throwIfAborted, type Note, type Operation, type UploadOptions } from '@kalla/core';
import type { TextRows } from '@kalla/files';
import { ColumnTally } from './column-tally.ts';
import { countTotals, findTop, HEAD_ROWS, namesOf, quoteRows, TAIL_ROWS, type Top } from './layout.ts';
import { SharedStrings } from './shared-strings.ts';
import { sheetRows, type SheetExtras } from './sheet-rows.ts';
import { Spill, textRows } from './spill.ts';
import type { SheetRow } from './types.ts';
import type { SheetInfo, Workbook } from './workbook.ts';
import { lettersOf } from './address.ts';

/** A sheet whose rows lie as text on disk, every cell of it looked at. */
export interface LoadedSheet {
  top: Top;
  /** Where the rows lie. */
  path: string;
  rows: TextRows;
  /** Sheet columns of `rows.names`, 0-based. */
  positions: number[];
  /** In the order of `positions`. */
  tallies: ColumnTally[];
  rowCount: number;
  /** Filled rows at the end that are left out. */
  footerRows: number;
  notes: Note[];
  /** False where reading stopped at the limit. */
  complete: boolean;
}

export interface LoadRequest {
  workbook: Workbook;
  sheet: SheetInfo;
  options: UploadOptions;
  scratchDir: string;
  /** Stop after so many rows. */
  limit?: number;
  /** With `limit`: the sheet columns that are known to be in use. */
  positions?: readonly number[];
}

/** A row is wider than all rows before it, so that the reading has to begin anew. */
class Wider extends Error {
  constructor(readonly width: number) {
    super();
  }
}

/** Reads a sheet once from its first row to its last, whatever its size in the same memory. */
export async function loadSheet(request: LoadRequest, operation: Operation): Promise<LoadedSheet> {
  for (let width = 0; ;) {
    const path = join(request.scratchDir, `${randomUUID()}.csv`);
    const stringsPath = `${path}.strings`;
    const { workbook } = request;
    const strings = workbook.sharedStrings
      ? new SharedStrings(workbook.archive, workbook.sharedStrings, stringsPath, operation)
      : null;
    try {
      return await load(request, strings, path, width, operation);
    } catch (error) {
      await rm(path, { force: true });
      if (!(error instanceof Wider)) throw error;
      width = error.width;
    } finally {
      strings?.[Symbol.dispose]();
      await rm(stringsPath, { force: true });
    }
  }
}

async function load(
  request: LoadRequest,
  strings: SharedStrings | null,
  path: string,
  leastWidth: number,
  operation: Operation,
): Promise<LoadedSheet> {
  const { workbook, sheet, options, limit } = request;
  const extras: SheetExtras = { hiddenColumns: [], merged: [] };
  const held: SheetRow[] = [];
  const tailRows = Math.max(TAIL_ROWS, options.skip_footer ?? 0);
  const tallies: ColumnTally[] = [];
  const hidden = { count: 0, first: 0 };
  let empty = 0;
  let pendingEmpty = 0;
  let top: Top | undefined;
  let spill: Spill | undefined;
  let rowCount = 0;
  let stopped = false;

  const begin = async (): Promise<Spill> => {
    top = findTop(held, options);
    const start = top.skipLines + (top.header ? 1 : 0);
    held.splice(
      0,
      held.findIndex((row) => row.number > start) < 0 ? held.length : held.findIndex((row) => row.number > start),
    );
    const width = Math.max(
      leastWidth,
      top.names.length,
      ...(request.positions ?? []).map((position) => position + 1),
      ...held.map((row) => widthOf(row)),
      1,
    );
    for (let column = 0; column < width; column++) tallies.push(new ColumnTally());
    return (spill = await Spill.create(path, width));
  };
  const write = (row: SheetRow): Promise<void> | undefined => {
    const to = spill as Spill;
    if (widthOf(row) > to.width) throw new Wider(widthOf(row));
    row.cells.forEach((cell, column) => cell && tallies[column]?.add(cell, row.number));
    for (const { column, fault } of row.faults) tallies[column]?.addFault(fault, row.number);
    if (row.hidden && hidden.count++ === 0) hidden.first = row.number;
    rowCount++;
    return to.add(row);
  };

  try {
    reading: for await (const rows of sheetRows(workbook, sheet, strings, extras, operation)) {
      for (const row of rows) {
        if (isEmpty(row)) {
          if (held.length || spill) pendingEmpty++;
          continue;
        }
        empty += pendingEmpty;
        pendingEmpty = 0;
        held.push(row);
        if (!spill && held.length < HEAD_ROWS + tailRows) continue;
        if (!spill) await begin();
        while (held.length > tailRows) {
          const wait = write(held.shift() as SheetRow);
          if (wait) await wait;
          if (limit !== undefined && rowCount >= limit) {
            stopped = true;
            break reading;
          }
        }
      }
    }
    throwIfAborted(operation.signal);
    if (!spill) {
      if (held.length === 0) throw emptySheet(workbook, sheet);
      await begin();
    }
    const found = top as unknown as Top;
    const used = () =>
      tallies
        .map((tally, position) => (found.names[position] || !tally.empty ? position : -1))
        .filter((position) => position >= 0);
    const totals = stopped
      ? []
      : takeTotals(
          held,
          [...used(), ...held.flatMap((row) => [...row.cells.keys()].filter((c) => row.cells[c]))],
          options,
        );
    for (const row of stopped ? [] : held) {
      if (limit !== undefined && rowCount >= limit) {
        stopped = true;
        break;
      }
      const wait = write(row);
      if (wait) await wait;
    }
    await (spill as unknown as Spill).close();
    const positions = stopped && request.positions ? [...request.positions] : used();
    if (positions.length === 0) throw emptySheet(workbook, sheet);
    const { names, notes: nameNotes } = namesOf(found, positions);
    const notes = [
      ...found.notes,
      ...totalsNotes(totals),
      ...nameNotes,
      ...placeNotes(found, extras, hidden, empty, names, positions, rowCount),
    ];
    return {
      top: found,
      path,
      rows: textRows(spill as unknown as Spill, positions, names),
      positions,
      tallies: positions.map((position) => tallies[position] as ColumnTally),
      rowCount,
      footerRows: totals.length,
      notes,
      complete: !stopped,
    };
  } catch (error) {
    await (spill as Spill | undefined)?.close().catch(() => undefined);
    throw error;
  }
}

function takeTotals(held: SheetRow[], columns: readonly number[], options: UploadOptions): SheetRow[] {
  const count = countTotals(
    held.slice(-Math.max(TAIL_ROWS, options.skip_footer ?? 0)),
    new Set(columns).size,
    options.skip_footer,
  );
  return count ? held.splice(-count) : [];
}

function totalsNotes(totals: readonly SheetRow[]): Note[] {
  if (totals.length === 0) return [];
  return [
    {
      message: `${totals.length === 1 ? 'One row' : `${totals.length} rows`} below the last row left out: ${quoteRows(totals)}`,
      count: totals.length,
    },
  ];
}

/** What a person who looks at the sheet would not expect, or not see. */
function placeNotes(
  top: Top,
  extras: SheetExtras,
  hidden: { count: number; first: number },
  empty: number,
  names: readonly string[],
  positions: readonly number[],
  rowCount: number,
): Note[] {
  const notes: Note[] = [];
  if (rowCount === 0) notes.push({ message: 'The sheet has column names and no rows.', count: 0 });
  if (empty) {
    notes.push({
      message: `${empty === 1 ? 'One empty row' : `${empty} empty rows`} between the rows skipped.`,
      count: empty,
    });
  }
  if (hidden.count) {
    notes.push({
      message: `${hidden.count === 1 ? 'One row that is hidden in Excel is' : `${hidden.count} rows that are hidden in Excel are`} included, the first is row ${hidden.first}.`,
      count: hidden.count,
    });
  }
  const hiddenNames = names.filter((_, index) => {
    const position = positions[index] ?? -1;
    return extras.hiddenColumns.some(([from, to]) => position >= from && position <= to);
  });
  if (hiddenNames.length) {
    const list = hiddenNames.map((name) => `"${name}" (${lettersOf(positions[names.indexOf(name)] ?? 0)})`).join(', ');
    notes.push({
      message: `${hiddenNames.length === 1 ? 'A column that is hidden in Excel is' : `${hiddenNames.length} columns that are hidden in Excel are`} included: ${list}.`,
      count: hiddenNames.length,
    });
  }
  const merged = extras.merged.filter(({ lastRow }) => lastRow > top.skipLines);
  if (merged.length) {
    const list = merged.slice(0, 3).map(({ ref }) => ref);
    const more = merged.length > list.length ? ' and others' : '';
    notes.push({
      message: `${merged.length === 1 ? 'One area of merged cells' : `${merged.length} areas of merged cells`} (${list.join(', ')}${more}): the value stands in the top left cell, the others are empty.`,
      count: merged.length,
    });
  }
  return notes;
}

function isEmpty(row: SheetRow): boolean {
  return row.faults.length === 0 && row.cells.every((cell) => cell === undefined || cell.kind === 'blank');
}

function widthOf(row: SheetRow): number {
  return row.faults.reduce((width, { column }) => Math.max(width, column + 1), row.cells.length);
}

function emptySheet(workbook: Workbook, sheet: SheetInfo): ConnectorError {
  const others = workbook.sheets.filter((one) => one !== sheet).map(({ name }) => `"${name}"`);
  return new ConnectorError('type', `The sheet "${sheet.name}" of ${workbook.archive.name} is empty.`, {
    field: 'options.sheet',
    hint: others.length
      ? `Choose another sheet: ${others.slice(0, 20).join(', ')}.`
      : 'Choose the workbook that holds the rows.',
  });
}
