import { quoteIdentifier, quoteLiteral, type ColumnInfo } from '@kalla/core';
import type { Engine, RunOptions } from '../engine/engine.ts';
import { cast, comparableOf, pairsOf, plainReference, stands } from './comparable-cells.ts';
import type { ResultFile } from './result-file.ts';

/** Below this many letters and digits a text says too little to be looked for. */
const SHORTEST = 4;
/** Numbers of one row that are looked for in the texts of the others, and how many of their last digits. */
const MOST_CORES = 8;
const CORE_DIGITS = 3;
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
 *
 * All rows are looked at once, with comparisons that are cheap: does a text hold the last digits of a number of this row,
 * is an amount near. Spellings are compared with care among those that are left, where nothing is lost: a reference in another
 * spelling still holds these digits, since people group digits by three and more.
 */
export async function nearestRows(
  engine: Engine,
  own: ResultFile,
  table: ResultFile,
  { onlyReferences, most }: Wanted,
  options: RunOptions,
): Promise<number[]> {
  const [mine, theirs] = [comparableOf(own.columns), comparableOf(table.columns)];
  const wanted = await ownReferences(engine, mine.references, options);
  const texts = wanted.plain.length > 0 ? theirs.references : [];

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
  const raw = texts.map((column, index) => `${cast(column.name, 'VARCHAR', 't.')} AS x${index}`);
  const maybe = texts.flatMap((_, index) => [
    ...wanted.cores.map((core) => `contains(x${index}, ${quoteLiteral(core)})`),
    ...wanted.words.map((word) => `x${index} = ${quoteLiteral(word)}`),
  ]);
  const near = 'coalesce(distance = 0 OR (distance <= size * 0.05 AND (days IS NULL OR days <= 10)), false)';
  const first = [...maybe, ...(onlyReferences ? [] : [near])];
  if (first.length === 0) return [];
  const kept = ['t.file_row_number', `${distance} AS distance`, `${size} AS size`, `${days} AS days`];
  await engine.run('DROP TABLE IF EXISTS maybe', options);
  await engine.run(
    `CREATE TEMP TABLE maybe AS SELECT * FROM (SELECT ${[...kept, `${currency} AS currency`, ...raw].join(', ')} ` +
      `FROM ${table.from} t, own) WHERE ${first.map((each) => `coalesce(${each}, false)`).join(' OR ')}`,
    options,
  );

  const plain = texts.map((_, index) => `${plainReference(`x${index}`)} AS r${index}`);
  const list = `[${wanted.plain.map(quoteLiteral).join(', ')}]`;
  const hits = texts.map((_, index) => `CASE WHEN list_contains(${list}, r${index}) THEN r${index} END AS h${index}`);
  const longer = wanted.plain
    .filter((text) => /\d/.test(text))
    .slice(0, MOST_INSIDE)
    .map(quoteLiteral);
  const contained = onlyReferences
    ? []
    : texts.flatMap((_, index) => longer.flatMap((text) => [stands(text, `r${index}`), stands(`r${index}`, text)]));
  const inside = contained.length > 0 ? `coalesce(${contained.join(' OR ')}, false)` : 'false';
  const rare = texts.map(
    (_, index) =>
      `(h${index} IS NOT NULL AND count(h${index}) OVER (PARTITION BY h${index}) <= ${MOST_SHARING}) AS rare${index}`,
  );
  const anyOf = (conditions: string[]) => (conditions.length > 0 ? conditions.join(' OR ') : 'false');
  const isRare = texts.map((_, index) => `rare${index}`);
  const withDigit = texts.map((_, index) => `(rare${index} AND regexp_matches(h${index}, '[0-9]'))`);
  const score = [
    `CASE WHEN ${anyOf(withDigit)} THEN 8 WHEN inside THEN 5 WHEN ${anyOf(isRare)} THEN 4 ELSE 0 END`,
    `CASE WHEN distance = 0 THEN 6 WHEN ${near} THEN 1 ELSE 0 END`,
    `CASE WHEN currency THEN 1 WHEN NOT currency THEN -2 ELSE 0 END`,
    `CASE WHEN days <= 3 THEN 2 WHEN days <= 10 THEN 1 WHEN days > 60 THEN -1 ELSE 0 END`,
  ].join(' + ');
  const rows = await engine.rows(
    `SELECT file_row_number::VARCHAR FROM (SELECT ${['*', ...rare].join(', ')} FROM ` +
      `(SELECT ${['*', ...hits, `${inside} AS inside`].join(', ')} FROM (SELECT ${['*', ...plain].join(', ')} FROM maybe))) ` +
      `WHERE ${anyOf([...isRare, 'inside', ...(onlyReferences ? [] : [near])])} ` +
      `ORDER BY ${score} DESC, distance NULLS LAST, days NULLS LAST, file_row_number LIMIT ${most}`,
    options,
  );
  return rows.map((row) => Number(row[0]));
}

interface OwnReferences {
  /** Without case, punctuation and leading zeros; longer ones first. */
  plain: string[];
  /** The last digits of each number in them, without leading zeros. */
  cores: string[];
  /** Texts without any digit, as they stand. */
  words: string[];
}

/** What the row may be known by elsewhere. */
async function ownReferences(
  engine: Engine,
  columns: readonly ColumnInfo[],
  options: RunOptions,
): Promise<OwnReferences> {
  if (columns.length === 0) return { plain: [], cores: [], words: [] };
  const names = columns.map(({ name }) => quoteIdentifier(name));
  const list = names.flatMap((name) => [plainReference(name), `CAST(${name} AS VARCHAR)`]);
  const [row = []] = await engine.rows(`SELECT ${list.join(', ')} FROM own`, options);
  const texts = columns.flatMap((_, index) => {
    const [plain, raw] = [row[index * 2], row[index * 2 + 1]];
    const usable =
      typeof plain === 'string' && typeof raw === 'string' && plain.length >= SHORTEST && !raw.includes('\0');
    return usable ? [{ plain, raw }] : [];
  });
  const numbers = texts.flatMap(({ raw }) => {
    const all: string[] = raw.match(/\d+/g) ?? [];
    // Every reference of a year holds the year; another number of the text tells more.
    const telling = all.filter((digits) => !/^(19|20)\d\d$/.test(digits));
    return telling.length > 0 ? telling : all;
  });
  const cores = numbers.map((digits) => digits.slice(-CORE_DIGITS).replace(/^0+/, '')).filter((core) => core !== '');
  const byLength = (a: string, b: string) => b.length - a.length;
  return {
    plain: [...new Set(texts.map(({ plain }) => plain))].toSorted(byLength),
    cores: [...new Set(cores)].toSorted(byLength).slice(0, MOST_CORES),
    words: [...new Set(texts.flatMap(({ raw }) => (/\d/.test(raw) ? [] : [raw])))],
  };
}
