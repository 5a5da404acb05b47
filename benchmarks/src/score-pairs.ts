import { keyOutputNames, quoteIdentifier, quoteLiteral, type Recipe } from '@kalla/core';
import type { DuckDBConnection } from '@duckdb/node-api';
import { firstRow, withDuckdb } from './duckdb.ts';
import { strptimeOf } from './generate/pairs/cells.ts';
import { extraColumns } from './generate/pairs/extra-columns.ts';
import { pairKinds } from './generate/pairs/kinds/index.ts';
import { noiseLevels } from './generate/pairs/noise.ts';
import type { ColumnKind, Side } from './generate/pairs/pair-kind.ts';
import type { PairFiles, PairsRequest } from './generate/pairs/write-pairs.ts';

/** How the pairs of a run compare with those that the generator made. */
export interface Score {
  /** Different pairs of rows that the run matched. */
  found: number;
  /** Of them, how many belong together; a row that may have one partner counts once. */
  right: number;
  /** How many pairs there are to be found. */
  expected: number;
  /** A pair that does not belong together and one that was missed, as texts of both rows; absent where there is none. */
  wrongExample?: string;
  missedExample?: string;
}

/** Share of the pairs found that are right; null where none was found. */
export const precisionOf = ({ right, found }: Score): number | null => (found === 0 ? null : right / found);
/** Share of the pairs to be found that were found; null where there are none. */
export const recallOf = ({ right, expected }: Score): number | null => (expected === 0 ? null : right / expected);

type SideName = 'left' | 'right';

/**
 * Compares the matched rows of a run with the truth. The rows are found again in the two files by the key columns of the
 * recipe; where a key names several rows, it stands for each of them.
 *
 * @throws Error where a key of the result is in no row of its file: then cells changed on their way.
 */
export async function scorePairs(
  matched: string,
  recipe: Recipe,
  files: PairFiles,
  request: PairsRequest,
): Promise<Score> {
  const { pairing } = pairKinds[request.kind];
  return withDuckdb({}, async (connection) => {
    for (const side of ['left', 'right'] as const) await loadSide(connection, side, files, request);
    await connection.run(
      `CREATE TABLE truth AS SELECT * FROM read_csv(${quoteLiteral(files.truth)}, header = true,
         columns = {'left_row': 'BIGINT', 'right_row': 'BIGINT', 'case': 'BIGINT'})`,
    );
    await connection.run(`CREATE TABLE result AS SELECT * FROM read_parquet(${quoteLiteral(matched)})`);
    await connection.run(`CREATE TABLE found AS ${foundSql(recipe, await resultColumns(connection), request)}`);
    const { lost } = await firstRow(
      connection,
      'SELECT count(*) AS lost FROM found WHERE left_row IS NULL OR right_row IS NULL',
    );
    if (lost !== '0') throw new Error(`${lost} pairs of the result have a key that is in no row of its file.`);

    const count = pairing === 'every' ? 'count(*)' : 'least(count(DISTINCT left_row), count(DISTINCT right_row))';
    const perCase = (from: string) =>
      `(SELECT coalesce(sum(n), 0) FROM (SELECT ${count} AS n FROM ${from} GROUP BY "case"))`;
    const hits = 'found JOIN truth USING (left_row, right_row)';
    const counts = await firstRow(
      connection,
      `SELECT (SELECT count(*) FROM found) AS found, ${perCase(hits)} AS "right", ${perCase('truth')} AS expected`,
    );
    const wrong = await example(connection, 'found ANTI JOIN truth USING (left_row, right_row)');
    const missed = await example(
      connection,
      'truth WHERE left_row NOT IN (SELECT left_row FROM found) AND right_row NOT IN (SELECT right_row FROM found)',
    );
    return {
      found: Number(counts['found']),
      right: Number(counts['right']),
      expected: Number(counts['expected']),
      ...(wrong ? { wrongExample: wrong } : {}),
      ...(missed ? { missedExample: missed } : {}),
    };
  });
}

