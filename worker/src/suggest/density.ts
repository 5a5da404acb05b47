import { textTerm, type Condition } from '@kalla/core';
import { columnName, SIDES, type Bench, type SideName } from './bench.ts';

/** Above this, that values meet says little by itself. */
export const DENSE = 0.3;

/**
 * How likely a value of one side meets one of the other by chance, because both fill the same range of numbers: row counters
 * from 1 to 1000 on both sides meet always and say nothing. 0 for values that are not numbers, or are sparse.
 *
 * A prefix that both sides share makes the same numbers a name, which is no chance.
 */
export async function chanceByDensity(
  bench: Bench,
  condition: Condition,
  rates: Readonly<Record<SideName, number>>,
): Promise<number> {
  const spans = {} as Record<SideName, { low: number; high: number; distinct: number } | undefined>;
  for (const side of SIDES) {
    const name = condition[side];
    const index = bench.columns(side).findIndex((_, at) => columnName(at) === name);
    const type = index < 0 ? 'int64' : bench.columns(side)[index]!.type;
    const ignore = condition.kind === 'equal' ? condition.ignore : [];
    const pattern =
      condition.kind === 'equal' && condition.extract?.side === side ? condition.extract.pattern : undefined;
    const term =
      condition.kind === 'equal' ? textTerm(name, type, ignore, pattern) : `CAST(abs(${name}) * 100 AS VARCHAR)`;
    // Only how far apart the values lie is looked at: half of them lie between the quartiles.
    const [row] = await bench.rows(
      `WITH v AS (SELECT DISTINCT TRY_CAST(t AS DOUBLE) AS v, t FROM (SELECT ${term} AS t FROM ${side}_sample) WHERE t IS NOT NULL), ` +
        'q AS (SELECT quantile_cont(v, 0.25) AS a, quantile_cont(v, 0.75) AS b, count(*) AS n, count(v) AS numbers FROM v) ' +
        'SELECT a, b, (SELECT count(*) FROM v, q WHERE v.v BETWEEN q.a AND q.b)::VARCHAR, n::VARCHAR, numbers::VARCHAR FROM q',
    );
    const [low, high, inside, distinct, numbers] = row!.map(Number) as [number, number, number, number, number];
    spans[side] = distinct > 0 && numbers >= distinct * 0.9 ? { low, high, distinct: inside / rates[side] } : undefined;
  }
  const { left, right } = spans;
  if (!left || !right) return 0;
  const density = ({ low, high, distinct }: { low: number; high: number; distinct: number }) =>
    Math.min(1, distinct / (high - low + 1));
  return Math.max(density(left), density(right));
}
