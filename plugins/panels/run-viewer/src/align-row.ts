import type { ColumnInfo, Difference, Run } from '@kalla/core';
import { comparedInSql } from './compared-in-sql.ts';
import { ownersOf, type AlignedField } from './pair-columns.ts';

/**
 * Lays the two rows of a match beside each other: what the rule compares first, in its order; then what the table shows the
 * difference of; then what has the same name on both sides; then the rest of the left side, the rest of the right one, and what the rule made, each by itself. That two columns
 * stand in the same place of their files says nothing about them.
 *
 * @param compared names of the result that the rule compares; null where its SQL was written by hand and is all there is
 */
export function alignRow(
  columns: readonly ColumnInfo[],
  run: Pick<Run, 'left' | 'right' | 'match_sql'>,
  compared: readonly (readonly [left: string, right: string])[] | null,
  differences: readonly Difference[] = [],
): AlignedField[] {
  const { left, right } = run;
  const owners = ownersOf(columns, left, right);
  const named = (name: string) => columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
  /** The column of the result that holds a column of a side; none for one that both sides share. */
  const held = (side: 'left' | 'right', name: string) =>
    columns.find((_, at) => owners[at]!.side === side && owners[at]!.stem === name.toLowerCase());
  const pairs = compared
    ? compared.map(([one, other]) => [named(one), named(other)])
    : comparedInSql(run.match_sql, left, right).map(([one, other]) => [held('left', one), held('right', other)]);

  const placed = new Set<ColumnInfo>();
  const fields: AlignedField[] = [];
  const pair = (one: ColumnInfo | undefined, other: ColumnInfo | undefined) => {
    if (!one || !other || one === other) return;
    fields.push({ kind: 'pair', left: one, right: other });
    placed.add(one).add(other);
  };
  for (const [one, other] of pairs) pair(one, other);
  for (const [one, other] of differences.map((each) => each.map(named))) {
    if (!one || !other || placed.has(one) || placed.has(other)) continue;
    const ofRight = owners[columns.indexOf(one)]!.side === 'right';
    pair(ofRight ? other : one, ofRight ? one : other);
  }
  for (const [at, column] of columns.entries()) {
    const { side, stem } = owners[at]!;
    if (side !== 'left' || placed.has(column)) continue;
    pair(
      column,
      columns.find(
        (each, index) => owners[index]!.side === 'right' && owners[index]!.stem === stem && !placed.has(each),
      ),
    );
  }
  for (const side of ['both', 'left', 'right', 'rule'] as const)
    for (const [at, column] of columns.entries())
      if (owners[at]!.side === side && !placed.has(column)) fields.push({ kind: side, column });
  return fields;
}
