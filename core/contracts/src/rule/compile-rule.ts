import { quoteIdentifier } from '../sql.ts';
import { conditionSql, type Tables } from './condition-sql.ts';
import { outputColumns, type OutputColumn } from './output-columns.ts';
import type { Rule } from './rule.ts';
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
  const tables = { left: left.alias, right: right.alias };
  const conditions = rule.conditions.map((condition) => conditionSql(condition, left, right, tables));
  const on = [
    ...conditions.flatMap(({ equal }) => (equal ? [`${equal.left} = ${equal.right}`] : [])),
    ...conditions.flatMap(({ range }) => (range ? [range] : [])),
  ];
  return [
    `SELECT ${selectList(outputColumns(rule, { left, right }, tables))}`,
    `FROM ${quoteIdentifier(left.alias)}`,
    `JOIN ${quoteIdentifier(right.alias)}`,
    `  ON ${on.join('\n  AND ')}`,
  ].join('\n');
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

/**
 * Each row once. Rows of one side that are alike in all that is compared are twins and get a number each. Where everything
 * compared has to be equal, the first twin belongs to the first, the second to the second. Where something may differ, the
 * possible pairs are put in order, nearest first, and a pair counts where each of its rows is the other's first choice.
 */
function onePartner(rule: Rule, left: RuleSource, right: RuleSource): string {
  const name = (wanted: string) => unused(wanted, left, right);
  const tables: Tables = { left: name('left_rows'), right: name('right_rows') };
  const twin = name('twin');
  const compared = rule.conditions.map((condition) =>
    conditionSql(condition, left, right, { left: left.alias, right: right.alias }),
  );
  const numbered = (side: 'left' | 'right', source: RuleSource) => {
    const alike = compared.map((condition) => condition.twin[side]).join(', ');
    const order = source.primary_key.map((key) => columnSql(source.alias, key)).join(', ');
    return [
      `${quoteIdentifier(tables[side])} AS (`,
      `  SELECT ${sourceColumns(source)}, ROW_NUMBER() OVER (PARTITION BY ${alike} ORDER BY ${order}) AS ${quoteIdentifier(twin)}`,
      `  FROM ${quoteIdentifier(source.alias)})`,
    ].join('\n');
  };
  const conditions = rule.conditions.map((condition) => conditionSql(condition, left, right, tables));
  const equal = conditions.flatMap((condition) =>
    condition.equal ? [`${condition.equal.left} = ${condition.equal.right}`] : [],
  );
  const ranges = conditions.flatMap(({ range }) => (range ? [range] : []));
  const twins = (['left', 'right'] as const).map((side) => columnSql(tables[side], twin));
  if (ranges.length === 0) equal.push(`${twins[0]} = ${twins[1]}`);
  const output = outputColumns(rule, { left, right }, tables);
  const query = [
    `WITH ${numbered('left', left)},\n${numbered('right', right)}`,
    `SELECT ${selectList(output)}`,
    `FROM ${quoteIdentifier(tables.left)}`,
    `JOIN ${quoteIdentifier(tables.right)}`,
    `  ON ${[...equal, ...ranges].join('\n  AND ')}`,
  ];
  if (ranges.length > 0) {
    const keys = {
      left: left.primary_key.map((key) => columnSql(tables.left, key)),
      right: right.primary_key.map((key) => columnSql(tables.right, key)),
    };
    const near = [
      ...conditions.flatMap(({ distance }) => (distance ? [distance] : [])),
      `ABS(${twins[0]} - ${twins[1]})`,
    ].join(', ');
    const firstChoice = (of: 'left' | 'right', other: 'left' | 'right') =>
      `ROW_NUMBER() OVER (PARTITION BY ${[...keys[of], columnSql(tables[of], twin)].join(', ')} ORDER BY ${near}, ${keys[other].join(', ')}) = 1`;
    query.push(`QUALIFY ${firstChoice('left', 'right')}`, `  AND ${firstChoice('right', 'left')}`);
  }
  return query.join('\n');
}

/** All columns of a source by name; `_row` only where it is the key, since it is there only when it is asked for. */
function sourceColumns({ alias, columns, primary_key: key }: RuleSource): string {
  const names = [...new Set([...columns.map(({ name }) => name), ...key])];
  return names.map((name) => columnSql(alias, name)).join(', ');
}

function selectList(columns: readonly OutputColumn[]): string {
  return columns.map(({ sql, name }) => `${sql} AS ${quoteIdentifier(name)}`).join(', ');
}
