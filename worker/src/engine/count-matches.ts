import { duckdbTypeOf, ProblemError, quoteIdentifier, type Counts } from '@kalla/core';
import type { TaskContext } from '../task-contract.ts';
import type { CheckedRule } from './check-rule.ts';
import { ROW_NUMBER } from './row-number.ts';
import { same } from './column-scope.ts';
import { engineMessage, translateEngineError } from './engine-error.ts';
import { Engine, type RunOptions } from './engine.ts';
import { nestedLoopsOf, pairLimitOf, refuseExplosion, tooManyRows } from './explosion.ts';
import type { MatchSide } from './match.ts';
import { viewOf } from './staged-view.ts';

/** Runs further queries of our own over the two views before the engine is closed; the alias of a source is its view. */
export type CountMore<T> = (engine: Engine, options: RunOptions) => Promise<T>;

/**
 * What `matchStaged` counts, without writing a row: only the keys of the result are computed. The sandbox and the guard
 * against explosions are the same.
 *
 * @throws ProblemError `match-explodes`, `timeout`, `out-of-memory`, `match-sql`; ConnectorError `cancelled`.
 */
export async function countMatches<T>(
  rule: CheckedRule,
  sides: readonly [MatchSide, MatchSide],
  context: TaskContext,
  more: CountMore<T>,
): Promise<{ counts: Counts; more: T }> {
  const [left, right] = sides;
  const doing = `Matching "${left.staged.alias}" with "${right.staged.alias}"`;
  try {
    return await count(rule, sides, context, more);
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

async function count<T>(
  rule: CheckedRule,
  sides: readonly [MatchSide, MatchSide],
  context: TaskContext,
  more: CountMore<T>,
): Promise<{ counts: Counts; more: T }> {
  const { limits, signal } = context;
  const options: RunOptions = {
    signal,
    deadline: { at: Date.now() + limits.matchSeconds * 1000, seconds: limits.matchSeconds },
  };
  await using engine = await Engine.open({
    memoryBytes: limits.memoryBytes,
    threads: limits.threads,
    tempDir: context.scratchDir,
    settings: { preserve_insertion_order: 'false' },
  });
  for (const index of [0, 1] as const) {
    const numbered = rule.sides[index].columns.some((column) => same(column.name, ROW_NUMBER));
    await engine.run(viewOf(sides[index].staged, numbered));
  }
  await engine.run('SET nested_loop_join_threshold = 0');
  await engine.run('SET merge_join_threshold = 0');
  const nestedLoops = await nestedLoopsOf(engine, rule.sql, options);
  await engine.run('RESET nested_loop_join_threshold');
  await engine.run('RESET merge_join_threshold');
  await engine.lock(sides.map((side) => side.staged.path));
  const rows = [sides[0].staged.rows, sides[1].staged.rows] as const;
  const rowLimit = pairLimitOf(rows, limits.maxPairs);
  await refuseExplosion(engine, rule, nestedLoops, rows, limits.maxPairs, options);

  const keys = (['left', 'right'] as const).map((name, index) => {
    const { columns } = rule.sides[index as 0 | 1];
    return sides[index as 0 | 1].primaryKey.map((key, at) => {
      const own = columns.find((column) => same(column.name, key))!;
      const output = rule.keys[name][at]!;
      const type = duckdbTypeOf(own.type);
      const value = rule.outputTypes[output] === type ? `c${output}` : `TRY_CAST(c${output} AS ${type})`;
      return { name: `${name[0]}${at}`, column: quoteIdentifier(own.name), output, value };
    });
  });
  const all = keys.flat();
  const inner = rule.output.map((_, index) => `c${index}`).join(', ');
  await engine.run(
    `CREATE TEMP TABLE kalla_matches AS SELECT ${all.map(({ value, name }) => `${value} AS ${name}`).join(', ')} ` +
      `FROM (${rule.sql}\n) AS m(${inner}) WHERE ${all.map(({ output }) => `c${output} IS NOT NULL`).join(' AND ')} LIMIT ${rowLimit + 1n}`,
    options,
  );
  const ask = async (sql: string) => (await engine.rows(sql, options))[0]!.map(Number);
  const [matched] = (await ask('SELECT count(*)::VARCHAR FROM kalla_matches')) as [number];
  if (BigInt(matched) > rowLimit) throw tooManyRows(rowLimit);
  const hits = async (index: 0 | 1) => {
    const on = keys[index]!.map(({ name, column }) => `s.${column} = m.${name}`).join(' AND ');
    // Both are counted and neither subtracted, so that the check that every row is accounted for can fail.
    return (await ask(
      'SELECT count(*) FILTER (WHERE hit)::VARCHAR, count(*) FILTER (WHERE NOT hit)::VARCHAR FROM ' +
        `(SELECT EXISTS (SELECT 1 FROM kalla_matches m WHERE ${on}) AS hit FROM ${quoteIdentifier(sides[index].staged.alias)} s)`,
    )) as [number, number];
  };
  const [leftHit, leftFree] = await hits(0);
  const [rightHit, rightFree] = await hits(1);
  const counts: Counts = {
    left: rows[0],
    right: rows[1],
    matched,
    unmatched_left: leftFree,
    unmatched_right: rightFree,
    matched_left_rows: leftHit,
    matched_right_rows: rightHit,
  };
  return { counts, more: await more(engine, options) };
}
