import type { CellRelation, ColumnInfo } from '@kalla/core';

/** One line of an unmatched row and a row that comes near it. */
export interface CandidateLine {
  own?: ColumnInfo | undefined;
  other?: ColumnInfo | undefined;
  /** What the two cells have to do with each other, where that is known. */
  relation?: CellRelation | undefined;
}

/**
 * Lays two rows beside each other: what the rule compares first, then the cells that have something to do with each other, then
 * columns of the same name, then the rest of each row by itself.
 */
export function alignCandidate(
  own: readonly ColumnInfo[],
  other: readonly ColumnInfo[],
  relations: readonly CellRelation[],
  compared: readonly (readonly [own: string, other: string])[],
): CandidateLine[] {
  const lines: CandidateLine[] = [];
  const placed = new Set<ColumnInfo>();
  // SQL that was written by hand may name a column in other capitals.
  const named = (columns: readonly ColumnInfo[], name: string) =>
    columns.find((column) => column.name === name) ??
    columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
  const pair = (one: ColumnInfo | undefined, two: ColumnInfo | undefined) => {
    if (!one || !two) return;
    const relation = relations.find((each) => each.own === one.name && each.other === two.name);
    lines.push({ own: one, other: two, relation });
    placed.add(one).add(two);
  };
  for (const [one, two] of compared) pair(named(own, one), named(other, two));
  for (const { own: one, other: two } of relations) {
    const [mine, theirs] = [named(own, one), named(other, two)];
    if (mine && theirs && !(placed.has(mine) && placed.has(theirs))) pair(mine, theirs);
  }
  for (const column of own) {
    if (placed.has(column)) continue;
    const name = column.name.toLowerCase();
    pair(
      column,
      other.find((each) => each.name.toLowerCase() === name && !placed.has(each)),
    );
  }
  for (const column of own) if (!placed.has(column)) lines.push({ own: column });
  for (const column of other) if (!placed.has(column)) lines.push({ other: column });
  return lines;
}
