import { quoteIdentifier } from '../sql.ts';
import { conditionSql, type Tables } from './condition-sql.ts';
import { outputColumns, type OutputColumn } from './output-columns.ts';
import { allowsDifference, type Rule } from './rule.ts';
import type { RuleSource } from './rule-side.ts';
import { columnSql } from './term-sql.ts';

/**
 * The `match_sql` of a rule: one SELECT over the two aliases, in the portable subset. Throws ProblemError `missing-columns`
 * or `validation` where the rule does not fit the sources.
 *
 * @example
 * compileRule({ conditions: [{ kind: 'equal', left: 'ref', right: 'ref', ignore: [] }], pairing: 'every' }, ledger, bank)
 * // SELECT "ledger"."id" AS "left_id", … FROM "ledger" JOIN "bank" ON NULLIF("ledger"."ref", '') = NULLIF("bank"."ref", '')
 */
export function compileRule(rule: Rule, left: RuleSource, right: RuleSource): string {
  return rule.pairing === 'every' ? everyPair(rule, left, right) : onePartner(rule, left, right);
}

function everyPair(rule: Rule, left: RuleSource, right: RuleSource): string {
  const near = nearRows(rule, left, right, left.alias);
  const tables = { left: near?.table ?? left.alias, right: right.alias };
  const conditions = rule.conditions.map((condition) => conditionSql(condition, left, right, tables));
  const on = [
    ...conditions.flatMap(({ equal }) => (equal ? [`${equal.left} = ${equal.right}`] : [])),
    ...(near ? [near.on(right.alias)] : []),
    ...conditions.flatMap(({ range }) => (range ? [range] : [])),
  ];
  return [
    ...(near ? [`WITH ${near.cte}`] : []),
    `SELECT ${selectList(outputColumns(rule, { left, right }, tables))}`,
    `FROM ${quoteIdentifier(tables.left)}`,
    `JOIN ${quoteIdentifier(right.alias)}`,
    `  ON ${on.join('\n  AND ')}`,
  ].join('\n');
}

/**
 * The left rows three times, with the bucket that a partner is in or next to it, so that a tolerance is an equality that a
 * join can be made by; a pair is found by exactly one of the three. Undefined where no amount has room, since then equal
 * amounts or other equal columns do it.
 */
function nearRows(rule: Rule, left: RuleSource, right: RuleSource, from: string, extra: string[] = []) {
  const room = rule.conditions.filter((one) => one.kind === 'amount' && allowsDifference(one.tolerance));
  if (room.length === 0) return undefined;
  const bucket = unused('bucket', left, right);
  const table = unused('left_near', left, right);
  const ofRight = (alias: string) =>
    [...room, ...rule.conditions.filter((one) => one.kind === 'date')]
      .map((one) => conditionSql(one, left, right, { left: from, right: alias }).bucket)
      .find((one) => one !== undefined);
  const expression = ofRight(right.alias);
  if (!expression) return undefined;
  const columns = [sourceColumns({ ...left, alias: from }), ...extra.map((name) => columnSql(from, name))].join(', ');
  const step = (offset: string) =>
    `  SELECT ${columns}, ${expression.left}${offset} AS ${quoteIdentifier(bucket)} FROM ${quoteIdentifier(from)}`;
  return {
    table,
    cte: `${quoteIdentifier(table)} AS (\n${['', ' - 1', ' + 1'].map(step).join('\n  UNION ALL\n')})`,
    on: (alias: string) => `${columnSql(table, bucket)} = ${ofRight(alias)!.right}`,
  };
}

/** A name that neither source has. */
function unused(wanted: string, left: RuleSource, right: RuleSource): string {
  const names = new Set(
    [left, right].flatMap(({ alias, columns, primary_key: key }) =>
      [alias, ...columns.map(({ name }) => name), ...key].map((name) => name.toLowerCase()),
    ),
  );
  let name = wanted;
  for (let count = 2; names.has(name); count += 1) name = `${wanted}_${count}`;
  return name;
}

/** Rounds of choosing; a row whose first choice chose another one chooses again among what is left. */
export const PAIRING_ROUNDS = 3;

/**
 * Each row once. Rows of one side that are alike in all that is compared are twins and get a number each. Where everything
 * compared has to be equal, the first twin belongs to the first, the second to the second. Where something may differ, the
 * possible pairs are put in order, nearest first, and a pair counts where each of its rows is the other's first choice;
 * what is left over chooses again. A row without a key can never count as matched, so it takes no partner from another.
 */
