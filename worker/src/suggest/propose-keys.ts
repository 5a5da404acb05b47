import type { ColumnInfo, KeyProposal } from '@kalla/core';
import { columnName, type Bench } from './bench.ts';
import { ChosenRows } from './chosen-rows.ts';
import type { ColumnFacts } from './column-facts.ts';
import type { SampleRows } from './sample-rows.ts';
import { Vocabulary } from './vocabulary.ts';

/** Candidates that are counted over all rows; each is a pass. */
const MOST_SINGLE = 6;
const MOST_COMPOSITE = 8;
/** Columns that a key of several is looked for among. */
const MOST_PARTS = 8;

/**
 * Columns that tell the rows of a side apart, best first, counted over all rows; `_row` where nothing else does.
 *
 * @param known The key that the source itself or its owner names; it is counted like the others and comes first.
 */
export async function proposeKeys(
  bench: Bench,
  sample: SampleRows,
  facts: readonly ColumnFacts[],
  known: readonly string[] | undefined,
): Promise<KeyProposal[]> {
  const { side } = sample;
  const columns = bench.columns(side);
  const { rows } = bench.sides[side];
  const found: KeyProposal[] = [];
  const indexOf = (name: string) => columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
  const count = async (indexes: readonly number[]): Promise<KeyProposal> => {
    // Texts that differ in their beginnings differ: where every row of a side was looked at, that is the proof.
    if (indexes.length === 1 && facts[indexes[0]!]!.distinct === rows && sample.size === rows)
      return keyProposal([columns[indexes[0]!]!.name], rows, rows, 0);
    const names = indexes.map(columnName);
    const isNull = names.map((name) => `${name} IS NULL`).join(' OR ');
    const value = names.length === 1 ? names[0]! : `(${names.join(', ')})`;
    const [distinct, nulls] = (await bench.numbers(
      `SELECT count(DISTINCT ${value}) FILTER (WHERE NOT (${isNull}))::VARCHAR, count(*) FILTER (WHERE ${isNull})::VARCHAR FROM ${side}_all`,
    )) as [number, number];
    return keyProposal(
      indexes.map((index) => columns[index]!.name),
      rows,
      distinct,
      nulls,
    );
  };
  if (known && known.every((name) => indexOf(name) >= 0)) found.push(await count(known.map(indexOf)));

  const unique = columns
    .map((column, index) => ({ column, index, fact: facts[index]! }))
    .filter(
      ({ column, fact }) => canBeKey(column) && fact.nulls === 0 && fact.distinct === sample.size && sample.size > 0,
    )
    .slice(0, MOST_SINGLE);
  for (const { index } of unique) {
    if (known?.length === 1 && indexOf(known[0]!) === index) continue;
    const proposal = await count([index]);
    if (isKey(proposal)) found.push(proposal);
  }
  if (found.some(isKey)) return found;

  // The more a column tells apart, the sooner it is tried; fewer columns come before more.
  const parts = columns
    .map((column, index) => ({ index, column, fact: facts[index]! }))
    .filter(({ column, fact }) => canBePart(column) && fact.nulls === 0 && fact.distinct > 1)
    .sort((a, b) => b.fact.distinct - a.fact.distinct || a.index - b.index)
    .slice(0, MOST_PARTS)
    .map(({ index }) => index);
  const chosen = new ChosenRows(bench, side, parts);
  let tried = 0;
  for (const combination of [...combinations(parts, 2), ...combinations(parts, 3)]) {
    if (tried >= MOST_COMPOSITE) break;
    if (await repeatsInSample(sample, combination)) continue;
    tried += 1;
    if (sample.size < rows && (await chosen.repeat(combination))) continue;
    const proposal = await count([...combination].sort((a, b) => a - b));
    if (!isKey(proposal)) continue;
    found.push(proposal);
    break;
  }
  if (found.some(isKey)) return found;
  found.push({
    columns: ['_row'],
    rows,
    distinct: rows,
    null_rows: 0,
    reason: 'No column tells the rows apart, so the number of the row is used.',
  });
  return found;
}

const isKey = ({ rows, distinct, null_rows: nulls }: KeyProposal) => nulls === 0 && distinct === rows;

/** `2,000 rows, 2,000 different values`, and what is wrong where they differ. */
export function keyProposal(columns: string[], rows: number, distinct: number, nulls: number): KeyProposal {
  const show = (count: number) => count.toLocaleString('en-US');
  const values = `different ${columns.length === 1 ? 'value' : 'combination'}${distinct === 1 ? '' : 's'}`;
  const rowsOf = (count: number) => `${show(count)} ${count === 1 ? 'row' : 'rows'}`;
  const empty = nulls > 0 ? `, ${rowsOf(nulls)} without one` : '';
  return {
    columns,
    rows,
    distinct,
    null_rows: nulls,
    reason: `${rowsOf(rows)}, ${show(distinct)} ${values}${empty}`,
  };
}

/** An amount that never repeats is chance and not a name of the row. */
const canBeKey = ({ type }: ColumnInfo) => /^(u?int|text|uuid)/.test(type);
const canBePart = ({ type }: ColumnInfo) => /^(u?int|text|uuid|date|timestamp)/.test(type);

async function repeatsInSample(sample: SampleRows, indexes: readonly number[]): Promise<boolean> {
  await sample.load(indexes.map((index) => ({ kind: 'text', index })));
  // Two values make one number, and that with a third another.
  let values = sample.codes(indexes[0]!);
  for (const [at, index] of indexes.slice(1).entries()) {
    const pairs = new Vocabulary();
    const codes = sample.codes(index);
    const last = at === indexes.length - 2;
    const combined = new Int32Array(sample.size);
    for (let row = 0; row < sample.size; row++) {
      combined[row] = pairs.numberOf(values[row]!, codes[row]!);
      if (last && pairs.size <= row) return true;
    }
    values = combined;
  }
  return false;
}

function combinations(items: readonly number[], size: number): number[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, at) => combinations(items.slice(at + 1), size - 1).map((rest) => [item, ...rest]));
}
