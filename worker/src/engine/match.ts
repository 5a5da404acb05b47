import path from 'node:path';
import { rename } from 'node:fs/promises';
import { version } from '@duckdb/node-api';
import {
  columnTypeOfDuckdb,
  duckdbTypeOf,
  ProblemError,
  quoteIdentifier,
  quoteLiteral,
  type ColumnInfo,
  type Counts,
  type KeyReport,
  type Note,
  type ResultSet,
  type Sums,
} from '@kalla/core';
import type { TaskContext } from '../task-contract.ts';
import type { CheckedRule } from './check-rule.ts';
import { same } from './column-scope.ts';
import { engineMessage, translateEngineError } from './engine-error.ts';
import { Engine, type RunOptions } from './engine.ts';
import { nestedLoopsOf, pairLimitOf, refuseExplosion, tooManyRows } from './explosion.ts';
import { reportKeys } from './key-report.ts';
import { MatchProgress } from './match-progress.ts';
import { matchWarnings } from './match-warnings.ts';
import { ROW_NUMBER, usesRowNumber } from './row-number.ts';
import { resultParquet } from './parquet-options.ts';
import type { StagedSource } from './staged-source.ts';
import { viewOf } from './staged-view.ts';
import { sumsOf, type SumReport } from './sums.ts';

export interface MatchSide {
  staged: StagedSource;
  primaryKey: string[];
  /** Where it was made already, while the other side was still staged. */
  keys?: KeyReport;
  sums?: SumReport;
}

export interface MatchRequest {
  /** From `checkRule` on the staged columns. */
  rule: CheckedRule;
  left: MatchSide;
  right: MatchSide;
  /** An existing folder for the three files. */
  outDir: string;
}

export interface MatchOutput {
  path: string;
  rows: number;
  columns: ColumnInfo[];
}

export interface MatchResult {
  counts: Counts;
  sums: Sums;
  keys: { left: KeyReport; right: KeyReport };
  outputs: Record<ResultSet, MatchOutput>;
  warnings: Note[];
  engine: { name: string; version: string };
}

type SideName = 'left' | 'right';

/**
 * Runs a checked rule over two staged files and writes matched, unmatched_left and unmatched_right.
 *
 * The plan is the cheapest measured for wide results: write `matched` once, then one anti join for each side against its
 * key columns. A key with a NULL never matches; result rows without a full key on both sides (outer joins) are not matches.
 *
 * @throws ProblemError `match-explodes`, `timeout`, `out-of-memory`, `disk-full`, `match-sql` (a cell that the rule cannot
 *   cast); ConnectorError `cancelled`.
 */
export async function matchStaged(request: MatchRequest, context: TaskContext): Promise<MatchResult> {
  const { left, right } = request;
  const doing = `Matching "${left.staged.alias}" with "${right.staged.alias}"`;
  try {
    return await match(request, context);
  } catch (error) {
    const translated = translateEngineError(error, doing, context.signal);
    if (
      translated === error &&
      error instanceof Error &&
      /^(Conversion|Invalid Input|Out of Range|Binder) Error/.test(error.message)
    ) {
      const message = engineMessage(error)
        .replace(/^[\w ]+ Error: /, '')
        .split('\n')[0]!;
      throw new ProblemError(
        'match-sql',
        `${doing} stopped at a cell that the rule cannot work with: ${message}`,
        [{ message, hint: 'Use TRY_CAST in place of CAST, or compare as text.' }],
        error,
      );
    }
    throw translated;
  }
}

