import { textTerm, type Ignorable } from '@kalla/core';
import { columnName, SIDES, type Bench, type SideName } from './bench.ts';
import type { ColumnFacts } from './column-facts.ts';

/** Two columns with values in common, under what is ignored of their texts. */
export interface Overlap {
  left: number;
  right: number;
  ignore: Ignorable[];
  /** Different values that both samples have. */
  common: number;
  /** Rows of each sample with such a value. */
  leftRows: number;
  rightRows: number;
}

/** From nothing to everything but the digits. */
export const LEVELS: readonly Ignorable[][] = [
  [],
  ['case', 'spaces', 'punctuation', 'leading_zeros'],
  ['case', 'spaces', 'punctuation', 'letters', 'leading_zeros'],
];

/** Columns of a side that are compared with all of the other side; the most telling are taken. */
const MOST_COLUMNS = 60;

/** Which columns have values in common at the given levels: one join of all values with all. */
export async function valueOverlaps(
  bench: Bench,
  facts: Readonly<Record<SideName, readonly ColumnFacts[]>>,
  levels: readonly number[],
): Promise<Overlap[]> {
  for (const side of SIDES) {
    const parts = comparable(facts[side]).flatMap((column) =>
      levelsOf(column)
        .filter((level) => levels.includes(level))
        .map((level) => valuesOf(side, column, level)),
    );
    const list =
      parts.length > 0 ? parts.join(' UNION ALL ') : 'SELECT 0 AS col, 0 AS lvl, 0::UBIGINT AS h, 0 AS n LIMIT 0';
    await bench.run(`CREATE OR REPLACE TEMP TABLE ${side}_values AS ${list}`);
  }
  const rows = await bench.rows(
    'SELECT l.col, r.col, l.lvl, count(*)::VARCHAR, sum(l.n)::VARCHAR, sum(r.n)::VARCHAR ' +
      'FROM left_values l JOIN right_values r ON l.h = r.h AND l.lvl = r.lvl GROUP BY ALL ORDER BY ALL',
  );
  return rows.map((row) => {
    const [left, right, level, common, leftRows, rightRows] = row.map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    return { left, right, ignore: LEVELS[level]!, common, leftRows, rightRows };
  });
}

function comparable(facts: readonly ColumnFacts[]): ColumnFacts[] {
  return facts
    .filter(({ type, filled }) => filled > 0 && /^(u?int|text|uuid|decimal\(\d+,0\))/.test(type))
    .sort((a, b) => b.distinct - a.distinct || a.index - b.index)
    .slice(0, MOST_COLUMNS);
}

/** Numbers have no formatting to ignore, but a text on the other side may have: they take part in every level. */
function levelsOf({ family, digits }: ColumnFacts): number[] {
  if (family === 'number') return [0, 1, 2];
  return digits > 0 ? [0, 1, 2] : [0, 1];
}

function valuesOf(side: SideName, column: ColumnFacts, level: number): string {
  const term = textTerm(columnName(column.index), column.type, LEVELS[level]!);
  return (
    `SELECT ${column.index} AS col, ${level} AS lvl, hash(v) AS h, count(*) AS n ` +
    `FROM (SELECT ${term} AS v FROM ${side}_sample) WHERE v IS NOT NULL GROUP BY v`
  );
}
