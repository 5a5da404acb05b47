import { rm } from 'node:fs/promises';
import path from 'node:path';
import { quoteIdentifier, quoteLiteral, type KeyProof } from '@kalla/core';
import { ROW_NUMBER } from '../engine/row-number.ts';
import { same } from '../engine/column-scope.ts';
import { Engine } from '../engine/engine.ts';
import { reportKeys } from '../engine/key-report.ts';
import { jsonCellList, jsonRow } from '../results/json-cells.ts';
import { stageSource, type StagedSource } from '../staging/stage-source.ts';
import type { TaskContext, TaskSource } from '../task-contract.ts';
import { likelyKeys } from './likely-keys.ts';

/** Rows that are counted at most; only the key columns of them are read. */
export const KEY_ROWS = 10_000_000;
/** Rows in which a key is looked for before it is proved on all of them. */
const SAMPLE_ROWS = 5_000;
/** Keys found in the sample that are tried on all rows. Each costs a pass over its columns. */
const TRIES = 3;
const EXAMPLES = 5;

/**
 * Counts whether columns tell the rows of a source apart. Without columns a key is looked for: what the source declares,
 * what its indexes promise, then what the first rows suggest; each is counted on the rows themselves and the first that
 * holds is the answer. Where none holds, a file gets its row number and a database the best that was tried, with examples.
 */
export async function proveKey(
  source: TaskSource,
  columns: string[] | undefined,
  context: TaskContext,
): Promise<KeyProof> {
  if (columns) return readAndCount(source, columns, 'asked', context);
  const connection = await source.plugin.open(source.config, context.host);
  const info = await connection
    .describe(source.table, { signal: context.signal })
    .finally(() => connection[Symbol.asyncDispose]());
  let best: KeyProof | undefined;
  const holds = (proof: KeyProof): boolean => {
    if (!best || rank(proof) > rank(best)) best = proof;
    return proof.unique;
  };
  const promised = info.keyCandidates.filter((key) => key.join('\0') !== info.primaryKey?.join('\0')).slice(0, 2);
  if (info.primaryKey && holds(await readAndCount(source, info.primaryKey, 'declared', context))) return best!;
  for (const key of promised) if (holds(await readAndCount(source, key, 'index', context))) return best!;

  const likely = await withStaged(source, { limit: SAMPLE_ROWS + 1 }, context, async (staged, engine) => {
    const keys = await likelyKeys(engine, staged.path, info.columns, TRIES, context.signal);
    if (staged.rows > SAMPLE_ROWS) return keys;
    // The whole source is at hand already.
    for (const key of keys) if (holds(await count(staged, engine, key, 'data', context.signal))) return [];
    return [];
  });
  if (best?.unique) return best;
  for (const key of likely) if (holds(await readAndCount(source, key, 'data', context))) return best!;
  if (isFile(source)) return rowNumber(best?.rows ?? info.rowCount ?? 0);
  return best ?? { ...nothing, rows: info.rowCount ?? 0 };
}

const nothing: KeyProof = {
  columns: [],
  origin: 'data',
  unique: false,
  rows: 0,
  distinct: 0,
  null_rows: 0,
  duplicate_rows: 0,
  examples: [],
  types: [],
  complete: true,
};

function rowNumber(rows: number): KeyProof {
  return { ...nothing, columns: [ROW_NUMBER], origin: 'row-number', unique: true, rows, distinct: rows };
}

function rank(proof: KeyProof): number {
  return proof.rows === 0 ? 1 : (proof.distinct - proof.null_rows) / proof.rows;
}

/** A file has an order of rows of its own: its connector has an address and no tables. */
function isFile(source: TaskSource): boolean {
  return typeof (source.config as { uri?: unknown } | null)?.uri === 'string';
}

/** Reads only the columns of the key, and counts. */
async function readAndCount(
  source: TaskSource,
  columns: string[],
  origin: KeyProof['origin'],
  context: TaskContext,
): Promise<KeyProof> {
  const read = columns.filter((name) => !(isFile(source) && same(name, ROW_NUMBER)));
  if (read.length === 0) return { ...(await countRows(source, context)), origin, columns };
  return withStaged(source, { columns: read, limit: KEY_ROWS + 1 }, context, (staged, engine) =>
    count(staged, engine, columns, origin, context.signal),
  );
}

async function count(
  staged: StagedSource,
  engine: Engine,
  columns: string[],
  origin: KeyProof['origin'],
  signal: AbortSignal,
): Promise<KeyProof> {
  const report = await reportKeys(engine, staged, columns, { signal });
  const { rows } = staged;
  return {
    columns,
    origin,
    unique: report.null_key_rows === 0 && report.duplicate_keys === 0,
    rows,
    distinct: rows - report.null_key_rows - report.duplicate_key_rows + report.duplicate_keys,
    null_rows: report.null_key_rows,
    duplicate_rows: report.duplicate_key_rows,
    examples: report.duplicate_keys > 0 ? await exampleKeys(engine, staged, columns, signal) : [],
    types: staged.columns.filter((column) => columns.some((name) => same(name, column.name))),
    complete: rows <= KEY_ROWS,
  };
}

async function countRows(source: TaskSource, context: TaskContext): Promise<KeyProof> {
  const connection = await source.plugin.open(source.config, context.host);
  const info = await connection
    .describe(source.table, { signal: context.signal })
    .finally(() => connection[Symbol.asyncDispose]());
  return rowNumber(info.rowCount ?? 0);
}

async function withStaged<T>(
  source: TaskSource,
  options: { columns?: string[]; limit: number },
  context: TaskContext,
  use: (staged: StagedSource, engine: Engine) => Promise<T>,
): Promise<T> {
  const target = path.join(context.scratchDir, 'keys.parquet');
  try {
    const staged = await stageSource(source, target, { ...context, onProgress: () => undefined }, options);
    await using engine = await Engine.open({
      memoryBytes: context.limits.memoryBytes / 2,
      threads: 1,
      tempDir: path.join(context.scratchDir, 'keys'),
    });
    return await use(staged, engine);
  } finally {
    await rm(target, { force: true });
  }
}

async function exampleKeys(
  engine: Engine,
  staged: StagedSource,
  key: readonly string[],
  signal: AbortSignal,
): Promise<KeyProof['examples']> {
  const columns = key.map((name) => staged.columns.find((column) => same(column.name, name))!);
  const names = columns.map(({ name }) => quoteIdentifier(name));
  let counter = 'rows';
  while (columns.some(({ name }) => same(name, counter))) counter += '_';
  const rows = await engine.rows(
    `SELECT ${jsonCellList(columns)}, ${quoteIdentifier(counter)}::VARCHAR FROM (
       SELECT ${names.join(', ')}, count(*) AS ${quoteIdentifier(counter)} FROM read_parquet(${quoteLiteral(staged.path)})
       WHERE ${names.map((name) => `${name} IS NOT NULL`).join(' AND ')}
       GROUP BY ALL HAVING count(*) > 1 ORDER BY count(*) DESC, ${names.join(', ')} LIMIT ${EXAMPLES})`,
    { signal },
  );
  return rows.map((row) => ({ values: jsonRow(columns, row), rows: Number(row[columns.length]) }));
}
