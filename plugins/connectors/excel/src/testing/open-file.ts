import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cell } from '@kalla/testkit';
import { calm, readAll, spellRows, withConnection } from '@kalla/testkit';
import type { TableInfo } from '@kalla/core';
import type { ExcelConfig } from '../config.ts';
import plugin from '../index.ts';

export interface Found {
  info: TableInfo;
  rows: Cell[][];
  /** All remarks as one text. */
  said: string;
}

async function withFile<T>(content: Buffer | string, name: string, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'kalla-excel-'));
  try {
    const path = join(folder, name);
    await writeFile(path, content);
    return await use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Describes and reads a workbook as a connector's host does: the description first, then the rows with its pins. */
export function readWorkbook(
  content: Buffer | string,
  options: NonNullable<ExcelConfig['options']> = {},
  name = 'book.xlsx',
): Promise<Found> {
  return withFile(content, name, (path) => readPath(path, options));
}

/** The cells of a workbook, read as another one was described. */
export function readPinned(content: Buffer, pinned: ExcelConfig['pinned']): Promise<Cell[][]> {
  return withFile(content, 'book.xlsx', (uri) => rowsOf({ uri, ...(pinned ? { pinned } : {}) }));
}

export async function readPath(uri: string, options: NonNullable<ExcelConfig['options']> = {}): Promise<Found> {
  const info = await withConnection(plugin, { uri, options }, (connection) => connection.describe(undefined, calm()));
  const rows = await rowsOf(info.pinnedConfig as ExcelConfig);
  return { info, rows, said: info.notes.map(({ message }) => message).join('\n') };
}

function rowsOf(config: ExcelConfig): Promise<Cell[][]> {
  return withConnection(plugin, config, async (connection) => {
    const plan = await connection.plan({}, calm());
    const types = plan.columns.map(({ type }) => type);
    return spellRows(await readAll(connection, plan), types);
  });
}