async function match(request: MatchRequest, context: TaskContext): Promise<MatchResult> {
  const { rule, left, right, outDir } = request;
  const { limits, signal } = context;
  const file = (name: string) => path.join(outDir, `${name}.parquet`);
  const deadline = { at: Date.now() + limits.matchSeconds * 1000, seconds: limits.matchSeconds };
  const options: RunOptions = { signal, deadline };
  const progress = new MatchProgress(left.staged.rows, context.onProgress);

  await using engine = await Engine.open({
    memoryBytes: limits.memoryBytes,
    threads: limits.threads,
    tempDir: path.join(context.scratchDir, 'match'),
    settings: { preserve_insertion_order: 'false' },
  });
  for (const [side, checked] of [
    [left, rule.sides[0]],
    [right, rule.sides[1]],
  ] as const) {
    await engine.run(
      viewOf(
        side.staged,
        checked.columns.some((column) => same(column.name, ROW_NUMBER)),
      ),
    );
  }
  await engine.run('SET nested_loop_join_threshold = 0');
  await engine.run('SET merge_join_threshold = 0');
  const nestedLoops = await nestedLoopsOf(engine, rule.sql, options);
  await engine.run('RESET nested_loop_join_threshold');
  await engine.run('RESET merge_join_threshold');
  await engine.lock([
    left.staged.path,
    right.staged.path,
    ...['matched', 'matched-raw', 'unmatched_left', 'unmatched_right'].map(file),
  ]);
  progress.at(0);
  await refuseExplosion(engine, rule, nestedLoops, [left.staged.rows, right.staged.rows], limits.maxPairs, options);

  const matchedColumns = resultColumns(rule);
  const warnings: Note[] = [];
  const rowLimit = pairLimitOf([left.staged.rows, right.staged.rows], limits.maxPairs);
  const { rows: matched, dropped } = await writeMatched(engine, rule, matchedColumns, rowLimit, file, {
    ...options,
    onProgress: progress.phase(0.02, 0.6),
  });
  if (dropped > 0) {
    warnings.push({
      message: `${dropped} rows of the rule's result have no key on one side and are no matches; they were left out of "matched".`,
      count: dropped,
    });
  }
  progress.matched(matched);

  const unmatched = {} as Record<SideName, MatchOutput>;
  const matchedRows = {} as Record<SideName, number>;
  const reports = {} as Record<SideName, KeyReport>;
  const spans = { left: [0.6, 0.75], right: [0.75, 0.9] } as const;
  for (const [name, side] of [
    ['left', left],
    ['right', right],
  ] as const) {
    const keys = keyJoin(rule, name, side, matchedColumns, file('matched'));
    const [from, to] = spans[name];
    const columns = unmatchedColumns(side);
    const list = columns.map((column) => `s.${quoteIdentifier(column.name)}`).join(', ');
    const table = quoteIdentifier(side.staged.alias);
    const target = file(`unmatched_${name}`);
    const rows = await engine.run(
      `COPY (SELECT ${list} FROM ${table} s WHERE NOT EXISTS (${keys})) TO ${quoteLiteral(target)} ${resultParquet(columns.length)}`,
      { ...options, onProgress: progress.phase(from, to) },
    );
    unmatched[name] = { path: target, rows, columns };
    reports[name] = side.keys ?? (await reportKeys(engine, side.staged, side.primaryKey, options));
    // Never by subtraction: the check that every row is accounted for has to be able to fail. Where keys are unique and
    // taken from the source as they are, each result row is another row of this side unless it was paired more than once;
    // so when the number of result rows fits there is nothing to count, else it is counted.
    const distinct =
      rule.keys.proven[name] && reports[name].duplicate_keys === 0 && matched + rows === side.staged.rows;
    matchedRows[name] = distinct
      ? matched
      : await count(engine, `SELECT count(*)::VARCHAR FROM ${table} s WHERE EXISTS (${keys})`, options);
    if (!rule.keys.proven[name]) {
      const absent = await count(engine, absentKeys(rule, name, side, matchedColumns, file('matched')), options);
      if (absent > 0) {
        warnings.push({
          message: `${absent} rows of "matched" carry a key that is not in "${side.staged.alias}".`,
          count: absent,
        });
      }
    }
  }
  progress.at(0.92);

  const counts: Counts = {
    left: left.staged.rows,
    right: right.staged.rows,
    matched,
    unmatched_left: unmatched.left.rows,
    unmatched_right: unmatched.right.rows,
    matched_left_rows: matchedRows.left,
    matched_right_rows: matchedRows.right,
  };
  const outputs: Record<ResultSet, MatchOutput> = {
    matched: { path: file('matched'), rows: matched, columns: matchedColumns },
    unmatched_left: unmatched.left,
    unmatched_right: unmatched.right,
  };
  const allKeys = [...rule.keys.left, ...rule.keys.right].map((index) => matchedColumns[index]!.name);
  const sum = (
    { path: filePath, columns }: { path: string; columns: readonly ColumnInfo[] },
    except: readonly string[],
  ) => sumsOf(engine, filePath, columns, except, options);
  const found: [keyof Sums, SumReport][] = [
    ['left', left.sums ?? (await sum(withValues(left.staged), left.primaryKey))],
    ['right', right.sums ?? (await sum(withValues(right.staged), right.primaryKey))],
    ['matched', await sum(outputs.matched, allKeys)],
    ['unmatched_left', await sum(outputs.unmatched_left, left.primaryKey)],
    ['unmatched_right', await sum(outputs.unmatched_right, right.primaryKey)],
  ];
  const sums = Object.fromEntries(found.map(([set, report]) => [set, report.sums])) as Sums;
  warnings.push(...found.flatMap(([, report]) => report.notes));
  warnings.push(...matchWarnings(counts, reports, [left, right]));
  progress.at(1);
  return {
    counts,
    sums,
    keys: reports,
    outputs,
    warnings,
    engine: { name: 'duckdb', version: version().replace(/^v/, '') },
  };
}

/** A staged file without the columns that the rule takes for another type than the file has. */
function withValues(staged: StagedSource): Pick<StagedSource, 'path' | 'columns'> {
  return { path: staged.path, columns: staged.columns.filter(({ name }) => !staged.recast?.includes(name)) };
}

