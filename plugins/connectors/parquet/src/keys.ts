import { quoteIdentifier, type Operation } from '@kalla/core';
import { partOf, type Engine } from '@kalla/files';
import type { Mapping } from './types.ts';

const SAMPLE_ROWS = 20_000;
const PAIR_ROWS = 1_000_000;
/** Counting single columns, as a share of the work; most files need no pairs. */
const SINGLES = 0.9;
const KEY_TYPE = /^(u?int(8|16|32|64)|text|uuid)$/;
const KEY_NAME = /(^|[_\s-])(id|key|ref|reference|no|nr|number|num|code|uuid|guid)$|id$/i;

/**
 * Column sets that tell every row from every other and are never NULL: single columns, else pairs; best first.
 * Rows from the top rule out; what is left is counted over the whole file, two columns at most in a large one, and
 * `operation.onProgress` is told how much of that is done.
 */
export async function keyCandidates(
  from: string,
  columns: readonly Mapping[],
  rowCount: number,
  engine: Engine,
  operation: Operation,
): Promise<string[][]> {
  if (rowCount === 0) return [];
  const rank = ({ name }: Mapping) => (KEY_NAME.test(name) ? 0 : 1);
  const usable = columns.filter(({ type, asIs }) => asIs && KEY_TYPE.test(type)).sort((a, b) => rank(a) - rank(b));
  const singles = usable.map((column) => [column]);
  const found = await unique(from, singles, rowCount, engine, partOf(operation, 0, SINGLES));
  if (found.length || rowCount > PAIR_ROWS || rowCount < 2) return found;
  const parts = [...usable, ...columns.filter(({ type, asIs }) => asIs && type === 'date')].slice(0, 5);
  const pairs = parts.flatMap((a, at) => parts.slice(at + 1).map((b) => [a, b]));
  return unique(from, pairs, rowCount, engine, partOf(operation, SINGLES, 1));
}

async function unique(
  from: string,
  sets: readonly Mapping[][],
  rowCount: number,
  engine: Engine,
  operation: Operation,
): Promise<string[][]> {
  // Looking at the top is no part of what takes long.
  const sampled = await distinct(`(SELECT * FROM ${from} LIMIT ${SAMPLE_ROWS})`, sets, engine, {
    signal: operation.signal,
  });
  const rest = sampled.slice(0, rowCount > PAIR_ROWS ? 2 : 8);
  const sure = rowCount > SAMPLE_ROWS ? await distinct(from, rest, engine, operation) : rest;
  return sure.map((set) => set.map(({ name }) => name));
}

/** The sets whose values are all different and never NULL. Hashes that collide can only hide a key, never invent one. */
async function distinct(
  from: string,
  sets: readonly Mapping[][],
  engine: Engine,
  operation: Operation,
): Promise<Mapping[][]> {
  if (sets.length === 0) return [];
  const list = sets.map((set, index) => {
    const names = set.map(({ name }) => quoteIdentifier(name));
    const filled = names.map((name) => `${name} IS NOT NULL`).join(' AND ');
    return `count(DISTINCT hash(${names.join(', ')})) FILTER (WHERE ${filled}) = count(*) AS s${index}`;
  });
  const row = await engine.row(`SELECT ${list.join(', ')} FROM ${from}`, operation, operation.onProgress);
  return sets.filter((_, index) => row[`s${index}`] === true);
}
