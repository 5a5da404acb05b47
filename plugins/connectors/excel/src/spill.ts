import { open, type FileHandle } from 'node:fs/promises';
import { quoteLiteral } from '@kalla/core';
import type { TextRows } from '@kalla/files';
import type { SheetRow } from './types.ts';

const FLUSH = 1 << 20;

/**
 * Rows of a sheet as text on disk, for DuckDB: first the row's number in the sheet, then the cells. Numbers, dates and
 * truths stand as they are, texts in quotes, and nothing at all for an empty cell, so that '' and NULL stay apart.
 */
export class Spill {
  readonly path: string;
  readonly width: number;
  readonly #file: FileHandle;
  #pending = '';
  bytes = 0;

  private constructor(path: string, width: number, file: FileHandle) {
    this.path = path;
    this.width = width;
    this.#file = file;
  }

  static async create(path: string, width: number): Promise<Spill> {
    return new Spill(path, width, await open(path, 'w'));
  }

  /** Takes a row; returns a promise where the caller has to wait for the disk. */
  add(row: SheetRow): Promise<void> | undefined {
    let line = String(row.number);
    for (let column = 0; column < this.width; column++) {
      const cell = row.cells[column];
      if (cell === undefined) line += ',';
      else if (cell.kind === 'text' || cell.kind === 'blank') line += `,"${cell.text.replaceAll('"', '""')}"`;
      else line += `,${cell.text}`;
    }
    this.#pending += line + '\n';
    return this.#pending.length > FLUSH ? this.#flush() : undefined;
  }

  async close(): Promise<void> {
    try {
      await this.#flush();
    } finally {
      await this.#file.close();
    }
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#pending);
    this.#pending = '';
    this.bytes += bytes.length;
    await this.#file.writeFile(bytes);
  }
}

/** The columns at these positions as `c0`, `c1` …, with the row's number in the sheet as `sheet_row`. */
export function spillSql(path: string, width: number, positions: readonly number[]): string {
  const columns = ["sheet_row: 'BIGINT'", ...Array.from({ length: width }, (_, index) => `p${index}: 'VARCHAR'`)].join(
    ', ',
  );
  const list = ['sheet_row', ...positions.map((position, index) => `p${position} AS c${index}`)].join(', ');
  return (
    `(SELECT ${list} FROM read_csv(${quoteLiteral(path)}, auto_detect = false, header = false, columns = {${columns}}, ` +
    `delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, strict_mode = true, new_line = '\\n', ` +
    `max_line_size = 16777216, compression = 'none'))`
  );
}

/** The spilled rows for the tools of @kalla/files. */
export function textRows(spill: Spill, positions: readonly number[], names: string[]): TextRows {
  return { sql: spillSql(spill.path, spill.width, positions), names, bytes: spill.bytes };
}
