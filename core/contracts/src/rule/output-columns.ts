import { columnSql } from './term-sql.ts';
import type { Rule } from './rule.ts';
import type { RuleSource } from './rule-side.ts';

/** One column of the rule's result. */
export interface OutputColumn {
  sql: string;
  name: string;
}

type SideName = 'left' | 'right';

/**
 * The columns of the result: the keys of both sides, then what is compared, pair by pair, then everything else, so that a
 * reader finds what matters first and misses nothing. A name that both sides have gets `left_` and `right_` before it, and a
 * compared amount or date is called `left_amount` and `right_amount`, so that differences are found.
 */
export function outputColumns(
  rule: Rule,
  sources: Readonly<Record<SideName, RuleSource>>,
  tables: Readonly<Record<SideName, string>>,
): OutputColumn[] {
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const other = (side: SideName): SideName => (side === 'left' ? 'right' : 'left');
  const namesOf = ({ columns, primary_key: key }: RuleSource) =>
    new Set([...columns.map((column) => column.name), ...key].map((name) => name.toLowerCase()));
  const names = { left: namesOf(sources.left), right: namesOf(sources.right) };
  const has = (side: SideName, name: string) => names[side].has(name.toLowerCase());
  const taken = new Set<string>();
  const free = (wanted: string) => {
    let name = wanted;
    for (let count = 2; taken.has(name.toLowerCase()); count += 1) name = `${wanted}_${count}`;
    taken.add(name.toLowerCase());
    return name;
  };
  const placed = { left: new Set<string>(), right: new Set<string>() };
  const result: OutputColumn[] = [];
  const place = (side: SideName, column: string, name?: string) => {
    if (placed[side].has(column)) return;
    placed[side].add(column);
    const wanted = name ?? (has(other(side), column) ? `${side}_${column}` : column);
    result.push({ sql: columnSql(tables[side], column), name: free(wanted) });
  };
  for (const side of ['left', 'right'] as const) for (const key of sources[side].primary_key) place(side, key);
  for (const condition of rule.conditions) {
    const common = condition.kind === 'equal' || same(condition.left, condition.right) ? undefined : condition.kind;
    place('left', condition.left, common && `left_${common}`);
    place('right', condition.right, common && `right_${common}`);
  }
  for (const side of ['left', 'right'] as const) for (const column of sources[side].columns) place(side, column.name);
  return result;
}

/**
 * Of each condition the names that its two columns have in the rule's result, in the order of the conditions.
 *
 * @example
 * comparedColumns(rule, ledger, bank) // [['ref', 'reference'], ['left_amount', 'right_amount']]
 */
export function comparedColumns(rule: Rule, left: RuleSource, right: RuleSource): [left: string, right: string][] {
  const tables = { left: 'l', right: 'r' };
  const names = new Map(outputColumns(rule, { left, right }, tables).map(({ sql, name }) => [sql, name]));
  return rule.conditions.flatMap((condition): [string, string][] => {
    const one = names.get(columnSql(tables.left, condition.left));
    const other = names.get(columnSql(tables.right, condition.right));
    return one !== undefined && other !== undefined ? [[one, other]] : [];
  });
}
