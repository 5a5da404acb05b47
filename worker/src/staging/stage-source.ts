import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  columnTypeOfDuckdb,
  ConnectorError,
  quoteIdentifier,
  quoteLiteral,
  throwIfAborted,
  type ColumnInfo,
  type ColumnType,
  type Connection,
  type Operation,
  type ReadPlan,
  columnsInstead,
  quotedNames,
} from '@kalla/core';
import { Engine } from '../engine/engine.ts';
import { translateEngineError } from '../engine/engine-error.ts';
import { stagedParquet } from '../engine/parquet-options.ts';
import type { StagedSource } from '../engine/staged-source.ts';
import type { TaskContext, TaskSource } from '../task-contract.ts';
import { StagingProgress } from './staging-progress.ts';

export type { StagedSource } from '../engine/staged-source.ts';

export interface StageOptions {
  /** Only the first rows, for previews. */
  limit?: number;
  /** Only these columns; all where absent. */
  columns?: string[];
  /** Told of all columns that the source has, gives those to read, or null for all: a second plan then asks for less. */
  choose?(all: readonly ColumnInfo[]): readonly string[] | null;
}

/**
 * Brings one source into a Parquet file (zstd) that holds exactly the columns of the connector's plan.
 *
 * File connectors give a `scan`, which DuckDB runs at full speed; a Parquet file that needs no change is used where it
 * lies. All others deliver Arrow batches to the sink. Nothing is left at `target` after a failure.
 *
 * @throws ConnectorError of the connector; `schema-changed` naming the columns of `expectedColumns` that are absent.
 * @throws ProblemError `disk-full`, `out-of-memory`.
 */
export async function stageSource(
  source: TaskSource,
  target: string,
  context: TaskContext,
  options: StageOptions = {},
): Promise<StagedSource> {
  const { signal } = context;
  const operation: Operation = { signal };
  throwIfAborted(signal);
  const scratchDir = path.join(context.scratchDir, `connection-${source.alias}`);
  await mkdir(scratchDir, { recursive: true });
  const host = context.host;
  await using connection = await source.plugin.open(source.config, {
    scratchDir,
    localFile: (uri, op) => host.localFile(uri, op),
    log: host.log,
  });
  const progress = new StagingProgress(source.alias, context.onProgress);
  try {
    progress.start();
    // What is no file comes as batches. Their sink gets ready while the read is planned; for most files it is not even loaded.
    const batching = () => import('./stage-batches.ts');
    const makeSink = async () => (await batching()).sinkFor(source, target, context);
    await using early = source.readsFiles ? undefined : await makeSink();
    const { table, columnTypes: types } = source;
    const { columns, limit } = options;
    const planning: Operation = { ...operation, onProgress: (share) => progress.planning(share) };
    const whole = await connection.plan({ table, columns, limit, types }, planning);
    const chosen = options.choose?.(whole.columns);
    const plan = chosen ? await connection.plan({ table, columns: [...chosen], limit, types }, planning) : whole;
    checkExpectedColumns(source, plan.columns);
    if (plan.residual.length > 0) {
      throw new ConnectorError(
        'bug',
        `The connector of "${source.alias}" left conditions over although none were given.`,
      );
    }
    progress.planned(plan.estimate.rows);
    const staged = plan.scan
      ? await stageScan(source, connection, { ...plan, scan: plan.scan }, target, context, progress, options)
      : await (
          await batching()
        ).stageBatches(source, connection, plan, early ?? (await makeSink()), context, progress, options);
    progress.finish(staged.rows);
    const unlike = unlikeBefore(source, plan.columns);
    return unlike.length > 0 ? { ...staged, unlike } : staged;
  } catch (error) {
    await rm(target, { force: true });
    throw translateEngineError(error, `Staging "${source.alias}"`, signal, false);
  } finally {
    progress.stop();
  }
}

/**
 * Throws ConnectorError `schema-changed` that names the expected columns that are absent. Names are compared as the engine
 * does, without regard to case.
 */
