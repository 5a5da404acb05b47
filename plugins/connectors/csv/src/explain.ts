import type { CellFault, Operation, UploadOptions } from '@kalla/core';
import {
  cellOfMessage,
  cut,
  expectationOf,
  misfitSql,
  type Engine,
  type PinnedColumn,
  type Profile,
} from '@kalla/files';
import { cellError, isLayoutMessage, layoutError } from './errors.ts';
import { layoutFaults, locateCells } from './locate.ts';
import type { Prepared } from './prepare.ts';
import { textSql } from './scan.ts';

/** Turns DuckDB's message about a scan into an error that names the lines; null where it is about something else. */
export async function explainScan(
  prepared: Prepared,
  columns: readonly PinnedColumn[],
  message: string,
  engine: Engine,
  operation: Operation,
): Promise<Error | null> {
  const cell = cellOfMessage(message);
  if (cell) {
    const column = columns[cell.column];
    if (!column) return null;
    const values = await misfits(prepared, cell.column, column, engine, operation);
    return cellError(
      prepared.name,
      await faultsOf(prepared, new Map([[cell.column, new Set([...values, cell.value])]]), columns, operation),
    );
  }
  if (!isLayoutMessage(message)) return null;
  const faults = await layoutFaults(prepared, operation);
  if (faults.length) return layoutError(prepared.name, faults, new Error(message));
  return unreadable(prepared, message);
}

/** DuckDB cannot read rows in which our own reader finds no fault. Its line is all that is known. */
export function unreadable(prepared: Prepared, message: string): Error {
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1];
  return layoutError(
    prepared.name,
    [
      {
        ...(line ? { line: Number(line) + prepared.firstLine - 1 } : {}),
        message: 'the text cannot be read as rows and cells',
        hint: 'Lines may end in different ways. Save the file again, or set the source up again.',
      },
    ],
    new Error(message),
  );
}

/** Throws where a type that the user insists on does not fit every cell. */
export async function refuseMisfits(
  prepared: Prepared,
  found: Profile,
  options: UploadOptions,
  engine: Engine,
  operation: Operation,
): Promise<void> {
  const forced = found.columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => options.columns?.[column.name] !== undefined && column.parse.kind !== 'text');
  if (forced.length === 0) return;
  const counts = await engine.row(
    `SELECT ${forced.map(({ column, index }) => `count_if(${misfitSql(`c${index}`, column.type, column.parse)}) AS n${index}`).join(', ')} FROM ${textSql(prepared)}`,
    operation,
  );
  const wanted = new Map<number, Set<string>>();
  for (const { column, index } of forced) {
    if (Number(counts[`n${index}`]) === 0) continue;
    wanted.set(index, new Set(await misfits(prepared, index, column, engine, operation)));
  }
  if (wanted.size) throw cellError(prepared.name, await faultsOf(prepared, wanted, found.columns, operation));
}

/** Up to twenty different cells of a column that do not fit, the first of the file among them. */
async function misfits(
  prepared: Prepared,
  index: number,
  column: PinnedColumn,
  engine: Engine,
  operation: Operation,
): Promise<string[]> {
  const cell = `c${index}`;
  const rows = await engine.rows(
    `SELECT ${cell} AS cell FROM ${textSql(prepared)} WHERE ${misfitSql(cell, column.type, column.parse)} LIMIT 20`,
    operation,
  );
  return rows.map((row) => String(row.cell));
}

async function faultsOf(
  prepared: Prepared,
  wanted: ReadonlyMap<number, ReadonlySet<string>>,
  columns: readonly PinnedColumn[],
  operation: Operation,
): Promise<CellFault[]> {
  const found = await locateCells(prepared, wanted, operation);
  if (found.length) {
    return found.map(({ line, column, value }) => ({
      line,
      column: columns[column]?.name ?? '',
      value: cut(value),
      message: expectationOf(columns[column]?.type ?? 'text'),
    }));
  }
  // Cells that DuckDB trims otherwise than our scanner: the value is right, the line unknown.
  return [...wanted].map(([column, values]) => ({
    column: columns[column]?.name ?? '',
    value: cut([...values][0] ?? ''),
    message: expectationOf(columns[column]?.type ?? 'text'),
  }));
}
