import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import {
  ProblemError,
  quoteIdentifier,
  quoteLiteral,
  type ColumnInfo,
  type JsonCell,
  type Preview,
  type workerPreviewRequestSchema,
} from '@kalla/core';
import { Engine } from './engine/engine.ts';
import { matchStaged, type MatchOutput } from './engine/match.ts';
import { ruleForStaged } from './engine/staged-rule.ts';
import { jsonCellList, jsonRow } from './results/json-cells.ts';
import { stageSource } from './staging/stage-source.ts';
import type { TaskContext, TaskSource } from './task-contract.ts';

export type PreviewRequest = z.output<typeof workerPreviewRequestSchema>;

/** Rows of a side up to which the preview is the whole run. */
export const PREVIEW_ROWS = 200_000;

/**
 * A dry run of a recipe: the same staging, sandbox and match as a run, nothing published. A source with more than
 * `PREVIEW_ROWS` rows is cut there and `sampled` is true; its counts then say nothing about the whole.
 *
 * Of each set the most telling rows come first: matches whose two sides differ, then the rows with the most values.
 *
 * @throws ProblemError `match-sql` and what `matchStaged` throws; ConnectorError of the sources.
 */
export async function previewRecipe(
  request: PreviewRequest,
  sources: readonly [TaskSource, TaskSource],
  context: TaskContext,
): Promise<Preview> {
  const stop = new AbortController();
  const inner: TaskContext = { ...context, signal: AbortSignal.any([context.signal, stop.signal]) };
  let cause: unknown;
  const outcomes = await Promise.allSettled(
    sources.map(async (source) => {
      try {
        const target = path.join(context.scratchDir, `staged-${source.alias}.parquet`);
        // One row more shows that there are more.
        return await stageSource(source, target, inner, { limit: PREVIEW_ROWS + 1 });
      } catch (error) {
        cause ??= error;
        stop.abort();
        throw error;
      }
    }),
  );
  const [first, second] = outcomes;
  if (first!.status === 'rejected' || second!.status === 'rejected') throw cause;
  const staged = [first!.value, second!.value] as const;
  const keys = sources.map((source) => {
    const key = request.primary_keys[source.alias];
    if (!key) throw new ProblemError('validation', `The request names no primary key for "${source.alias}".`);
    return key;
  }) as [string[], string[]];
  const checked = await ruleForStaged(
    request.match_sql,
    [
      { staged: staged[0], primaryKey: keys[0] },
      { staged: staged[1], primaryKey: keys[1] },
    ],
    request.rule,
  );
  const outDir = path.join(context.scratchDir, 'out');
  await mkdir(outDir, { recursive: true });
  const result = await matchStaged(
    {
      rule: checked.rule,
      left: { staged: checked.staged[0], primaryKey: keys[0] },
      right: { staged: checked.staged[1], primaryKey: keys[1] },
      outDir,
    },
    context,
  );
  await using engine = await Engine.open({ memoryBytes: context.limits.memoryBytes / 2, threads: 1 });
  const rows = (output: MatchOutput) => tellingRows(engine, output, request.limit, context.signal);
  const { matched, unmatched_left: left, unmatched_right: right } = result.outputs;
  return {
    counts: result.counts,
    sampled: staged.some((item) => item.rows > PREVIEW_ROWS),
    keys: result.keys,
    warnings: [...result.warnings, ...checked.warnings],
    columns: { matched: matched.columns, unmatched_left: left.columns, unmatched_right: right.columns },
    matched: await rows(matched),
    unmatched_left: await rows(left),
    unmatched_right: await rows(right),
  };
}

async function tellingRows(
  engine: Engine,
  output: MatchOutput,
  limit: number,
  signal: AbortSignal,
): Promise<Record<string, JsonCell>[]> {
  if (limit === 0 || output.rows === 0) return [];
  const rows = await engine.rows(
    `SELECT ${jsonCellList(output.columns)} FROM read_parquet(${quoteLiteral(output.path)}, file_row_number = true) ` +
      `ORDER BY ${differences(output.columns)} DESC, ${filled(output.columns)} DESC, file_row_number LIMIT ${limit}`,
    { signal },
  );
  return rows.map((row) => jsonRow(output.columns, row));
}

/** How many `left_x` and `right_x` (or `x` and `x_2`) of a result row are not the same. */
function differences(columns: readonly ColumnInfo[]): string {
  const names = new Set(columns.map((column) => column.name));
  const pairs = columns.flatMap(({ name }): [string, string][] => {
    const right = name.startsWith('left_') ? `right_${name.slice(5)}` : `${name}_2`;
    return names.has(right) ? [[name, right]] : [];
  });
  const terms = pairs.map(
    ([a, b]) =>
      `(CAST(${quoteIdentifier(a)} AS VARCHAR) IS DISTINCT FROM CAST(${quoteIdentifier(b)} AS VARCHAR))::INTEGER`,
  );
  return sumOf(terms);
}

function filled(columns: readonly ColumnInfo[]): string {
  return sumOf(columns.map(({ name }) => `(${quoteIdentifier(name)} IS NOT NULL)::INTEGER`));
}

/** The sum of any number of terms: a chain of a thousand `+` is nested deeper than the engine allows. */
function sumOf(terms: readonly string[]): string {
  return terms.length > 0 ? `list_sum([${terms.join(', ')}])` : '(0 + 0)';
}
