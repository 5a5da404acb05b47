import path from 'node:path';
import type { SelectionSummary, resultSummaryRequestSchema } from '@kalla/core';
import type { z } from 'zod';
import { currencySumsOf } from '../engine/currency-sums.ts';
import { translateEngineError } from '../engine/engine-error.ts';
import { Engine } from '../engine/engine.ts';
import type { TaskContext } from '../task-contract.ts';
import { localResult, openResultFile } from './result-file.ts';
import { whereOf } from './row-filter.ts';

/**
 * Counts a selection of a result file and sums its numbers, by currency where a column names one.
 *
 * @throws ProblemError `validation` for an absent column or a value that does not fit its column; `not-found`.
 */
export async function summarizeSelection(
  request: z.output<typeof resultSummaryRequestSchema>,
  context: TaskContext,
): Promise<SelectionSummary> {
  const file = await localResult(request.uri, context);
  const { signal, limits } = context;
  await using engine = await Engine.open({
    memoryBytes: limits.memoryBytes,
    threads: limits.threads,
    tempDir: path.join(context.scratchDir, 'spill'),
  });
  try {
    const table = await openResultFile(engine, file, request.differences);
    const where = await whereOf(engine, table.columns, request);
    const by_currency = await currencySumsOf(engine, `${table.from} WHERE ${where}`, table.columns, [], { signal });
    const rows = by_currency.too_many
      ? Number((await engine.rows(`SELECT count(*)::VARCHAR FROM ${table.from} WHERE ${where}`, { signal }))[0]![0])
      : by_currency.groups.reduce((sum, group) => sum + group.rows, 0);
    return { rows, by_currency };
  } catch (error) {
    throw translateEngineError(error, 'Summing the rows', signal);
  }
}
