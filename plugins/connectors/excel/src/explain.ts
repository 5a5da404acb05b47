import type { CellFault, Operation, UploadOptions } from '@kalla/core';
import { cellOfMessage, cut, expectationOf, misfitSql, type Engine, type PinnedColumn } from '@kalla/files';
import { addressOf } from './address.ts';
import { cellError } from './errors.ts';
import type { LoadedSheet } from './read.ts';

/** A sheet with its types, and the names that a message needs. */
export interface NamedSheet {
  file: string;
  sheet: string;
  loaded: LoadedSheet;
  columns: readonly PinnedColumn[];
}

/** Turns DuckDB's message about a scan into an error that names the cells; null where it is about something else. */
export async function explainScan(
  named: NamedSheet,
  message: string,
  engine: Engine,
  operation: Operation,
): Promise<Error | null> {
  const cell = cellOfMessage(message);
  if (!cell) return null;
  const faults = await misfits(named, cell.column, engine, operation);
  return faults.length ? cellError(named.file, faults) : null;
}

/** Throws where a type that the user insists on does not fit every cell. */
export async function refuseMisfits(
  named: NamedSheet,
  options: UploadOptions,
  engine: Engine,
  operation: Operation,
): Promise<void> {
  const forced = named.columns.flatMap(({ name, parse }, index) =>
    options.columns?.[name] !== undefined && parse.kind !== 'text' ? [index] : [],
  );
  for (const index of forced) {
    const faults = await misfits(named, index, engine, operation);
    if (faults.length) throw cellError(named.file, faults);
  }
}

async function misfits(
  { sheet, loaded, columns }: NamedSheet,
  index: number,
  engine: Engine,
  operation: Operation,
): Promise<(CellFault & { place: string })[]> {
  const column = columns[index];
  if (!column) return [];
  const rows = await engine.rows(
    `SELECT sheet_row, c${index} AS cell FROM ${loaded.rows.sql} WHERE ${misfitSql(`c${index}`, column.type, column.parse)} LIMIT 20`,
    operation,
  );
  return rows.map((row) => ({
    place: addressOf(sheet, loaded.positions[index] ?? index, Number(row.sheet_row)),
    row: Number(row.sheet_row),
    column: column.name,
    value: cut(String(row.cell)),
    message: expectationOf(column.type),
  }));
}