/** The columns of `matched`: unique names, and only types that Parquet keeps exactly (a HUGEINT sum would become a DOUBLE there). */
function resultColumns(rule: CheckedRule): ColumnInfo[] {
  const taken = new Set<string>();
  return rule.output.map((wanted, index) => {
    let name = wanted;
    for (let copy = 2; taken.has(name.toLowerCase()); copy++) name = `${wanted}_${copy}`;
    taken.add(name.toLowerCase());
    const type = rule.outputTypes[index]!;
    const exact =
      columnTypeOfDuckdb(type) ??
      (/^U?HUGEINT$/.test(type) ? 'decimal(38,0)' : /^TIMESTAMP_(S|MS|NS)$/.test(type) ? 'timestamp' : 'text');
    return { name, type: exact, nullable: true };
  });
}

async function writeMatched(
  engine: Engine,
  rule: CheckedRule,
  columns: readonly ColumnInfo[],
  rowLimit: bigint,
  file: (name: string) => string,
  options: RunOptions,
): Promise<{ rows: number; dropped: number }> {
  const inner = columns.map((_, index) => `c${index}`).join(', ');
  const list = columns
    .map((column, index) => {
      const exact = duckdbTypeOf(column.type) === rule.outputTypes[index];
      return `${exact ? `c${index}` : `CAST(c${index} AS ${duckdbTypeOf(column.type)})`} AS ${quoteIdentifier(column.name)}`;
    })
    .join(', ');
  const target = file('matched');
  const all = await engine.run(
    `COPY (SELECT ${list} FROM (${rule.sql}\n) AS m(${inner}) LIMIT ${rowLimit + 1n}) TO ${quoteLiteral(target)} ${resultParquet(columns.length)}`,
    options,
  );
  // One row more than allowed is never a result: the limit only stops what could not be counted before.
  if (BigInt(all) > rowLimit) throw tooManyRows(rowLimit);
  const keys = [...rule.keys.left, ...rule.keys.right].map((index) => quoteIdentifier(columns[index]!.name));
  const incomplete = keys.map((key) => `${key} IS NULL`).join(' OR ');
  const { onProgress: _, ...quiet } = options;
  const dropped = await count(
    engine,
    `SELECT count(*)::VARCHAR FROM read_parquet(${quoteLiteral(target)}) WHERE ${incomplete}`,
    quiet,
  );
  if (dropped === 0) return { rows: all, dropped };
  const raw = file('matched-raw');
  await rename(target, raw);
  const rows = await engine.run(
    `COPY (SELECT * FROM read_parquet(${quoteLiteral(raw)}) WHERE NOT (${incomplete})) TO ${quoteLiteral(target)} ${resultParquet(columns.length)}`,
    quiet,
  );
  return { rows, dropped };
}

/** Output key columns of one side as expressions over `m` in the type of the source's column. */
function keyPairs(rule: CheckedRule, name: SideName, side: MatchSide, columns: readonly ColumnInfo[]): string[] {
  const sideColumns = rule.sides[name === 'left' ? 0 : 1].columns;
  return side.primaryKey.map((key, index) => {
    const own = sideColumns.find((column) => same(column.name, key))!;
    const output = columns[rule.keys[name][index]!]!;
    const column = `m.${quoteIdentifier(output.name)}`;
    const value = output.type === own.type ? column : `TRY_CAST(${column} AS ${duckdbTypeOf(own.type)})`;
    return `s.${quoteIdentifier(own.name)} = ${value}`;
  });
}

/** A subquery that has a row when the key of row `s` is in the result. With `=`, a NULL in either never does. */
function keyJoin(
  rule: CheckedRule,
  name: SideName,
  side: MatchSide,
  columns: readonly ColumnInfo[],
  matched: string,
): string {
  return `SELECT 1 FROM read_parquet(${quoteLiteral(matched)}) m WHERE ${keyPairs(rule, name, side, columns).join(' AND ')}`;
}

function absentKeys(
  rule: CheckedRule,
  name: SideName,
  side: MatchSide,
  columns: readonly ColumnInfo[],
  matched: string,
): string {
  const table = quoteIdentifier(side.staged.alias);
  const on = keyPairs(rule, name, side, columns).join(' AND ');
  return `SELECT count(*)::VARCHAR FROM read_parquet(${quoteLiteral(matched)}) m WHERE NOT EXISTS (SELECT 1 FROM ${table} s WHERE ${on})`;
}

/** All staged columns; the row number only where it is the key, since it is how a reader finds the row again. */
function unmatchedColumns(side: MatchSide): ColumnInfo[] {
  const { columns } = side.staged;
  return usesRowNumber('', side.primaryKey, columns)
    ? [...columns, { name: ROW_NUMBER, type: 'int64', nullable: false }]
    : columns;
}

const count = async (engine: Engine, sql: string, options: RunOptions) =>
  Number((await engine.rows(sql, options))[0]![0]);
