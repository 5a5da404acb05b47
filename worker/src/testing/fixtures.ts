import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import {
  duckdbTypeOf,
  quoteIdentifier,
  quoteLiteral,
  type ColumnInfo,
  type ConnectorPlugin,
  type Note,
  type ReadPlan,
} from '@kalla/core';
import { localStore } from '@kalla/object-store';
import { checkRule } from '../engine/check-rule.ts';
import { Engine } from '../engine/engine.ts';
import { matchStaged, type MatchResult } from '../engine/match.ts';
import type { StagedSource } from '../engine/staged-source.ts';
import { batchOf } from '@kalla/testkit';
import type { TaskContext, TaskSource } from '../task-contract.ts';

export type Cell = string | null;

/** A folder, a store and a context for tests. */
export async function testContext(
  limits: Partial<TaskContext['limits']> = {},
): Promise<TaskContext & { dispose(): Promise<void>; progress: unknown[] }> {
  const root = await mkdtemp(path.join(tmpdir(), 'kalla-worker-'));
  const scratchDir = path.join(root, 'scratch');
  await mkdir(scratchDir);
  const progress: unknown[] = [];
  const store = localStore(path.join(root, 'store'));
  return {
    signal: new AbortController().signal,
    scratchDir,
    store,
    progress,
    host: {
      scratchDir,
      localFile: async (uri) => ({ path: uri, name: path.basename(uri), bytes: 0 }),
      log: { debug: () => undefined, warn: () => undefined },
    },
    onProgress: (event) => void progress.push(event),
    limits: { memoryBytes: 512 * 2 ** 20, matchSeconds: 60, maxPairs: 20_000_000n, threads: 2, ...limits },
    dispose: () => rm(root, { recursive: true, force: true }),
  };
}

/** A small table: columns and rows as text. */
export interface TestTable {
  columns: ColumnInfo[];
  rows: readonly (readonly Cell[])[];
  /** What its connector says of it. */
  notes?: Note[];
}

export const table = (columns: Record<string, string>, rows: readonly (readonly Cell[])[]): TestTable => ({
  columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
  rows,
});

/** A table as a Parquet file, written by DuckDB alone. Its rows are given as JSON: as values of an INSERT they take ten times as long. */
export async function stagedTable(alias: string, { columns, rows }: TestTable, dir: string): Promise<StagedSource> {
  await using engine = await Engine.open({ memoryBytes: 512 * 2 ** 20, threads: 1 });
  const file = path.join(dir, `${alias}.parquet`);
  const given = path.join(dir, `${alias}.ndjson`);
  await writeFile(
    given,
    rows
      .map((row) => `${JSON.stringify(Object.fromEntries(row.map((cell, index) => [`c${index}`, cell])))}\n`)
      .join(''),
  );
  const cells = columns.map((_, index) => `c${index}: 'VARCHAR'`).join(', ');
  const list = columns
    .map(({ name, type }, index) => `CAST(c${index} AS ${duckdbTypeOf(type)}) AS ${quoteIdentifier(name)}`)
    .join(', ');
  await engine.run(
    `COPY (SELECT ${list} FROM read_json(${quoteLiteral(given)}, format = 'newline_delimited', columns = {${cells}})) ` +
      `TO ${quoteLiteral(file)} (FORMAT parquet)`,
  );
  await rm(given);
  return { alias, path: file, columns, rows: rows.length, notes: [], inPlace: false };
}

/** Checks and runs a rule over two staged files. */
export async function matchTables(
  sql: string,
  left: { staged: StagedSource; primaryKey: string[] },
  right: { staged: StagedSource; primaryKey: string[] },
  context: TaskContext,
): Promise<MatchResult> {
  const side = ({ staged, primaryKey }: typeof left) => ({
    alias: staged.alias,
    primary_key: primaryKey,
    columns: staged.columns,
  });
  const { rule, errors } = await checkRule({ match_sql: sql, left: side(left), right: side(right) });
  if (!rule) throw new Error(errors.map((error) => error.message).join(' '));
  const outDir = await mkdtemp(path.join(context.scratchDir, 'out-'));
  return matchStaged({ rule, left, right, outDir }, context);
}

/** The rows of a Parquet file as text, in file order. */
export async function readParquet(file: string): Promise<Record<string, Cell>[]> {
  await using engine = await Engine.open({ memoryBytes: 512 * 2 ** 20, threads: 1 });
  const names = (await engine.rows(`DESCRIBE SELECT * FROM read_parquet(${quoteLiteral(file)})`)).map((row) =>
    String(row[0]),
  );
  const rows = await engine.rows(
    `SELECT ${names.map((name) => `CAST(${quoteIdentifier(name)} AS VARCHAR)`).join(', ')} FROM read_parquet(${quoteLiteral(file)})`,
  );
  return rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] as Cell])));
}

/** A connector over tables in memory that delivers Arrow batches, or a scan of a file where one is given. */
export function memorySource(
  alias: string,
  content:
    | TestTable
    | { scan: NonNullable<ReadPlan['scan']>; columns: ColumnInfo[]; explain?: (message: string) => Error | null },
  extra: Partial<TaskSource> = {},
  batchRows = 1000,
): TaskSource & { opened: number; closed: number; read: string[] } {
  const source = { opened: 0, closed: 0, read: [] as string[] };
  const { columns } = content;
  const plugin: ConnectorPlugin = {
    apiVersion: 1,
    config: z.unknown(),
    fromUri: (uri) => ({ config: uri }),
    toUri: () => `memory:${alias}`,
    open: async () => {
      source.opened++;
      return {
        async *check() {},
        listTables: async () => ({ items: [], next: null }),
        describe: async () => ({
          table: { id: alias, name: alias, kind: 'table' },
          columns,
          primaryKey: null,
          keyCandidates: [],
          rowCount: null,
          notes: [],
        }),
        plan: async (request) => ({
          columns: request.columns ? columns.filter(({ name }) => request.columns?.includes(name)) : columns,
          residual: [],
          splits: [{ id: 'all' }],
          estimate: { rows: 'rows' in content ? content.rows.length : null, bytes: null },
          snapshot: true,
          notes: [{ message: `read from ${alias}` }, ...(('notes' in content && content.notes) || [])],
          ...('scan' in content ? { scan: content.scan } : {}),
        }),
        async *read(plan) {
          if (!('rows' in content)) return;
          source.read = plan.columns.map(({ name }) => name);
          const places = plan.columns.map((column) => columns.findIndex(({ name }) => name === column.name));
          for (let start = 0; start < content.rows.length; start += batchRows) {
            const rows = content.rows.slice(start, start + batchRows);
            yield batchOf(
              plan.columns,
              rows.map((row) => places.map((place) => row[place] ?? null)),
            );
          }
        },
        explain: async (_plan, message) => ('explain' in content ? (content.explain?.(message) ?? null) : null),
        [Symbol.asyncDispose]: async () => void source.closed++,
      };
    },
  };
  return Object.assign(source, {
    alias,
    type: 'memory',
    connector: { package: '@kalla/connector-memory', version: '0.0.0' },
    plugin,
    config: {},
    publicUri: `memory:${alias}`,
    ...extra,
  });
}
