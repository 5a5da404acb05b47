import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { quoteLiteral, type resultRowsRequestSchema, type RowsPage } from '@kalla/core';
import type { z } from 'zod';
import { Engine, type RunOptions } from '../engine/engine.ts';
import { translateEngineError } from '../engine/engine-error.ts';
import { resultParquet } from '../engine/parquet-options.ts';
import { jsonCellList, jsonRow } from './json-cells.ts';
import { localResult, openResultFile, type ResultFile } from './result-file.ts';
import type { TaskContext } from '../task-contract.ts';
import { orderOf, whereOf, type RowSelection } from './row-filter.ts';

export type ResultRowsRequest = z.output<typeof resultRowsRequestSchema>;

/** Orders kept on disk, at 8 bytes a row and less; the one not used for longest goes first. */
const KEPT_ORDERS = 16;

/**
 * One page of a result file, from any offset, also of 5 million rows.
 *
 * Without sort and filter the page is a range of row numbers, which skips all other row groups. With them the row numbers
 * in order are written once into a small scratch file, and each page reads its row numbers from there. These files
 * lie beside the task's own folder, so that the next process finds them too, and go with the worker.
 *
 * @throws ProblemError `validation` for an absent column or a value that does not fit its column; `not-found`.
 */
export async function readResultRows(request: ResultRowsRequest, context: TaskContext): Promise<RowsPage> {
  const file = await localResult(request.uri, context);
  await using engine = await Engine.open({
    memoryBytes: context.limits.memoryBytes,
    threads: context.limits.threads,
    tempDir: path.join(context.scratchDir, 'spill'),
  });
  const orders = path.join(path.dirname(context.scratchDir), 'result-orders');
  return await readPage({ engine, orders }, file, request, { signal: context.signal });
}

interface Reader {
  engine: Engine;
  /** Folder of the kept orders. */
  orders: string;
}

async function readPage(
  reader: Reader,
  file: string,
  query: ResultRowsRequest,
  options: RunOptions,
): Promise<RowsPage> {
  const { engine } = reader;
  try {
    const table = await openResultFile(engine, file, query.differences);
    const { columns } = table;
    const list = jsonCellList(columns, 't.');
    const where = await whereOf(engine, columns, query);
    const order = orderOf(columns, query.sort);
    let sql: string;
    let total = table.rows;
    if (where === 'true' && order === null) {
      sql = `SELECT ${list} FROM ${table.from} t WHERE file_row_number >= ${query.offset} AND file_row_number < ${query.offset + query.limit} ORDER BY file_row_number`;
    } else {
      const kept = await orderedRows(reader, file, table, query, where, order, options);
      total = kept.rows;
      const numbers = await engine.rows(
        `SELECT row_id::VARCHAR FROM read_parquet(${quoteLiteral(kept.path)}, file_row_number = true) ` +
          `WHERE file_row_number >= ${query.offset} AND file_row_number < ${query.offset + query.limit} ORDER BY file_row_number`,
        options,
      );
      if (numbers.length === 0) return { columns, rows: [], total, row_numbers: [] };
      const ids = numbers.map((row) => String(row[0]));
      const found = await engine.rows(
        `SELECT ${list}, t.file_row_number::VARCHAR FROM ${table.from} t WHERE file_row_number IN (${ids.join(', ')})`,
        options,
      );
      const byId = new Map(found.map((row) => [String(row.at(-1)), row]));
      return { columns, rows: ids.map((id) => jsonRow(columns, byId.get(id)!)), total, row_numbers: ids.map(Number) };
    }
    const rows = query.limit === 0 ? [] : await engine.rows(sql, options);
    return {
      columns,
      rows: rows.map((row) => jsonRow(columns, row)),
      total,
      row_numbers: rows.map((_, index) => query.offset + index),
    };
  } catch (error) {
    throw translateEngineError(error, 'Reading the result', options.signal);
  }
}

/** The file of row numbers for one selection, made on first use. */
async function orderedRows(
  reader: Reader,
  file: string,
  table: ResultFile,
  selection: RowSelection,
  where: string,
  order: string | null,
  options: RunOptions,
): Promise<{ path: string; rows: number }> {
  const { mtimeMs, size } = await stat(file);
  const key = createHash('sha256')
    .update(JSON.stringify([file, mtimeMs, size, table.from, where, order]))
    .digest('hex')
    .slice(0, 32);
  const target = path.join(reader.orders, `${key}.parquet`);
  const countRows = async () => {
    const counted = await reader.engine.rows(
      `SELECT num_rows::VARCHAR FROM parquet_file_metadata(${quoteLiteral(target)})`,
    );
    return Number(counted[0]![0]);
  };
  const now = new Date();
  // Two processes may make the same order: each writes a file of its own, and the rename is atomic.
  const own = `${target}.${randomUUID()}`;
  try {
    await utimes(target, now, now);
    return { path: target, rows: await countRows() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await mkdir(reader.orders, { recursive: true });
  try {
    await reader.engine.run(
      `COPY (SELECT file_row_number AS row_id FROM ${table.from} WHERE ${where} ORDER BY ${order ?? 'file_row_number'}) ` +
        `TO ${quoteLiteral(own)} ${resultParquet(1)}`,
      options,
    );
    await rename(own, target);
  } finally {
    await rm(own, { force: true });
  }
  await removeOldOrders(reader.orders);
  return { path: target, rows: await countRows() };
}

async function removeOldOrders(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.parquet'));
  if (names.length <= KEPT_ORDERS) return;
  const used = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(path.join(folder, name))).mtimeMs })),
  );
  used.sort((a, b) => b.at - a.at);
  for (const { name } of used.slice(KEPT_ORDERS)) await rm(path.join(folder, name), { force: true });
}
