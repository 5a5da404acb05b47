import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { once } from 'node:events';
import path from 'node:path';
import ExcelJS from 'exceljs';
import { quoteIdentifier, quoteLiteral, throwIfAborted, type resultExportRequestSchema } from '@kalla/core';
import type { z } from 'zod';
import { Engine } from '../engine/engine.ts';
import { translateEngineError } from '../engine/engine-error.ts';
import { excelCell, excelFormat } from './excel-cell.ts';
import { cellText } from './json-cells.ts';
import type { TaskContext } from '../task-contract.ts';
import { localResult, openResultFile, type ResultFile } from './result-file.ts';
import { orderOf, whereOf } from './row-filter.ts';

export type ResultExportRequest = z.output<typeof resultExportRequestSchema>;

/** Rows of one Excel sheet without the header. */
export const SHEET_ROWS = 1_048_575;

/**
 * Writes a result file, or the filtered and sorted part of it, as CSV, Parquet or Excel.
 *
 * Cells are never changed. In particular CSV has no guard against spreadsheet formulas: a leading quote would alter the
 * data. NULL is an empty field, an empty text is `""`. In Excel a number or a date is a real one where Excel
 * holds it exactly, else text; above 1,048,575 rows further sheets follow, and a text too long for a cell is refused.
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
      const column = sheet!.getColumn(index + 1);
      const format = excelFormat(type);
      if (format !== undefined) column.numFmt = format;
      // A date in a column of the usual width is shown as ####.
      if (type === 'date' || type.startsWith('timestamp')) column.width = type === 'date' ? 12 : 26;
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