export function checkExpectedColumns(source: TaskSource, columns: readonly ColumnInfo[]): void {
  const present = new Set(columns.map((column) => column.name.toLowerCase()));
  const missing = (source.expectedColumns ?? []).filter((name) => !present.has(name.toLowerCase()));
  if (missing.length === 0) return;
  const found = columnsInstead(
    missing,
    columns.map(({ name }) => name),
  );
  throw new ConnectorError(
    'schema-changed',
    `${source.filename ?? `Source "${source.alias}"`} lacks ${missing.length === 1 ? 'the column' : 'the columns'} ${quotedNames(missing)} ` +
      `that the recipe uses. ${found}`,
    {
      hint: 'Use a file or table with these columns, or change the recipe.',
      faults: missing
        .slice(0, 20)
        .map((column) => ({ column, message: 'missing', ...(source.filename ? { file: source.filename } : {}) })),
    },
  );
}

/** Columns of another kind than when the recipe was made: no cell of a number is a fault, a text where numbers were is one. */
function unlikeBefore(source: TaskSource, columns: readonly ColumnInfo[]): NonNullable<StagedSource['unlike']> {
  return columns.flatMap(({ name, type }) => {
    const was = source.columnTypes?.[name];
    return was !== undefined && kindOf(was) !== kindOf(type) ? [{ name, was, is: type }] : [];
  });
}

const kindOf = (type: ColumnType) => type.replace(/^(u?int\d+|float\d+|decimal.*)$/, 'number');

async function stageScan(
  source: TaskSource,
  connection: Connection,
  plan: ReadPlan & { scan: NonNullable<ReadPlan['scan']> },
  target: string,
  context: TaskContext,
  progress: StagingProgress,
  options: StageOptions,
): Promise<StagedSource> {
  const { scan } = plan;
  const { signal } = context;
  const base = { alias: source.alias, columns: plan.columns, notes: plan.notes };
  await using engine = await Engine.open({
    // Both sources are staged at the same time.
    memoryBytes: context.limits.memoryBytes / 2,
    threads: context.limits.threads,
    tempDir: path.join(context.scratchDir, `staging-${source.alias}`),
    settings: scan.settings,
  });
  if (scan.inPlace && scan.format === 'parquet' && scan.paths.length === 1) {
    const file = scan.paths[0]!;
    const [[count] = []] = await engine.rows(
      `SELECT num_rows::VARCHAR FROM parquet_file_metadata(${quoteLiteral(file)})`,
      { signal },
    );
    const rows = Number(count);
    if (options.limit === undefined || rows <= options.limit) return { ...base, path: file, rows, inPlace: true };
  }
  const limited = options.limit === undefined ? scan.sql : `SELECT * FROM (${scan.sql}\n) LIMIT ${options.limit}`;
  try {
    const rows = await engine.run(
      `COPY (${limited}\n) TO ${quoteLiteral(target)} ${stagedParquet(plan.columns.length)}`,
      {
        signal,
        onProgress: (fraction) => progress.fraction(fraction),
      },
    );
    await checkStagedColumns(engine, source, plan.columns, target);
    return { ...base, path: target, rows, inPlace: false };
  } catch (error) {
    if (!signal.aborted && error instanceof Error && connection.explain) {
      const explained = await connection.explain(plan, error.message, { signal });
      if (explained) throw explained;
    }
    throw error;
  }
}

/** The connector's promise is checked on the file itself: names, order and types. */
async function checkStagedColumns(
  engine: Engine,
  source: TaskSource,
  columns: readonly ColumnInfo[],
  file: string,
): Promise<void> {
  const described = await engine.rows(`DESCRIBE SELECT * FROM read_parquet(${quoteLiteral(file)})`);
  const staged = described.map((row) => ({ name: String(row[0]), type: columnTypeOfDuckdb(String(row[1])) }));
  const same =
    staged.length === columns.length &&
    columns.every((column, index) => staged[index]?.name === column.name && staged[index]?.type === column.type);
  if (same) return;
  const show = (list: readonly { name: string; type: string | null }[]) =>
    list.map((column) => `${quoteIdentifier(column.name)} ${column.type}`).join(', ');
  throw new ConnectorError(
    'bug',
    `The connector of "${source.alias}" announced other columns than it delivered: ${show(columns)} against ${show(staged)}.`,
  );
}
