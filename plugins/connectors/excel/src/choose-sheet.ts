import { ConnectorError, type Note, type Operation } from '@kalla/core';
import { partOf } from '@kalla/files';
import { SharedStrings } from './shared-strings.ts';
import { sheetRows } from './sheet-rows.ts';
import type { SheetInfo, Workbook } from './workbook.ts';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Sheets that are looked into for a value; a workbook with more has its first ones looked into. */
const MOST_LOOKED = 50;

/** The sheet that is read, and what has to be said about the others. */
export interface Choice {
  sheet: SheetInfo;
  notes: Note[];
  /** The share of the operation that the looking took, 0 to `LOOKING`; reading goes on from there. */
  looked: number;
}

/**
 * The most of the whole that looking for the sheet can take: one whose only value stands at its end is looked through, and
 * then read just as far.
 */
const LOOKING = 0.5;

/**
 * The sheet that was asked for, or the first visible one that holds anything. Where others hold something too, a note asks
 * which one is meant. `operation.onProgress` is told how far the looking is, as a share of looking and reading.
 */
export async function chooseSheet(
  workbook: Workbook,
  wanted: string | undefined,
  scratchDir: string,
  operation: Operation,
): Promise<Choice> {
  const { sheets } = workbook;
  if (wanted !== undefined) {
    const sheet =
      sheets.find(({ name }) => name === wanted) ??
      sheets.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
    if (sheet) return { sheet, notes: notesOn(workbook, sheet, []), looked: 0 };
    throw new ConnectorError('not-found', `${workbook.archive.name} has no sheet "${wanted}".`, {
      field: 'options.sheet',
      hint: `Its sheets are ${sheets.map(({ name }) => `"${name}"`).join(', ')}.`,
    });
  }
  const filled: SheetInfo[] = [];
  const visible = sheets.slice(0, MOST_LOOKED).filter(({ state }) => state === 'visible');
  const bytesOf = ({ part }: SheetInfo) => workbook.archive.sizeOf(part);
  const all = visible.reduce((sum, sheet) => sum + bytesOf(sheet), 0);
  // A sheet that holds something is done with at its first value, so only what was really looked through counts.
  let looked = 0;
  const { signal, onProgress } = operation;
  const counted: Operation = { signal, onProgress: (share) => onProgress?.((looked = share)) };
  for (const sheet of visible) {
    const looking = partOf(counted, looked, looked + (LOOKING * bytesOf(sheet)) / Math.max(all, 1));
    if (await holdsValues(workbook, sheet, scratchDir, looking)) filled.push(sheet);
  }
  const sheet = filled[0] ?? sheets.find(({ state }) => state === 'visible') ?? (sheets[0] as SheetInfo);
  return { sheet, notes: notesOn(workbook, sheet, filled), looked };
}

async function holdsValues(
  workbook: Workbook,
  sheet: SheetInfo,
  scratchDir: string,
  operation: Operation,
): Promise<boolean> {
  const path = join(scratchDir, `${randomUUID()}.strings`);
  const strings = workbook.sharedStrings
    ? new SharedStrings(workbook.archive, workbook.sharedStrings, path, operation)
    : null;
  try {
    for await (const rows of sheetRows(workbook, sheet, strings, { hiddenColumns: [], merged: [] }, operation)) {
      if (rows.some((row) => row.faults.length || row.cells.some((cell) => cell && cell.kind !== 'blank'))) return true;
    }
    return false;
  } finally {
    strings?.[Symbol.dispose]();
    await rm(path, { force: true });
  }
}

function notesOn(workbook: Workbook, sheet: SheetInfo, filled: readonly SheetInfo[]): Note[] {
  const notes: Note[] = [];
  const others = workbook.sheets.filter((one) => one !== sheet);
  const list = others.slice(0, 20).map(({ name, state }) => `"${name}"${state === 'visible' ? '' : ' (hidden)'}`);
  const named = list.join(', ') + (others.length > list.length ? ` and ${others.length - list.length} more` : '');
  if (sheet.state !== 'visible') notes.push({ message: `The sheet "${sheet.name}" is hidden in Excel.` });
  if (others.length) {
    notes.push({
      message: `The sheet "${sheet.name}" is read; the workbook also has ${named}.`,
      count: others.length,
      ...(filled.length > 1 ? { choice: { sheet: filled.map(({ name }) => name) } } : {}),
    });
  }
  if (workbook.otherSheets.length) {
    notes.push({
      message: `Sheets without cells, such as charts, are not read: ${workbook.otherSheets.map((name) => `"${name}"`).join(', ')}.`,
      count: workbook.otherSheets.length,
    });
  }
  return notes;
}
