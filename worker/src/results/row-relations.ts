import { decimalOf, quoteIdentifier, type CellRelation, type ColumnInfo } from '@kalla/core';
import type { Engine, RunOptions } from '../engine/engine.ts';
import { comparableOf, pairsOf, plainReference, sortRelations, stands } from './comparable-cells.ts';
import type { ResultFile } from './result-file.ts';

interface Question {
  kind: CellRelation['kind'];
  own: string;
  other: string;
  /** Expressions over `own` and `t` as text: the relation, and how much they differ. NULL: nothing to say. */
  relation: string;
  difference: string;
}

/** How the cells of the row in `own` stand to those of some rows of `table`, by place in the file. */
export async function relationsOf(
  engine: Engine,
  own: ResultFile,
  table: ResultFile,
  numbers: readonly number[],
  options: RunOptions,
): Promise<Map<number, CellRelation[]>> {
  const questions = questionsOf(own.columns, table.columns);
  const answers = questions.flatMap(({ relation, difference }) => [relation, difference]);
  const rows = await engine.rows(
    `SELECT ${['t.file_row_number::VARCHAR', ...answers].join(', ')} FROM ${table.from} t, own ` +
      `WHERE t.file_row_number IN (${numbers.join(', ')})`,
    options,
  );
  return new Map(
    rows.map(([number, ...values]) => {
      const relations = questions.flatMap(({ kind, own: mine, other }, index): CellRelation[] => {
        const relation = values[index * 2];
        const difference = values[index * 2 + 1];
        if (typeof relation !== 'string') return [];
        return [
          {
            kind,
            own: mine,
            other,
            relation: relation as CellRelation['relation'],
            ...(typeof difference === 'string' && relation === 'different' ? { difference } : {}),
          },
        ];
      });
      return [Number(number), sortRelations(relations)];
    }),
  );
}

function questionsOf(own: readonly ColumnInfo[], other: readonly ColumnInfo[]): Question[] {
  const [mine, theirs] = [comparableOf(own), comparableOf(other)];
  const at = (table: string, name: string) => `${table}.${quoteIdentifier(name)}`;
  const texts = mine.references.flatMap((a) =>
    theirs.references.map((b): Question => {
      const [x, y] = [at('own', a.name), at('t', b.name)];
      const [plainX, plainY] = [plainReference(x), plainReference(y)];
      return {
        kind: 'reference',
        own: a.name,
        other: b.name,
        relation:
          `CASE WHEN length(${plainX}) < 4 THEN NULL WHEN CAST(${x} AS VARCHAR) = CAST(${y} AS VARCHAR) THEN 'same' ` +
          `WHEN ${plainX} = ${plainY} THEN 'similar' ` +
          `WHEN ${stands(plainX, plainY)} OR ${stands(plainY, plainX)} THEN 'contained' END`,
        difference: 'NULL',
      };
    }),
  );
  const amounts = pairsOf(mine.amounts, theirs.amounts).map(([a, b]): Question => {
    const scale = Math.max(decimalOf(a.type)?.scale ?? 0, decimalOf(b.type)?.scale ?? 0);
    const [x, y] = [a, b].map(
      (column, index) => `CAST(${at(index === 0 ? 'own' : 't', column.name)} AS DECIMAL(38,${scale}))`,
    );
    return {
      kind: 'amount',
      own: a.name,
      other: b.name,
      relation: `CASE WHEN ${x} = ${y} THEN 'same' WHEN ${x} = -${y} THEN 'opposite' WHEN ${x} <> ${y} THEN 'different' END`,
      difference: `CAST(${y} - ${x} AS VARCHAR)`,
    };
  });
  const dates = pairsOf(mine.dates, theirs.dates).map(([a, b]): Question => {
    const [x, y] = [`CAST(${at('own', a.name)} AS DATE)`, `CAST(${at('t', b.name)} AS DATE)`];
    return {
      kind: 'date',
      own: a.name,
      other: b.name,
      relation: `CASE WHEN ${x} = ${y} THEN 'same' WHEN ${x} <> ${y} THEN 'different' END`,
      difference: `CAST(${y} - ${x} AS VARCHAR)`,
    };
  });
  const currency: Question[] =
    mine.currency !== null && theirs.currency !== null
      ? [
          {
            kind: 'currency',
            own: mine.currency,
            other: theirs.currency,
            relation: `CASE WHEN upper(${at('own', mine.currency)}) = upper(${at('t', theirs.currency)}) THEN 'same' WHEN ${at('own', mine.currency)} <> ${at('t', theirs.currency)} THEN 'different' END`,
            difference: 'NULL',
          },
        ]
      : [];
  return [...texts, ...amounts, ...dates, ...currency];
}