function onePartner(rule: Rule, left: RuleSource, right: RuleSource): string {
  const name = (wanted: string) => unused(wanted, left, right);
  const numberedTables: Tables = { left: name('left_rows'), right: name('right_rows') };
  const twin = name('twin');
  const compared = rule.conditions.map((condition) =>
    conditionSql(condition, left, right, { left: left.alias, right: right.alias }),
  );
  const numbered = (side: 'left' | 'right', source: RuleSource) => {
    const alike = compared.map((condition) => condition.twin[side]).join(', ');
    const order = source.primary_key.map((key) => columnSql(source.alias, key)).join(', ');
    const keyed = source.primary_key
      .filter((key) => key !== '_row')
      .map((key) => `${columnSql(source.alias, key)} IS NOT NULL`);
    return [
      `${quoteIdentifier(numberedTables[side])} AS (`,
      `  SELECT ${sourceColumns(source)}, ROW_NUMBER() OVER (PARTITION BY ${alike} ORDER BY ${order}) AS ${quoteIdentifier(twin)}`,
      `  FROM ${quoteIdentifier(source.alias)}${keyed.length > 0 ? `\n  WHERE ${keyed.join(' AND ')}` : ''})`,
    ].join('\n');
  };
  const nearest = nearRows(rule, left, right, numberedTables.left, [twin]);
  const tables: Tables = { left: nearest?.table ?? numberedTables.left, right: numberedTables.right };
  const conditions = rule.conditions.map((condition) => conditionSql(condition, left, right, tables));
  const equal = conditions.flatMap((condition) =>
    condition.equal ? [`${condition.equal.left} = ${condition.equal.right}`] : [],
  );
  const ranges = conditions.flatMap(({ range }) => (range ? [range] : []));
  const twins = (['left', 'right'] as const).map((side) => columnSql(tables[side], twin));
  if (ranges.length === 0) equal.push(`${twins[0]} = ${twins[1]}`);
  if (nearest) equal.push(nearest.on(tables.right));
  const output = outputColumns(rule, { left, right }, tables);
  const numberedSides = [numbered('left', left), numbered('right', right), ...(nearest ? [nearest.cte] : [])];
  const from = [
    `FROM ${quoteIdentifier(tables.left)}`,
    `JOIN ${quoteIdentifier(tables.right)}`,
    `  ON ${[...equal, ...ranges].join('\n  AND ')}`,
  ].join('\n');
  if (ranges.length === 0) return `WITH ${numberedSides.join(',\n')}\nSELECT ${selectList(output)}\n${from}`;

  // What orders the pairs and what names their rows is carried along under names that no output column has.
  const taken = new Set(output.map((column) => column.name.toLowerCase()));
  const helper = (wanted: string) => {
    let free = wanted;
    for (let count = 2; taken.has(free); count += 1) free = `${wanted}_${count}`;
    taken.add(free);
    return free;
  };
  const near: OutputColumn[] = [
    ...conditions.flatMap(({ distance }) => (distance ? [distance] : [])),
    `ABS(${twins[0]} - ${twins[1]})`,
  ].map((sql, index) => ({ sql, name: helper(`near_${index + 1}`) }));
  const rowOf = (side: 'left' | 'right', source: RuleSource): OutputColumn[] =>
    [...source.primary_key, twin].map((key, index) => ({
      sql: columnSql(tables[side], key),
      name: helper(`${side}_row_${index + 1}`),
    }));
  const rows = { left: rowOf('left', left), right: rowOf('right', right) };
  const list = (columns: readonly OutputColumn[], table?: string) =>
    columns.map(({ name: column }) => (table ? columnSql(table, column) : quoteIdentifier(column))).join(', ');
  const pairs = name('pairs');
  const rounds = Array.from({ length: PAIRING_ROUNDS }, (_, index) => name(`round_${index + 1}`));
  const choice = (of: 'left' | 'right', other: 'left' | 'right') =>
    `ROW_NUMBER() OVER (PARTITION BY ${list(rows[of], pairs)} ORDER BY ${list(near, pairs)}, ${list(rows[other], pairs)}) = 1`;
  const notIn = (round: string, side: 'left' | 'right') => {
    const on = rows[side].map(({ name: column }) => `${columnSql(round, column)} = ${columnSql(pairs, column)}`);
    return `NOT EXISTS (SELECT 1 FROM ${quoteIdentifier(round)} WHERE ${on.join(' AND ')})`;
  };
  const round = (at: number) => {
    const free = rounds.slice(0, at).flatMap((earlier) => [notIn(earlier, 'left'), notIn(earlier, 'right')]);
    return [
      `${quoteIdentifier(rounds[at]!)} AS (`,
      `  SELECT * FROM ${quoteIdentifier(pairs)}`,
      ...(free.length > 0 ? [`  WHERE ${free.join('\n  AND ')}`] : []),
      `  QUALIFY ${choice('left', 'right')}`,
      `  AND ${choice('right', 'left')})`,
    ].join('\n');
  };
  const all = [...output, ...near, ...rows.left, ...rows.right];
  return [
    `WITH ${[...numberedSides, `${quoteIdentifier(pairs)} AS (\nSELECT ${selectList(all)}\n${from})`, ...rounds.map((_, at) => round(at))].join(',\n')}`,
    rounds.map((one) => `SELECT ${list(output)} FROM ${quoteIdentifier(one)}`).join('\nUNION ALL\n'),
  ].join('\n');
}

/** All columns of a source by name; `_row` only where it is the key, since it is there only when it is asked for. */
function sourceColumns({ alias, columns, primary_key: key }: RuleSource): string {
  const names = [...new Set([...columns.map(({ name }) => name), ...key])];
  return names.map((name) => columnSql(alias, name)).join(', ');
}

function selectList(columns: readonly OutputColumn[]): string {
  return columns.map(({ sql, name }) => `${sql} AS ${quoteIdentifier(name)}`).join(', ');
}