/** Names and kinds of the columns of a side, those that noise added included. */
function columnsOf(side: Side, request: PairsRequest): [string, ColumnKind][] {
  const extras = extraColumns(side.language, noiseLevels[request.noise].extraColumns, side.keyless);
  return [...Object.entries(side.columns), ...extras.map(({ name, kind }): [string, ColumnKind] => [name, kind])];
}

/** Reads a file as text, with the numbers of its rows. */
async function loadSide(connection: DuckDBConnection, side: SideName, files: PairFiles, request: PairsRequest) {
  const { delimiter } = pairKinds[request.kind][side].style;
  await connection.run(
    `CREATE TABLE ${side}_file AS SELECT row_number() OVER () AS _row, * FROM read_csv(${quoteLiteral(files[side])},
       header = true, all_varchar = true, delim = ${quoteLiteral(delimiter)}, quote = '"', escape = '"', nullstr = '')`,
  );
}

async function resultColumns(connection: DuckDBConnection): Promise<string[]> {
  const reader = await connection.runAndReadAll('DESCRIBE result');
  return reader.getRowObjectsJson().map((row) => String(row['column_name']));
}

/** The distinct pairs of row numbers of the result; NULL where a key is in no row of its file. */
function foundSql(recipe: Recipe, columns: readonly string[], request: PairsRequest): string {
  const join = (side: SideName, other: SideName) => {
    const keys = recipe.sources[side].primary_key ?? [];
    const shared = (recipe.sources[other].primary_key ?? []).map((name) => name.toLowerCase());
    const conditions = keys.map((key) => {
      const names = keyOutputNames(side, key, shared.includes(key.toLowerCase())).map((name) => name.toLowerCase());
      const output = columns.find((column) => names.includes(column.toLowerCase()));
      if (output === undefined) throw new Error(`The result has no column for the key "${key}" of the ${side} side.`);
      return sameCell(`${side}_file`, key, `result.${quoteIdentifier(output)}`, pairKinds[request.kind][side], request);
    });
    return `LEFT JOIN ${side}_file ON ${conditions.join(' AND ')}`;
  };
  return `SELECT DISTINCT left_file._row AS left_row, right_file._row AS right_row
    FROM result ${join('left', 'right')} ${join('right', 'left')}`;
}

/** That a key of the result is the cell of the file, whatever the program that wrote the file thinks a date looks like. */
function sameCell(table: string, key: string, output: string, side: Side, request: PairsRequest): string {
  if (key === '_row') return `${table}._row = ${output}`;
  const cell = `${table}.${quoteIdentifier(key)}`;
  const kind = columnsOf(side, request).find(([name]) => name === key)?.[1];
  const { decimal, thousands, date } = side.style;
  if (kind === 'date') return `CAST(strptime(${cell}, '${strptimeOf(date)}') AS DATE) = CAST(${output} AS DATE)`;
  if (kind !== 'amount') return `${cell} = CAST(${output} AS VARCHAR)`;
  const bare = thousands ? `replace(${cell}, '${thousands}', '')` : cell;
  return `CAST(replace(${bare}, '${decimal}', '.') AS DECIMAL(18,2)) = CAST(${output} AS DECIMAL(18,2))`;
}

/** The first pair of a set of pairs as text. */
async function example(connection: DuckDBConnection, from: string): Promise<string | null> {
  const reader = await connection.runAndReadAll(
    `SELECT CAST(to_json(left_file) AS VARCHAR) AS a, CAST(to_json(right_file) AS VARCHAR) AS b
     FROM (SELECT left_row, right_row FROM ${from} ORDER BY ALL LIMIT 1) p
     JOIN left_file ON left_file._row = p.left_row JOIN right_file ON right_file._row = p.right_row`,
  );
  const row = reader.getRowObjectsJson()[0];
  if (!row) return null;
  const text = (json: unknown) => Object.values(JSON.parse(String(json)) as Record<string, unknown>).join(' | ');
  return `row ${text(row['a'])} ↔ row ${text(row['b'])}`;
}
