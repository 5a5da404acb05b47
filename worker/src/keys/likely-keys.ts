import { decimalOf, quoteIdentifier, quoteLiteral, type ColumnInfo } from '@kalla/core';
import type { Engine } from '../engine/engine.ts';

/** Columns beyond these are not looked at: a key stands among the first ones, and a statement has a length. */
const MOST_COLUMNS = 200;
/** Columns that pairs are made of. */
const MOST_IN_PAIRS = 6;

const NAMED_AS_KEY = /(^|[^a-z])(id|key|uuid|guid|no|nr|num|number|ref|reference|code|pk)$/i;

/** How much a column looks like a key by its name and type, before any value is seen; 0 where it cannot be one. */
export function keyLikeness({ name, type }: ColumnInfo, place: number): number {
  if (/^(boolean|float|binary|time$)/.test(type)) return 0;
  // An amount that happens to differ in every row is no key.
  if ((decimalOf(type)?.scale ?? 0) > 0) return 0;
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2');
  const byName = NAMED_AS_KEY.test(words) ? 4 : 0;
  const byType = /^(date|timestamp)/.test(type) ? 0.5 : 2;
  return byName + byType + 1 / (place + 1);
}

/**
 * Columns that have another value in every row of a Parquet file and are never empty, the likeliest first; where there is
 * none, pairs of columns. At most `most` of them.
 */
export async function likelyKeys(
  engine: Engine,
  file: string,
  columns: readonly ColumnInfo[],
  most: number,
  signal: AbortSignal,
): Promise<string[][]> {
  const from = `FROM read_parquet(${quoteLiteral(file)})`;
  const fit = columns
    .slice(0, MOST_COLUMNS)
    .map((column, place) => ({ name: column.name, type: column.type, likeness: keyLikeness(column, place) }))
    .filter(({ likeness }) => likeness > 0)
    .sort((a, b) => b.likeness - a.likeness);
  if (fit.length === 0) return [];
  const counts = await countDistinct(fit.map(({ name }) => [name]));
  const [rows = 0, ...distinct] = counts;
  if (rows === 0) return [[fit[0]!.name]];
  // A moment in time may differ in a sample; alone it tells rows apart by chance only.
  const single = fit.filter(({ type }, index) => distinct[index] === rows && !/^(date|timestamp)/.test(type));
  if (single.length > 0) return single.slice(0, most).map(({ name }) => [name]);
  const parts = fit.filter((_, index) => distinct[index]! > 1).slice(0, MOST_IN_PAIRS);
  const pairs = parts.flatMap((a, index) => parts.slice(index + 1).map((b) => [a.name, b.name]));
  const [, ...ofPairs] = pairs.length > 0 ? await countDistinct(pairs) : [];
  const found = pairs.filter((_, index) => ofPairs[index] === rows);
  // Where nothing holds, the likeliest column shows by its examples what is in the way.
  return found.length > 0 ? found.slice(0, most) : [[fit[0]!.name]];

  /** All rows, then for each key the different values among rows where no part is empty. */
  async function countDistinct(keys: string[][]): Promise<number[]> {
    const list = keys.map((key) => {
      const names = key.map(quoteIdentifier);
      const whole = names.map((name) => `${name} IS NOT NULL`).join(' AND ');
      return `count(DISTINCT ${names.length === 1 ? names[0] : `(${names.join(', ')})`}) FILTER (${whole})::VARCHAR`;
    });
    const [row = []] = await engine.rows(`SELECT count(*)::VARCHAR, ${list.join(', ')} ${from}`, { signal });
    return row.map(Number);
  }
}
