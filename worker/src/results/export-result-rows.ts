import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { once } from 'node:events';
import path from 'node:path';
import ExcelJS from 'exceljs';
import {
  quoteIdentifier,
  quoteLiteral,
  throwIfAborted,
  type ColumnInfo,
  type resultExportRequestSchema,
} from '@kalla/core';
import type { z } from 'zod';
import { Engine } from '../engine/engine.ts';
import { translateEngineError } from '../engine/engine-error.ts';
import { cellText } from './json-cells.ts';
import type { TaskContext } from '../task-contract.ts';
import { localResult, openResultFile, type ResultFile } from './result-file.ts';
import { orderOf, whereOf } from './row-filter.ts';

export type ResultExportRequest = z.output<typeof resultExportRequestSchema>;

/** Rows of one Excel sheet without the header. */
export const SHEET_ROWS = 1_048_575;
/** Excel keeps 15 digits of a number; a longer one stays text so that no digit is lost. */
const EXACT_DIGITS = 15;
/** Longest text of an Excel cell. */
const CELL_CHARACTERS = 32_767;

/**
 * Writes a result file, or the filtered and sorted part of it, as CSV, Parquet or Excel.
 *
 * Cells are never changed. In particular CSV has no guard against spreadsheet formulas: a leading quote would alter the
 * data. NULL is an empty field, an empty text is `""`. In Excel a number is a real number where it is exact within 15
 * digits, else text; above 1,048,575 rows further sheets follow.
 *
 * The file is complete before the first byte leaves, so a failure is a problem and never half a file.
 */
export async function* exportResultRows(
  request: ResultExportRequest,
  context: TaskContext,
): AsyncGenerator<Uint8Array> {
  const target = path.join(context.scratchDir, `export.${request.format}`);
  try {
    await writeExport(await localResult(request.uri, context), request, target, context);
    yield* createReadStream(target, { highWaterMark: 1 << 18, signal: context.signal });
  } finally {
    await rm(target, { force: true });
  }
}

/** Writes the export into a file. */
export async function writeExport(
  file: string,
  query: Omit<ResultExportRequest, 'uri'>,
  target: string,
  context: Pick<TaskContext, 'signal' | 'scratchDir' | 'limits'>,
): Promise<void> {
  const { signal, limits } = context;
  const options = { signal };
  try {
    await using engine = await Engine.open({
      memoryBytes: limits.memoryBytes,
      threads: limits.threads,
      tempDir: path.join(context.scratchDir, 'spill'),
    });
    const table = await openResultFile(engine, file, query.differences);
    const where = await whereOf(engine, table.columns, query);
    const order = orderOf(table.columns, query.sort) ?? 'file_row_number';
    const rest = `FROM ${table.from} WHERE ${where}${where === 'true' && !query.sort ? '' : ` ORDER BY ${order}`}`;
    if (query.format === 'xlsx') await writeWorkbook(engine, table, rest, target, options);
    else {
      const text = query.format === 'csv';
      const list = table.columns.map(({ name, type }) => {
        const column = quoteIdentifier(name);
        return text ? `${cellText(type, column)} AS ${column}` : column;
      });
      const format = text ? `FORMAT csv, HEADER true, NULLSTR ''` : 'FORMAT parquet, COMPRESSION zstd';
      await engine.run(
        `COPY (SELECT ${list.join(', ')} ${rest}) TO ${quoteLiteral(target)} (${format}, USE_TMP_FILE false)`,
        options,
      );
    }
  } catch (error) {
    throw translateEngineError(error, 'The export', signal);
  }
}

async function writeWorkbook(
  engine: Engine,
  table: ResultFile,
  rest: string,
  target: string,
  options: { signal?: AbortSignal },
): Promise<void> {
  const { columns } = table;
  const stream = createWriteStream(target);
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({ stream, useStyles: true, useSharedStrings: false });
  const list = columns.map(({ name, type }) => cellText(type, quoteIdentifier(name))).join(', ');
  let sheet: ExcelJS.Worksheet | undefined;
  let number = 0;
  let inSheet = 0;
  const begin = () => {
    sheet?.commit();
    number++;
    inSheet = 0;
    sheet = book.addWorksheet(number === 1 ? 'Rows' : `Rows ${number}`, { views: [{ state: 'frozen', ySplit: 1 }] });
    columns.forEach(({ type }, index) => {
      const scale = /^decimal\(\d+,(\d+)\)$/.exec(type)?.[1];
      if (scale !== undefined)
        sheet!.getColumn(index + 1).numFmt = Number(scale) > 0 ? `0.${'0'.repeat(Number(scale))}` : '0';
    });
    sheet.addRow(columns.map((column) => column.name)).commit();
  };
  begin();
  const result = await engine.connection.stream(`SELECT ${list} ${rest}`);
  for (;;) {
    if (options.signal) throwIfAborted(options.signal);
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    for (const row of chunk.getRows()) {
      if (inSheet === SHEET_ROWS) begin();
      sheet!.addRow(row.map((value, index) => excelCell(columns[index]!, value as string | null))).commit();
      inSheet++;
    }
    // The zip stream is fed synchronously; without a pause the whole workbook would pile up in memory.
    if (stream.writableNeedDrain) await once(stream, 'drain');
    else await new Promise((resolve) => setImmediate(resolve));
  }
  sheet!.commit();
  await book.commit();
}

/** A cell for Excel from its exact text. */
export function excelCell(column: ColumnInfo, text: string | null): string | number | boolean | null {
  if (text === null) return null;
  if (column.type === 'boolean') return text === 'true';
  const isNumber = /^(u?int|decimal|float)/.test(column.type);
  if (isNumber && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) {
    const digits = text.replace(/e.*$/i, '').replace(/\D/g, '').replace(/^0+/, '');
    if (digits.length <= EXACT_DIGITS) return Number(text);
  }
  return text.length > CELL_CHARACTERS ? `${text.slice(0, CELL_CHARACTERS - 1)}…` : text;
}
