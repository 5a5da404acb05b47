import { conditionSql, type Condition } from '@kalla/core';
import { benchSource, SIDES, type Bench, type SideName } from './bench.ts';
import type { Seed } from './candidate.ts';
import { sampleRows } from './take-sample.ts';

/** Pairs that are looked at; of values that many rows share the rarest are taken. */
const MOST_PAIRS = 400_000;
/** Pairs that columns are compared on. */
export const SURE_PAIRS = 4000;

/**
 * Rows of both sides that belong together by a seed. Chosen by their value and not one by one, so that all partners of a
 * row that is in it are in it too, and shares in the sample are shares of the whole.
 *
 * Tables: `s_left`, `s_right` (columns of the bench), `s_pairs` (`l`, `r` by `_row`), `s_sure` (`l`, `r`, numbered `n` from 0):
 * pairs whose rows have no other partner, or any pairs where there are none such.
 */
export interface SeedSample {
  rows: Readonly<Record<SideName, number>>;
  /** One of so many values is in it. */
  part: number;
  pairs: number;
  /** Pairs in `s_sure`, and whether they are without another partner. */
  sure: number;
  unique: boolean;
}

/** The equality terms of a seed over the tables of the given names. */
export function termsOf(bench: Bench, condition: Condition, tables: Readonly<Record<SideName, string>>) {
  return conditionSql(
    condition,
    benchSource('left', bench.columns('left'), tables.left),
    benchSource('right', bench.columns('right'), tables.right),
    tables,
  );
}

/** One of so many values is in the sample of a seed, so that both sides are small enough. */
export const partOf = (bench: Bench) =>
  Math.max(1, ...SIDES.map((side) => Math.ceil(bench.sides[side].rows / sampleRows(bench.columns(side).length))));

/** @param part 1: from the samples of rows, whatever part of the sides they are. */
export async function sampleBySeed(bench: Bench, seed: Seed, part: number): Promise<SeedSample> {
  const kind = seed.kind === 'amount' ? 'DOUBLE' : 'VARCHAR';
  const rows = {} as Record<SideName, number>;
  for (const side of SIDES) {
    const table = part === 1 ? `${side}_sample` : `${side}_all`;
    const terms = termsOf(bench, seed.condition, { left: table, right: table }).equal!;
    const where = part === 1 ? '' : ` WHERE hash(CAST(${terms[side]} AS ${kind})) % ${part} = 0`;
    await bench.run(`CREATE OR REPLACE TEMP TABLE s_${side} AS SELECT *, ${terms[side]} AS k FROM ${table}${where}`);
    [rows[side] = 0] = await bench.numbers(`SELECT count(*)::VARCHAR FROM s_${side}`);
  }
  const counted = (side: SideName) => `(SELECT k, count(*) AS n FROM s_${side} WHERE k IS NOT NULL GROUP BY k)`;
  await bench.run(
    'CREATE OR REPLACE TEMP TABLE s_keys AS SELECT l.k, l.n AS nl, r.n AS nr, sum(l.n * r.n) OVER (ORDER BY l.n * r.n, l.k) AS total ' +
      `FROM ${counted('left')} l JOIN ${counted('right')} r ON l.k = r.k`,
  );
  const [leftOut, rightOut] = await bench.numbers(
    `SELECT coalesce(sum(nl), 0)::VARCHAR, coalesce(sum(nr), 0)::VARCHAR FROM s_keys WHERE total > ${MOST_PAIRS}`,
  );
  // Rows that are not looked at count neither as found nor as not found.
  rows.left -= leftOut!;
  rows.right -= rightOut!;
  await bench.run(
    'CREATE OR REPLACE TEMP TABLE s_pairs AS SELECT a._row AS l, b._row AS r, nl, nr ' +
      `FROM s_keys JOIN s_left a ON a.k = s_keys.k JOIN s_right b ON b.k = s_keys.k WHERE s_keys.total <= ${MOST_PAIRS}`,
  );
  return { rows, part, ...(await takeSure(bench)) };
}

/** Keeps the pairs of the seed that meet a further condition; undefined, and all as before, where that loses too many rows. */
export async function narrow(
  bench: Bench,
  sample: SeedSample,
  condition: Condition,
  least: number,
): Promise<SeedSample | undefined> {
  const { equal } = termsOf(bench, condition, { left: 'a', right: 'b' });
  await bench.run(
    'CREATE OR REPLACE TEMP TABLE s_narrow AS SELECT p.l, p.r, count(*) OVER (PARTITION BY p.r) AS nl, count(*) OVER (PARTITION BY p.l) AS nr ' +
      `FROM s_pairs p JOIN s_left a ON a._row = p.l JOIN s_right b ON b._row = p.r WHERE ${equal!.left} = ${equal!.right}`,
  );
  const [before, after] = await bench.numbers(
    'SELECT (SELECT count(DISTINCT l) FROM s_pairs)::VARCHAR, (SELECT count(DISTINCT l) FROM s_narrow)::VARCHAR',
  );
  if (after! < before! * least) return undefined;
  await bench.run('CREATE OR REPLACE TEMP TABLE s_pairs AS SELECT * FROM s_narrow');
  return { ...sample, ...(await takeSure(bench)) };
}

async function takeSure(bench: Bench): Promise<Pick<SeedSample, 'pairs' | 'sure' | 'unique'>> {
  const [pairs, alone] = await bench.numbers(
    'SELECT count(*)::VARCHAR, count(*) FILTER (WHERE nl = 1 AND nr = 1)::VARCHAR FROM s_pairs',
  );
  const unique = alone! >= Math.min(20, pairs! / 10) && alone! > 0;
  await bench.run(
    'CREATE OR REPLACE TEMP TABLE s_sure AS SELECT l, r, row_number() OVER (ORDER BY hash(l, r), l, r) - 1 AS n FROM (' +
      `SELECT l, r FROM s_pairs ${unique ? 'WHERE nl = 1 AND nr = 1 ' : ''}ORDER BY hash(l, r), l, r LIMIT ${SURE_PAIRS})`,
  );
  const [sure] = await bench.numbers('SELECT count(*)::VARCHAR FROM s_sure');
  return { pairs: pairs!, sure: sure!, unique };
}

/**
 * Makes `s_sure` anew where no row has just one partner: of several, the nearest by `distances` is taken where each is the
 * nearest of the other. The expressions are over `a` and `b`, most telling first.
 */
export async function takeNearest(bench: Bench, distances: readonly string[]): Promise<number> {
  const near = distances.map((distance) => `${distance} NULLS LAST`).join(', ');
  await bench.run(
    'CREATE OR REPLACE TEMP TABLE s_sure AS SELECT l, r, row_number() OVER (ORDER BY hash(l, r), l, r) - 1 AS n FROM (' +
      `SELECT p.l, p.r, row_number() OVER (PARTITION BY p.l ORDER BY ${near}, p.r) AS of_l, row_number() OVER (PARTITION BY p.r ORDER BY ${near}, p.l) AS of_r ` +
      'FROM s_pairs p JOIN s_left a ON a._row = p.l JOIN s_right b ON b._row = p.r) ' +
      `WHERE of_l = 1 AND of_r = 1 QUALIFY n < ${SURE_PAIRS}`,
  );
  const [sure] = await bench.numbers('SELECT count(*)::VARCHAR FROM s_sure');
  return sure!;
}
