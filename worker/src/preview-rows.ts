import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { quoteLiteral, type ColumnInfo, type RowsPage } from '@kalla/core';
import { ROW_NUMBER } from './engine/row-number.ts';
import { same } from './engine/column-scope.ts';
import { Engine } from './engine/engine.ts';
import { jsonCellList, jsonRow } from './results/json-cells.ts';
import { stageSource } from './staging/stage-source.ts';
import type { TaskContext, TaskSource } from './task-contract.ts';

/**
 * The first rows of a source as they will be staged, so that what a preview shows is what a run reads.
 *
 * Only `offset + limit` rows are read. File sources get the row number as last column, `_row`. `total` is the number of
 * rows where the end was reached or the file knows it, else null.
 */
export async function previewRows(
  source: TaskSource,
  page: { offset: number; limit: number },
  context: TaskContext,
): Promise<RowsPage> {
  const dir = path.join(context.scratchDir, `preview-${source.alias}`);
  await mkdir(dir, { recursive: true });
  try {
    const { offset } = page;
    const wanted = offset + page.limit;
    const staged = await stageSource(
      source,
      path.join(dir, 'rows.parquet'),
      { ...context, onProgress: () => undefined },
      { limit: wanted + 1 },
    );
    await using engine = await Engine.open({ memoryBytes: context.limits.memoryBytes / 2, threads: 1, tempDir: dir });
    const numbered = isFile(source) && !staged.columns.some((column) => same(column.name, ROW_NUMBER));
    const columns: ColumnInfo[] = numbered
      ? [...staged.columns, { name: ROW_NUMBER, type: 'int64', nullable: false }]
      : staged.columns;
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
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** A file has an order of rows of its own, which a table of a database has not. */
function isFile(source: TaskSource): boolean {
  return source.filename !== undefined;
}
