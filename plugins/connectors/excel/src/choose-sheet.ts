import { ConnectorError, type Note, type Operation } from '@kalla/core';
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
}

/**
 * The sheet that was asked for, or the first visible one that holds anything. Where others hold something too, a note asks
 * which one is meant.
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
    if (sheet) return { sheet, notes: notesOn(workbook, sheet, []) };
    throw new ConnectorError('not-found', `${workbook.archive.name} has no sheet "${wanted}".`, {
      field: 'options.sheet',
      hint: `Its sheets are ${sheets.map(({ name }) => `"${name}"`).join(', ')}.`,
    });
  }
  const filled: SheetInfo[] = [];
  for (const sheet of sheets.slice(0, MOST_LOOKED)) {
    if (sheet.state === 'visible' && (await holdsValues(workbook, sheet, scratchDir, operation))) filled.push(sheet);
  }
  const sheet = filled[0] ?? sheets.find(({ state }) => state === 'visible') ?? (sheets[0] as SheetInfo);
  return { sheet, notes: notesOn(workbook, sheet, filled) };
}

async function holdsValues(
  workbook: Workbook,
  sheet: SheetInfo,
  scratchDir: string,
  operation: Operation,
): Promise<boolean> {
  // A look into a sheet is no part of its reading.
  const looking: Operation = { signal: operation.signal };
  const path = join(scratchDir, `${randomUUID()}.strings`);
  const strings = workbook.sharedStrings
    ? new SharedStrings(workbook.archive, workbook.sharedStrings, path, looking)
    : null;
  try {
    for await (const rows of sheetRows(workbook, sheet, strings, { hiddenColumns: [], merged: [] }, looking)) {
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
