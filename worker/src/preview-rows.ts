import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { quoteLiteral, type ColumnInfo, type RowsPage } from '@kalla/core';
import { ROW_NUMBER } from './engine/row-number.ts';
import { same } from './engine/column-scope.ts';
import { Engine } from './engine/engine.ts';
import { jsonCellList, jsonRow } from './results/json-cells.ts';
import { stageSource } from './staging/stage-source.ts';
import type { TaskContext, TaskSource } from './task-contract.ts';

/** What part of a source a preview shows. */
export interface PreviewPart {
  offset: number;
  limit: number;
  /** Only these columns; all where absent. */
  columns?: readonly string[];
  /** Of a source with more columns than this, only so many are read. */
  max_columns?: number;
}

/**
 * The first rows of a source as they will be staged, so that what a preview shows is what a run reads.
 *
 * Only `offset + limit` rows are read, and only the columns that are asked for. File sources get the row number as last
 * column, `_row`. `total` is the number of rows where the end was reached or the file knows it, else null.
 */
export async function previewRows(source: TaskSource, page: PreviewPart, context: TaskContext): Promise<RowsPage> {
  const dir = path.join(context.scratchDir, `preview-${source.alias}`);
  await mkdir(dir, { recursive: true });
  try {
    const { offset } = page;
    const wanted = offset + page.limit;
    let all: readonly ColumnInfo[] = [];
    const staged = await stageSource(
      source,
      path.join(dir, 'rows.parquet'),
      { ...context, onProgress: () => undefined },
      { limit: wanted + 1, choose: (columns) => chosen(source, page, (all = columns)) },
    );
    await using engine = await Engine.open({ memoryBytes: context.limits.memoryBytes / 2, threads: 1, tempDir: dir });
    const numbered = isNumbered(source, all);
    const withNumber = (list: readonly ColumnInfo[]): ColumnInfo[] =>
      numbered ? [...list, { name: ROW_NUMBER, type: 'int64', nullable: false }] : [...list];
    const columns = withNumber(staged.columns);
    const own = numbered ? `*, file_row_number + 1 AS "${ROW_NUMBER}"` : '*';
    const rows = await engine.rows(
      `SELECT ${jsonCellList(columns)} FROM (SELECT ${own} FROM read_parquet(${quoteLiteral(staged.path)}, file_row_number = true)) ` +
        `WHERE file_row_number >= ${offset} AND file_row_number < ${wanted} ORDER BY file_row_number`,
      { signal: context.signal },
    );
    return {
      columns,
      rows: rows.map((row) => jsonRow(columns, row)),
      total: staged.inPlace || staged.rows <= wanted ? staged.rows : null,
      ...(staged.columns.length < all.length ? { all_columns: withNumber(all) } : {}),
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The columns to read, null where it is all of them. The number of a row is none, and comes by itself. */
function chosen(source: TaskSource, page: PreviewPart, all: readonly ColumnInfo[]): string[] | null {
  const names = all.map(({ name }) => name);
  if (!page.columns) return names.length > (page.max_columns ?? Infinity) ? names.slice(0, page.max_columns) : null;
  const asked = page.columns.filter((name) => !(isNumbered(source, all) && same(name, ROW_NUMBER)));
  // Where there is nothing else to read, one column tells how many rows there are.
  return asked.length > 0 ? asked : names.slice(0, 1);
}

/** A file has an order of rows of its own, which a table of a database has not. */
function isNumbered(source: TaskSource, all: readonly ColumnInfo[]): boolean {
  return source.filename !== undefined && !all.some(({ name }) => same(name, ROW_NUMBER));
}
