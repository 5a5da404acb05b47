import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { columnTypeOfDuckdb, quoteLiteral, type ColumnInfo } from '@kalla/core';
import { firstRow, withDuckdb } from '../duckdb.ts';
import { bulkColumns, bulkMatchSql, type Dataset } from '../generate/bulk.ts';
import type { TaskOutput } from '../measure.ts';
import type { MatchFiles } from './limits.ts';
import { taskContext } from './stage.ts';
import {
  checkRule,
  Engine,
  matchStaged,
  reportKeys,
  sumsOf,
  type MatchSide,
  type StagedSource,
  type TaskContext,
} from './worker.ts';

/** The matching stage of a run: the rule is checked, matched and counted, and the three files are written. */
export async function match(input: MatchFiles): Promise<TaskOutput> {
  const context = taskContext(input.scratchDir);
  const left = await prepare('invoices', 'id', input.left, context);
  const right = await prepare('payments', 'pay_id', input.right, context);
  const side = ({ staged, primaryKey }: typeof left) => ({
    alias: staged.alias,
    primary_key: primaryKey,
    columns: staged.columns,
  });

  const start = performance.now();
  const { rule, errors } = await checkRule({ match_sql: bulkMatchSql, left: side(left), right: side(right) });
  if (!rule) throw new Error(`The rule was refused: ${errors.map((error) => error.message).join(' ')}`);
  const { counts } = await matchStaged({ rule, left, right, outDir: input.target }, context);
  return { ms: performance.now() - start, counts };
}

/** A side as it is when staging has ended: with its sums and the report on its keys, which a run makes while the other side is still staged. */
async function prepare(alias: Dataset, key: string, path: string, context: TaskContext): Promise<MatchSide> {
  const columns: ColumnInfo[] = Object.entries(bulkColumns[alias]).map(([name, duckdbType]) => {
    const type = columnTypeOfDuckdb(duckdbType);
    if (!type) throw new TypeError(`No column type for ${duckdbType}.`);
    return { name, type };
  });
  const { rows } = await withDuckdb({}, (connection) =>
    firstRow(connection, `SELECT count(*) AS rows FROM read_parquet(${quoteLiteral(path)})`),
  );
  const staged: StagedSource = { alias, path, columns, rows: Number(rows), notes: [], inPlace: true };
  await using engine = await Engine.open({ ...context.limits, tempDir: join(context.scratchDir, `keys-${alias}`) });
  return {
    staged,
    primaryKey: [key],
    keys: await reportKeys(engine, staged, [key]),
    sums: await sumsOf(engine, path, columns, [key]),
  };
}
