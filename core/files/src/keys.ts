import type { Operation } from '@kalla/core';
import type { Engine } from './engine.ts';
import type { Profile } from './profile.ts';
import type { TextRows } from './types.ts';

/** Names that people give to keys. */
export const KEY_NAME = /(^|[_\s-])(id|key|ref|reference|no|nr|number|num|code|uuid|guid|nummer|referenz)$|id$/i;
/** Pairs are only looked at in files that a pass over costs little. */
const PAIR_BYTES = 64 << 20;

/**
 * Column sets that tell every row from every other and are never empty: single columns, else pairs; best first.
 * `operation.onProgress` is told how much is looked through where pairs have to be counted.
 */
export async function keyCandidates(
  rows: TextRows,
  found: Profile,
  engine: Engine,
  operation: Operation,
): Promise<string[][]> {
  const names = found.columns.map(({ name }) => name);
  const rank = (index: number) => (KEY_NAME.test(names[index] ?? '') ? 0 : 1);
  const single = [...found.unique]
    .filter((index) => plausible(found, index))
    .sort((a, b) => rank(a) - rank(b) || a - b);
  if (single.length) return single.map((index) => [names[index] as string]);
  if (found.rowCount < 2 || rows.bytes > PAIR_BYTES) return [];
  const parts = names
    .map((_, index) => index)
    .filter((index) => found.nulls[index] === 0 && plausible(found, index, true))
    .sort((a, b) => rank(a) - rank(b) || a - b)
    .slice(0, 5);
  const pairs = parts.flatMap((a, at) => parts.slice(at + 1).map((b) => [a, b] as const));
  if (pairs.length === 0) return [];
  const list = pairs.map(
    ([a, b], index) => `count(DISTINCT hash(c${a}, c${b})) FILTER (WHERE c${a} <> '' AND c${b} <> '') AS p${index}`,
  );
  const row = await engine.row(`SELECT ${list.join(', ')} FROM ${rows.sql}`, operation, operation.onProgress);
  return pairs
    .filter((_, index) => Number(row[`p${index}`]) === found.rowCount)
    .map((pair) => pair.map((index) => names[index] as string));
}

/** Text and whole numbers in one spelling each; a date may be part of a pair. Amounts are unique by chance only. */
function plausible(found: Profile, index: number, inPair = false): boolean {
  const column = found.columns[index];
  if (!column) return false;
  const { kind } = column.parse;
  return kind === 'text' || kind === 'integer' || (inPair && kind === 'iso-date');
}
