import { quoteIdentifier, quoteLiteral } from '@kalla/core';
import type { Engine, RunOptions } from '../engine/engine.ts';
import { cast, comparableOf, pairsOf, plainReference, stands } from './comparable-cells.ts';
import type { ResultFile } from './result-file.ts';

/** Below this many letters and digits a text says too little to be looked for. */
const SHORTEST = 4;
/** A text that this many rows share is no reference to one of them ("Thank you", "Net 30"). */
const MOST_SHARING = 50;
/** References of one row that are looked for inside longer texts, and the other way round. */
const MOST_INSIDE = 4;
const AMOUNT = 'DECIMAL(38,6)';

export interface Wanted {
  /** Only rows that share a reference count: amounts and dates alone say nothing about a matched row. */
  onlyReferences: boolean;
  most: number;
}

/**
 * Places in `table` of the rows that are nearest to the one row of the temporary table `own`, nearest first. A row counts
 * when it shares a reference, has the same amount with either sign, or an amount within 5 % and a date within 10 days.
 */
export async function nearestRows(
  engine: Engine,
  own: ResultFile,
  table: ResultFile,
  { onlyReferences, most }: Wanted,
  options: RunOptions,
): Promise<number[]> {
  const [mine, theirs] = [comparableOf(own.columns), comparableOf(table.columns)];
  const wanted = await ownReferences(
    engine,
    mine.references.map((column) => column.name),
    options,
  );
  const texts = wanted.length > 0 ? theirs.references : [];
  const plain = texts.map((column, index) => `${plainReference(`t.${quoteIdentifier(column.name)}`)} AS r${index}`);
  const list = `[${wanted.map(quoteLiteral).join(', ')}]`;
  const hits = texts.map((_, index) => `CASE WHEN list_contains(${list}, r${index}) THEN r${index} END AS h${index}`);
  const inside = wanted
    .filter((text) => /\d/.test(text))
    .slice(0, MOST_INSIDE)
    .map(quoteLiteral);
  const contained = onlyReferences
    ? []
    : texts.flatMap((_, index) => inside.flatMap((text) => [stands(text, `r${index}`), stands(`r${index}`, text)]));
  const contains = contained.length > 0 ? `coalesce(${contained.join(' OR ')}, false)` : 'false';

  const amounts = onlyReferences ? [] : pairsOf(mine.amounts, theirs.amounts);
  const off = (sign: '+' | '-') =>
    amounts.map(([a, b]) => `abs(${cast(b.name, AMOUNT, 't.')} ${sign} ${cast(a.name, AMOUNT, 'own.')})`);
  const distance = amounts.length > 0 ? `least(${[...off('-'), ...off('+')].join(', ')})` : `NULL::${AMOUNT}`;
  const size =
    amounts.length > 0
      ? `greatest(${amounts.map(([a]) => `abs(${cast(a.name, AMOUNT, 'own.')})`).join(', ')})`
      : `NULL::${AMOUNT}`;
  const dates = pairsOf(mine.dates, theirs.dates);
  const days =
    dates.length > 0
      ? `least(${dates.map(([a, b]) => `abs(${cast(b.name, 'DATE', 't.')} - ${cast(a.name, 'DATE', 'own.')})`).join(', ')})`
      : 'NULL::BIGINT';
  const currency =
    mine.currency !== null && theirs.currency !== null
      ? `upper(t.${quoteIdentifier(theirs.currency)}) = upper(own.${quoteIdentifier(mine.currency)})`
      : 'NULL::BOOLEAN';

  const found = ['file_row_number', ...hits, `${contains} AS inside`, 'distance', 'size', 'days', 'currency'];
  const inner = [
    't.file_row_number',
    ...plain,
    `${distance} AS distance`,
    `${size} AS size`,
    `${days} AS days`,
    `${currency} AS currency`,
  ];
  const near = 'coalesce(distance = 0 OR (distance <= size * 0.05 AND (days IS NULL OR days <= 10)), false)';
  const any = [...texts.map((_, index) => `h${index} IS NOT NULL`), 'inside', ...(onlyReferences ? [] : [near])];
  await engine.run('DROP TABLE IF EXISTS hits', options);
  await engine.run(
    `CREATE TEMP TABLE hits AS SELECT * FROM (SELECT ${found.join(', ')} FROM ` +
      `(SELECT ${inner.join(', ')} FROM ${table.from} t, own)) WHERE ${any.join(' OR ')}`,
    options,
  );
  const rare = texts.map(
    (_, index) => `(h${index} IS NOT NULL AND count(h${index}) OVER (PARTITION BY h${index}) <= ${MOST_SHARING})`,
  );
  const withDigit = texts.map((_, index) => `(rare${index} AND regexp_matches(h${index}, '[0-9]'))`);
  const anyOf = (conditions: string[]) => (conditions.length > 0 ? conditions.join(' OR ') : 'false');
  const score = [
    `CASE WHEN ${anyOf(withDigit)} THEN 8 WHEN ${anyOf(texts.map((_, index) => `rare${index}`))} THEN 4 WHEN inside THEN 5 ELSE 0 END`,
    `CASE WHEN distance = 0 THEN 6 WHEN ${near} THEN 1 ELSE 0 END`,
    `CASE WHEN currency THEN 1 WHEN NOT currency THEN -2 ELSE 0 END`,
    `CASE WHEN days <= 3 THEN 2 WHEN days <= 10 THEN 1 WHEN days > 60 THEN -1 ELSE 0 END`,
  ].join(' + ');
  const counts = [...texts.map((_, index) => `rare${index}`), 'inside', ...(onlyReferences ? [] : [near])];
  const rows = await engine.rows(
    `SELECT file_row_number::VARCHAR FROM (SELECT *, ${[...rare.map((each, index) => `${each} AS rare${index}`), 'true AS every'].join(', ')} FROM hits) ` +
      `WHERE ${counts.join(' OR ')} ORDER BY ${score} DESC, distance NULLS LAST, days NULLS LAST, file_row_number LIMIT ${most}`,
    options,
  );
  return rows.map((row) => Number(row[0]));
}

/** What the row may be known by elsewhere, without case, punctuation and leading zeros; longer ones first. */
async function ownReferences(engine: Engine, names: readonly string[], options: RunOptions): Promise<string[]> {
  if (names.length === 0) return [];
  const [row] = await engine.rows(
    `SELECT ${names.map((name) => plainReference(quoteIdentifier(name))).join(', ')} FROM own`,
    options,
  );
  const texts = (row ?? []).flatMap((value) =>
    typeof value === 'string' && value.length >= SHORTEST && !value.includes('\0') ? [value] : [],
  );
  return [...new Set(texts)].toSorted((a, b) => b.length - a.length);
}
