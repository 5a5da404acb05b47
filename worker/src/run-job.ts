import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  accountsForEveryRow,
  ConnectorError,
  currencyColumnOf,
  ProblemError,
  resultManifestSchema,
  quoteLiteral,
  resultSets,
  type ColumnInfo,
  type CurrencySums,
  type JobPayload,
  type KeyReport,
  type ResultManifest,
  columnsInstead,
  quotedNames,
} from '@kalla/core';
import { ROW_NUMBER } from './engine/row-number.ts';
import { Engine } from './engine/engine.ts';
import { isDiskFull, translateEngineError } from './engine/engine-error.ts';
import { reportKeys } from './engine/key-report.ts';
import { matchStaged } from './engine/match.ts';
import { currencySumsOf } from './engine/currency-sums.ts';
import { ruleForStaged, type StagedRule } from './engine/staged-rule.ts';
import { sumsOf, type SumReport } from './engine/sums.ts';
import { stageSource, type StagedSource } from './staging/stage-source.ts';
import type { TaskContext, TaskSource } from './task-contract.ts';

/**
 * Runs one job from its sources to its published result.
 *
 * Both sources are staged at the same time; the three Parquet files are published first and `manifest.json` last, so
 * where there is no manifest there is no result. On failure or cancellation whatever was published is removed.
 *
 * @throws ProblemError, ConnectorError: what goes to the user; `internal` when the result does not account for every row.
 */
export async function runJob(
  payload: JobPayload,
  sources: readonly [TaskSource, TaskSource],
  context: TaskContext,
): Promise<ResultManifest> {
  const started = new Date();
  const prefix = outputKey(payload.output_path, context);
  const keys = sources.map((source) => primaryKeyOf(payload, source.alias)) as [string[], string[]];
  const stop = new AbortController();
  const inner: TaskContext = { ...context, signal: AbortSignal.any([context.signal, stop.signal]) };
  const names = [...resultSets.map((set) => `${set}.parquet`), 'manifest.json'];
  // The result of an earlier attempt must not stand beside files of this one.
  await context.store.delete(`${prefix}/manifest.json`);
  try {
    const prepare = async (index: 0 | 1) => {
      const source = sources[index];
      // Before the first row a source is opened, which for a file on the web means to download it: the run must not look as
      // if nobody had begun with it.
      inner.onProgress({ stage: 'staging', source: source.alias, progress: null });
      const target = path.join(context.scratchDir, `staged-${source.alias}.parquet`);
      const staged = await stageSource(source, target, inner).catch((error: unknown) => {
        throw ofSource(source, error);
      });
      checkKeyColumns(staged, keys[index]);
      return staged;
    };
    const staging = [prepare(0), prepare(1)] as const;
    // Each side is looked at as soon as it is there, and the rule is understood meanwhile.
    const look = async (index: 0 | 1) => inspect(await staging[index], keys[index], inner);
    const understood = Promise.all(staging).then(([left, right]) =>
      ruleForStaged(
        payload.match_sql,
        [
          { staged: left, primaryKey: keys[0] },
          { staged: right, primaryKey: keys[1] },
        ],
        payload.rule,
      ),
    );
    const [left, right, leftSide, rightSide, fitted] = await allOrNone(
      [...staging, look(0), look(1), understood],
      stop,
    );
    const sides = [
      { staged: left, ...leftSide },
      { staged: right, ...rightSide },
    ] as const;
    return await matchAndPublish(payload, sources, sides, fitted, keys, prefix, started, context);
  } catch (error) {
    for (const name of names) await context.store.delete(`${prefix}/${name}`);
    throw isDiskFull(error) ? translateEngineError(error, 'The run', context.signal) : error;
  }
}

interface Prepared {
  byCurrency: CurrencySums | undefined;
  staged: StagedSource;
  keys: KeyReport;
  sums: SumReport;
  sha256: string;
}

