import path from 'node:path';
import {
  ProblemError,
  type Candidate,
  type Candidates,
  type JsonCell,
  type candidatesRequestSchema,
} from '@kalla/core';
import type { z } from 'zod';
import { translateEngineError } from '../engine/engine-error.ts';
import { Engine, type RunOptions } from '../engine/engine.ts';
import type { TaskContext } from '../task-contract.ts';
import { jsonCellList, jsonRow } from './json-cells.ts';
import { nearestRows } from './nearest-rows.ts';
import { relationsOf } from './row-relations.ts';
import { localResult, openResultFile, type ResultFile } from './result-file.ts';

const MOST_UNMATCHED = 6;
const MOST_MATCHED = 3;

/**
 * Looks for the rows that an unmatched row may have been meant for: among the unmatched rows of the other side by
 * reference, amount and date, and among the matched ones by reference, since its partner may have gone to another row.
 *
 * Everything is compared by DuckDB, exactly, over all rows. The rule is not asked: these are hints for a person.
 *
 * @throws ProblemError `not-found` where a file or the row is not there.
 */
export async function findCandidates(
  request: z.output<typeof candidatesRequestSchema>,
  context: TaskContext,
): Promise<Candidates> {
  const { limits } = context;
  const options: RunOptions = { signal: context.signal };
  const [ownFile, otherFile, matchedFile] = await Promise.all(
    [request.uri, request.other_uri, request.matched_uri].map((uri) => localResult(uri, context)),
  );
  await using engine = await Engine.open({
    memoryBytes: limits.memoryBytes,
    threads: limits.threads,
    tempDir: path.join(context.scratchDir, 'spill'),
    settings: { preserve_insertion_order: 'false' },
  });
  try {
    const own = await openResultFile(engine, ownFile!);
    const other = await openResultFile(engine, otherFile!);
    const matched = await openResultFile(engine, matchedFile!);
    if (request.row >= own.rows)
      throw new ProblemError('not-found', `The set has ${own.rows} rows, so there is no row ${request.row}.`);
    await engine.run(
      `CREATE TEMP TABLE own AS SELECT * FROM ${own.from} WHERE file_row_number = ${request.row}`,
      options,
    );
    const [values] = await engine.rows(`SELECT ${jsonCellList(own.columns)} FROM own`, options);
    const describe = async (table: ResultFile, onlyReferences: boolean, most: number): Promise<Candidate[]> => {
      const numbers = await nearestRows(engine, own, table, { onlyReferences, most }, options);
      if (numbers.length === 0) return [];
      const cells = await cellsOf(engine, table, numbers, options);
      const relations = await relationsOf(engine, own, table, numbers, options);
      return numbers.map((row) => ({ row, values: cells.get(row)!, relations: relations.get(row) ?? [] }));
    };
    return {
      row: { columns: own.columns, values: jsonRow(own.columns, values!) },
      unmatched: { columns: other.columns, rows: await describe(other, false, MOST_UNMATCHED) },
      matched: { columns: matched.columns, rows: await describe(matched, true, MOST_MATCHED) },
    };
  } catch (error) {
    throw translateEngineError(error, 'Looking for the nearest rows', context.signal);
  }
}

async function cellsOf(
  engine: Engine,
  table: ResultFile,
  numbers: readonly number[],
  options: RunOptions,
): Promise<Map<number, Record<string, JsonCell>>> {
  const rows = await engine.rows(
    `SELECT ${jsonCellList(table.columns, 't.')}, t.file_row_number::VARCHAR FROM ${table.from} t ` +
      `WHERE file_row_number IN (${numbers.join(', ')})`,
    options,
  );
  return new Map(rows.map((row) => [Number(row.at(-1)), jsonRow(table.columns, row)]));
}
