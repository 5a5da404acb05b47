import { join } from 'node:path';
import {
  compileRule,
  quoteIdentifier,
  quoteLiteral,
  recipeSchema,
  ruleSchema,
  type Recipe,
  type RuleInput,
} from '@kalla/core';
import { withDuckdb } from '../duckdb.ts';
import { strptimeOf } from '../generate/pairs/cells.ts';
import { pairKinds, type KindName } from '../generate/pairs/kinds/index.ts';
import type { Side } from '../generate/pairs/pair-kind.ts';
import type { PairFiles } from '../generate/pairs/write-pairs.ts';

const TYPES = { text: 'text', amount: 'decimal(18,2)', date: 'date' } as const;

/** SQL of a rule over the two files of a kind, which stand in it as `l` and `r`; rows are told apart by `_row`. */
export function sqlOfRule(kind: KindName, rule: RuleInput): string {
  const source = (alias: string, side: Side) => ({
    alias,
    primary_key: ['_row'],
    columns: Object.entries(side.columns).map(([name, type]) => ({
      name,
      type: typeof type === 'function' ? TYPES.text : TYPES[type],
    })),
  });
  const { left, right } = pairKinds[kind];
  return compileRule(ruleSchema.parse(rule), source('l', left), source('r', right));
}

/** Runs SQL over the two files with DuckDB alone and gives its result as a Parquet file, with the recipe that it is of. */
export async function matchFiles(
  kind: KindName,
  files: PairFiles,
  sql: string,
  keys = { left: ['_row'], right: ['_row'] },
): Promise<{ matched: string; recipe: Recipe }> {
  const matched = join(files.left, '..', 'matched.parquet');
  await withDuckdb({}, async (connection) => {
    await connection.run(`CREATE TABLE l AS ${readSide(files.left, pairKinds[kind].left)}`);
    await connection.run(`CREATE TABLE r AS ${readSide(files.right, pairKinds[kind].right)}`);
    await connection.run(`COPY (${sql}) TO ${quoteLiteral(matched)} (FORMAT parquet)`);
  });
  const sources = { left: { alias: 'l', primary_key: keys.left }, right: { alias: 'r', primary_key: keys.right } };
  return { matched, recipe: recipeSchema.parse({ recipe_id: 'x', name: 'x', sources, match_sql: sql }) };
}

/** The file with its own columns typed, as a reader that knows its style types them, and `_row`. */
function readSide(path: string, { style, columns }: Side): string {
  const typed = Object.entries(columns).map(([name, kind]) => {
    const cell = quoteIdentifier(name);
    if (kind === 'date') return `CAST(strptime(${cell}, '${strptimeOf(style.date)}') AS DATE) AS ${cell}`;
    if (kind !== 'amount') return cell;
    const bare = style.thousands ? `replace(${cell}, ${quoteLiteral(style.thousands)}, '')` : cell;
    return `CAST(replace(${bare}, '${style.decimal}', '.') AS DECIMAL(18,2)) AS ${cell}`;
  });
  return `SELECT ${typed.join(', ')}, row_number() OVER () AS _row FROM read_csv(${quoteLiteral(path)},
    header = true, all_varchar = true, delim = ${quoteLiteral(style.delimiter)}, nullstr = '')`;
}