async function matchAndPublish(
  payload: JobPayload,
  sources: readonly [TaskSource, TaskSource],
  sides: readonly [Prepared, Prepared],
  fitted: StagedRule,
  keys: readonly [string[], string[]],
  prefix: string,
  started: Date,
  context: TaskContext,
): Promise<ResultManifest> {
  const { rule, warnings, staged } = fitted;
  const outDir = path.join(context.scratchDir, 'out');
  await mkdir(outDir, { recursive: true });
  const limits = {
    ...context.limits,
    memoryBytes: Math.min(context.limits.memoryBytes, payload.limits?.memory_bytes ?? Infinity),
    matchSeconds: Math.min(context.limits.matchSeconds, payload.limits?.match_seconds ?? Infinity),
  };
  const result = await matchStaged(
    {
      rule,
      left: { staged: staged[0], primaryKey: keys[0], keys: sides[0].keys, sums: sumsAsRead(sides[0].sums, staged[0]) },
      right: {
        staged: staged[1],
        primaryKey: keys[1],
        keys: sides[1].keys,
        sums: sumsAsRead(sides[1].sums, staged[1]),
      },
      outDir,
    },
    { ...context, limits },
  );
  if (!accountsForEveryRow(result.counts)) {
    throw new ProblemError(
      'internal',
      `The result does not account for every row (${JSON.stringify(result.counts)}). Nothing was published.`,
    );
  }
  const { signal } = context;
  // Before the files go to the store, which may move them.
  const [by_currency, ...hashes] = await Promise.all([
    moneyByCurrency(sides, keys, result.outputs, context),
    ...resultSets.map((set) => sha256Of(result.outputs[set].path, signal)),
  ]);
  const outputs = {} as ResultManifest['outputs'];
  for (const [index, set] of resultSets.entries()) {
    const { path: from, rows, columns } = result.outputs[set];
    const file = `${set}.parquet`;
    const { size } = await stat(from);
    await context.store.putFile(`${prefix}/${file}`, from, { signal, contentType: 'application/vnd.apache.parquet' });
    outputs[set] = { file, rows, bytes: size, sha256: hashes[index]!, columns };
  }
  const describeSide = (index: 0 | 1): ResultManifest['left'] => ({
    alias: sources[index].alias,
    type: sources[index].type,
    uri: sources[index].publicUri,
    filename: sources[index].filename,
    sha256: sources[index].sha256,
    rows: sides[index].staged.rows,
    columns: staged[index].columns,
    primary_key: keys[index],
    keys: sides[index].keys,
    notes: sides[index].staged.notes,
    connector: sources[index].connector,
    staged_sha256: sides[index].sha256,
  });
  const manifest = resultManifestSchema.parse({
    kalla: 1,
    run_id: payload.run_id,
    attempt: payload.attempt,
    recipe: payload.recipe,
    match_sql: payload.match_sql,
    counts: result.counts,
    sums: result.sums,
    ...(by_currency ? { by_currency } : {}),
    left: describeSide(0),
    right: describeSide(1),
    outputs,
    warnings: [...result.warnings, ...warnings],
    engine: result.engine,
    started_at: started.toISOString(),
    finished_at: new Date().toISOString(),
  });
  const body = new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
  await context.store.put(`${prefix}/manifest.json`, once(body), {
    signal: context.signal,
    contentType: 'application/json',
  });
  return manifest;
}

/** Sums were made of the file; what the rule takes for a text has none. */
function sumsAsRead({ sums, notes }: SumReport, { recast }: StagedSource): SumReport {
  return { sums: Object.fromEntries(Object.entries(sums).filter(([name]) => !recast?.includes(name))), notes };
}

