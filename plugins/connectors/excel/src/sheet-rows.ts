import type { Operation } from '@kalla/core';
import { columnOf } from './address.ts';
import { readCell } from './cells.ts';
import { brokenError } from './errors.ts';
import type { SharedStrings } from './shared-strings.ts';
import type { RawCell, RawRow, SheetRow } from './types.ts';
import { isTrue, type SheetInfo, type Workbook } from './workbook.ts';
import { readXml } from './xml.ts';

/** More columns a sheet cannot have. */
const MOST_COLUMNS = 16_384;
const MOST_ROWS = 1_048_576;

/** What a sheet says beside its rows; complete once all rows are read. */
export interface SheetExtras {
  /** 0-based first and last column of hidden ranges. */
  hiddenColumns: [from: number, to: number][];
  /** Merged areas with the rows they lie in. */
  merged: { ref: string; firstRow: number; lastRow: number }[];
}

/**
 * The rows of a sheet in order, some hundred at a time: one array for each chunk of the unpacked file, so that the memory
 * is the same for every size of sheet. Rows without a value come too. `operation.onProgress` is told the share that is read.
 */
export async function* sheetRows(
  workbook: Workbook,
  sheet: SheetInfo,
  strings: SharedStrings | null,
  extras: SheetExtras,
  operation: Operation,
): AsyncGenerator<SheetRow[]> {
  const { archive } = workbook;
  let rows: RawRow[] = [];
  let row: RawRow | null = null;
  let cell: RawCell | null = null;
  let last = 0;
  let lastColumn = -1;
  let taking = false;
  let inFormula = false;
  let phonetic = false;
  let deepest = -1;
  const chunks = readXml(
    archive.read(sheet.part, operation, operation.onProgress),
    {
      open(name, attributes) {
        switch (name) {
          case 'c': {
            if (!row) return;
            const column = attributes.r === undefined ? lastColumn + 1 : columnOf(attributes.r);
            if (column <= lastColumn || column >= MOST_COLUMNS) {
              throw brokenError(
                archive.name,
                `${sheet.name}, row ${row.number}, names the cell "${attributes.r ?? ''}" in no proper order`,
              );
            }
            lastColumn = column;
            const { t: type = 'n', s: style } = attributes;
            cell = {
              column,
              type,
              style: style === undefined ? -1 : Number(style),
              value: null,
              formula: false,
              sum: false,
            };
            return;
          }
          case 'v':
            taking = cell !== null;
            if (cell) cell.value ??= '';
            return;
          case 't':
            taking = cell?.type === 'inlineStr' && !phonetic;
            if (taking && cell) cell.value ??= '';
            return;
          case 'rPh':
            phonetic = true;
            return;
          case 'f':
            inFormula = cell !== null;
            if (cell) cell.formula = true;
            return;
          case 'row': {
            const number = attributes.r === undefined ? last + 1 : Number(attributes.r);
            if (!(number > last) || number > MOST_ROWS) {
              throw brokenError(archive.name, `${sheet.name} has row ${attributes.r ?? ''} after row ${last}`);
            }
            last = number;
            lastColumn = -1;
            row = { number, hidden: isTrue(attributes.hidden), cells: [] };
            return;
          }
          case 'col':
            if (isTrue(attributes.hidden))
              extras.hiddenColumns.push([Number(attributes.min) - 1, Number(attributes.max) - 1]);
            return;
          case 'mergeCell':
            addMerged(extras, attributes.ref ?? '');
            return;
        }
      },
      close(name) {
        switch (name) {
          case 'v':
          case 't':
            taking = false;
            return;
          case 'rPh':
            phonetic = false;
            return;
          case 'f':
            inFormula = false;
            return;
          case 'c':
            if (row && cell && (cell.value !== null || cell.formula)) {
              row.cells.push(cell);
              if (cell.type === 's' && cell.value !== null) deepest = Math.max(deepest, Number(cell.value));
            }
            cell = null;
            return;
          case 'row':
            if (row) rows.push(row);
            row = null;
            return;
        }
      },
      text(text) {
        if (!cell) return;
        if (taking) cell.value += text;
        else if (inFormula) cell.sum ||= /^\s*=?(?:SUM|SUBTOTAL|AGGREGATE|COUNTA?)\(/i.test(text);
      },
    },
    archive.name,
    sheet.part,
    operation,
  );
  for await (const _ of chunks) {
    if (rows.length === 0) continue;
    if (deepest >= 0) await strings?.reach(deepest);
    const ready = rows.map((raw) => readRow(raw, workbook, sheet, strings));
    rows = [];
    deepest = -1;
    yield ready;
  }
}

function readRow(raw: RawRow, workbook: Workbook, sheet: SheetInfo, strings: SharedStrings | null): SheetRow {
  const row: SheetRow = { number: raw.number, hidden: raw.hidden, cells: [], faults: [] };
  for (const cell of raw.cells) {
    const read = readCell(cell, raw.number, workbook, sheet.name, strings);
    if (!read) continue;
    if ('fault' in read) row.faults.push({ column: cell.column, fault: read });
    else row.cells[cell.column] = read;
  }
  return row;
}

function addMerged(extras: SheetExtras, ref: string): void {
  const match = /^[A-Z]+(\d+):[A-Z]+(\d+)$/i.exec(ref);
  if (match) extras.merged.push({ ref, firstRow: Number(match[1]), lastRow: Number(match[2]) });
}
