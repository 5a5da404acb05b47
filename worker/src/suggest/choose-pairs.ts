import { conditionSql, PAIRING_ROUNDS, type Rule, type RuleSource } from '@kalla/core';
import { SIDES, type Bench, type SideName } from './bench.ts';
import { wholeNumbers } from './joined-column.ts';

/** Possible pairs, by the places of their rows and of how near they are, each from 1 on in the order in which the rule prefers them. */
export interface Choices {
  left: Int32Array;
  right: Int32Array;
  near: Int32Array;
}

/**
 * Reads the pairs of the table `x_choice` (`l`, `r`: row numbers) as the rule puts them in order. The order is the engine's
 * own, so that keys of every type and distances of every kind are compared as in a run.
 *
 * @param sources Tables with `_row` and the columns of the rule and of the keys.
 */
export async function readChoices(
  bench: Bench,
  rule: Rule,
  sources: Readonly<Record<SideName, RuleSource>>,
): Promise<Choices> {
  const tables = { left: 'a', right: 'b' };
  const parts = rule.conditions.map((condition) => conditionSql(condition, sources.left, sources.right, tables));
  const rowsOf = (side: SideName) => {
    const { primary_key: keys } = sources[side];
    const own = side === 'left' ? 'l' : 'r';
    const alike = parts.map(({ twin }) => twin[side]).join(', ');
    const present = keys.filter((key) => key !== '_row').map((key) => ` AND ${key} IS NOT NULL`);
    return (
      `${side}_places AS (SELECT *, dense_rank() OVER (ORDER BY ${keys.join(', ')}, x_twin) AS x_place FROM (` +
      `SELECT *, row_number() OVER (PARTITION BY ${alike} ORDER BY ${keys.join(', ')}) AS x_twin FROM ${sources[side].alias} ${tables[side]} ` +
      `WHERE _row IN (SELECT ${own} FROM x_choice)${present.join('')}))`
    );
  };
  const near = [...parts.flatMap(({ distance }) => (distance ? [distance] : [])), 'abs(a.x_twin - b.x_twin)'];
  const list = (name: string) => `string_agg(CAST(${name} AS VARCHAR), chr(31))`;
  const [row] = await bench.rows(
    `WITH ${SIDES.map(rowsOf).join(', ')}, choices AS (` +
      `SELECT a.x_place AS l, b.x_place AS r, dense_rank() OVER (ORDER BY ${near.join(', ')}) AS near ` +
      'FROM x_choice c JOIN left_places a ON a._row = c.l JOIN right_places b ON b._row = c.r) ' +
      `SELECT ${list('l')}, ${list('r')}, ${list('near')} FROM choices`,
  );
  const [left, right, nearness] = row!.map((text) => wholeNumbers(String(text ?? '')));
  return { left: left!, right: right!, near: nearness! };
}

/**
 * How many pairs a rule chooses that uses each row once: a pair counts where each of its rows is the other's first choice;
 * what is left over chooses again. As `compileRule` has it, in a loop instead of six window functions over the same pairs.
 */
export function countChosen({ left, right, near }: Choices): number {
  const most = (places: Int32Array) => places.reduce((a, b) => (a > b ? a : b), 0) + 1;
  const used = { left: new Uint8Array(most(left)), right: new Uint8Array(most(right)) };
  let chosen = 0;
  for (let round = 0; round < PAIRING_ROUNDS; round++) {
    const ofLeft = new Int32Array(used.left.length).fill(-1);
    const ofRight = new Int32Array(used.right.length).fill(-1);
    for (let at = 0; at < near.length; at++) {
      const l = left[at]!;
      const r = right[at]!;
      if (used.left[l] === 1 || used.right[r] === 1) continue;
      const first = ofLeft[l]!;
      if (first < 0 || near[at]! < near[first]! || (near[at] === near[first] && r < right[first]!)) ofLeft[l] = at;
      const other = ofRight[r]!;
      if (other < 0 || near[at]! < near[other]! || (near[at] === near[other] && l < left[other]!)) ofRight[r] = at;
    }
    const before = chosen;
    for (let l = 0; l < ofLeft.length; l++) {
      const at = ofLeft[l]!;
      if (at < 0 || ofRight[right[at]!] !== at) continue;
      used.left[l] = 1;
      used.right[right[at]!] = 1;
      chosen += 1;
    }
    if (chosen === before) break;
  }
  return chosen;
}