/** Where the money is: what each side has in each currency, and what of it is unmatched. */
async function moneyByCurrency(
  sides: readonly [Prepared, Prepared],
  keys: readonly [string[], string[]],
  outputs: Record<'unmatched_left' | 'unmatched_right', { path: string; columns: ColumnInfo[] }>,
  context: TaskContext,
): Promise<ResultManifest['by_currency']> {
  const [left, right] = [sides[0].byCurrency, sides[1].byCurrency];
  if (!left && !right) return undefined;
  await using engine = await Engine.open({
    memoryBytes: context.limits.memoryBytes,
    threads: context.limits.threads,
    tempDir: path.join(context.scratchDir, 'currencies'),
  });
  try {
    return {
      left,
      right,
      unmatched_left: await byCurrencyOf(engine, outputs.unmatched_left, keys[0], context.signal),
      unmatched_right: await byCurrencyOf(engine, outputs.unmatched_right, keys[1], context.signal),
    };
  } catch (error) {
    throw translateEngineError(error, 'Summing the amounts by currency', context.signal);
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Key report, sums and checksum of a staged file, made while the other side may still be staged. */
async function inspect(staged: StagedSource, key: string[], context: TaskContext): Promise<Omit<Prepared, 'staged'>> {
  await using engine = await Engine.open({
    memoryBytes: context.limits.memoryBytes / 2,
    threads: context.limits.threads,
    tempDir: path.join(context.scratchDir, `keys-${staged.alias}`),
  });
  const { signal } = context;
  try {
    const [keys, sha256] = await Promise.all([
      reportKeys(engine, staged, key, { signal }),
      sha256Of(staged.path, signal),
    ]);
    const sums = await sumsOf(engine, staged.path, staged.columns, key, { signal });
    const byCurrency = await byCurrencyOf(engine, staged, key, signal);
    return { keys, sums, sha256, byCurrency };
  } catch (error) {
    throw translateEngineError(error, `Reading the keys of "${staged.alias}"`, signal);
  }
}

/** Sums by currency of a Parquet file; undefined where no column names a currency, since then "sums" says all there is. */
async function byCurrencyOf(
  engine: Engine,
  file: { path: string; columns: ColumnInfo[] },
  key: readonly string[],
  signal: AbortSignal,
): Promise<CurrencySums | undefined> {
  if (currencyColumnOf(file.columns) === null) return undefined;
  return currencySumsOf(engine, `read_parquet(${quoteLiteral(file.path)})`, file.columns, key, { signal });
}

/**
 * A connector knows nothing of the two sides of a run: what it says of a project or a server is said of a source by its name.
 * Sentences about a file name the file.
 */
function ofSource({ alias, filename }: TaskSource, error: unknown): unknown {
  if (!ConnectorError.is(error) || error.kind === 'cancelled' || error.kind === 'bug') return error;
  if (filename !== undefined || error.message.includes(`"${alias}"`)) return error;
  const { kind, message, field, hint, retryAfterMs, faults, cause } = error;
  const details = { field, hint, retryAfterMs, faults, cause };
  return new ConnectorError(kind, `Source "${alias}" could not be read. ${message}`, details);
}

/** Waits for all; when one fails the others are stopped and awaited, and the first cause is thrown. */
async function allOrNone<T extends readonly unknown[]>(
  work: readonly [...{ [K in keyof T]: Promise<T[K]> }],
  stop: AbortController,
): Promise<T> {
  let cause: unknown;
  const watched = work.map((promise: Promise<unknown>) =>
    promise.catch((error: unknown) => {
      cause ??= error;
      stop.abort();
      throw error;
    }),
  );
  const outcomes = await Promise.allSettled(watched);
  if (outcomes.some(({ status }) => status === 'rejected')) throw cause;
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value) as unknown as T;
}

function outputKey(outputPath: string, context: TaskContext): string {
  const key = context.store.keyOf(outputPath.replace(/\/+$/, ''));
  if (key) return key;
  throw new ProblemError(
    'validation',
    `The results cannot go to "${outputPath}": this worker's store holds ${context.store.scheme} addresses of its own only. ` +
      `Give an "output_path" below ${context.store.uri('x').replace(/x$/, '')}`,
    [{ field: 'output_path', message: 'not in the store of this worker' }],
  );
}

function primaryKeyOf(payload: JobPayload, alias: string): string[] {
  const key = payload.primary_keys[alias];
  if (key) return key;
  throw new ProblemError('validation', `The job names no primary key for "${alias}".`, [
    { field: `primary_keys.${alias}`, message: `missing; use ["${ROW_NUMBER}"] for a file without a key of its own` },
  ]);
}

function checkKeyColumns(staged: StagedSource, key: readonly string[]): void {
  const present = new Set([ROW_NUMBER, ...staged.columns.map((column) => column.name.toLowerCase())]);
  const missing = key.filter((name) => !present.has(name.toLowerCase()));
  if (missing.length === 0) return;
  throw new ProblemError(
    'missing-columns',
    `"${staged.alias}" lacks the key ${missing.length === 1 ? 'column' : 'columns'} ${quotedNames(missing)}. ` +
      columnsInstead(
        missing,
        staged.columns.map(({ name }) => name),
      ),
    missing.map((column) => ({ column, message: 'missing' })),
  );
}

async function sha256Of(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash, { signal });
  return hash.digest('hex');
}
