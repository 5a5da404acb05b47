import type { CheckedRule } from './check-rule.ts';
import { ColumnScope } from './column-scope.ts';
import type { Engine } from './engine.ts';
import { ctesOf, deparse, isNode, nodesOf, parseSelect, type SqlNode } from './parse-tree.ts';

/** One join of a rule with at least one pair of equal expressions, as two queries that give the key values of each side. */
export interface EquiJoin {
  left: string;
  right: string;
  /** The left expressions as SQL, for messages. */
  keys: string[];
}

/**
 * Finds the joins of a rule whose candidate pairs can be counted, innermost first.
 *
 * A join whose equal columns cannot be told apart by side (unqualified columns of a subquery) is left out rather than
 * counted wrongly; the time limit of the match holds for it.
 */
export async function joinsOf(engine: Engine, rule: CheckedRule): Promise<EquiJoin[]> {
  const template = await parseSelect(engine, 'SELECT 1 FROM x WHERE true');
  if (!template.ok) throw new Error('DuckDB cannot parse a constant SELECT.');
  const found: { left: SqlNode; right: SqlNode; keys: SqlNode[] }[] = [];
  visitQuery(rule.root, [], rule, template.statements[0]!.node, found);
  const joins: EquiJoin[] = [];
  for (const { left, right, keys } of found) {
    const names = keys.map((key) =>
      key.class === 'COLUMN_REF' ? (key['column_names'] as string[]).join('.') : 'expressions',
    );
    joins.push({
      left: bare(await deparse(engine, left)),
      right: bare(await deparse(engine, right)),
      keys: [...new Set(names)],
    });
  }
  return joins;
}

const bare = (sql: string) => sql.replace(/;\s*$/, '');

function visitQuery(
  node: SqlNode,
  outer: { key: string; value: SqlNode }[],
  rule: CheckedRule,
  template: SqlNode,
  found: { left: SqlNode; right: SqlNode; keys: SqlNode[] }[],
): void {
  const map = [...outer];
  for (const { name, query, entry } of ctesOf(node)) {
    visitQuery(query, map, rule, template, found);
    map.push({ key: name, value: entry });
  }
  if (node.type === 'SET_OPERATION_NODE') {
    for (const side of ['left', 'right']) if (isNode(node[side])) visitQuery(node[side], map, rule, template, found);
    return;
  }
  const hidden = new Set(map.map(({ key }) => key.toLowerCase()));
  const where = conjuncts(node['where_clause']);
  const visitRef = (ref: unknown): void => {
    if (!isNode(ref)) return;
    if (ref.type === 'SUBQUERY') visitQuery((ref['subquery'] as { node: SqlNode }).node, map, rule, template, found);
    if (ref.type !== 'JOIN') return;
    visitRef(ref['left']);
    visitRef(ref['right']);
    const inner = ref['join_type'] === 'INNER';
    const scope = new ColumnScope(rule.sides, ref, hidden);
    const leftTables = new ColumnScope(rule.sides, ref['left'], hidden).names;
    const rightTables = new ColumnScope(rule.sides, ref['right'], hidden).names;
    const conditions = [...conjuncts(ref['condition']), ...(inner ? where : [])];
    const sideOf = (expression: unknown): 'left' | 'right' | 'none' | 'unknown' => {
      const columns = [...nodesOf(expression)].filter((item) => item.class === 'COLUMN_REF');
      if ([...nodesOf(expression)].some((item) => item.class === 'SUBQUERY')) return 'unknown';
      const tables = columns.map((column) => scope.tableOf(column));
      if (columns.length === 0) return 'none';
      if (tables.every((table) => table !== undefined && leftTables.includes(table))) return 'left';
      if (tables.every((table) => table !== undefined && rightTables.includes(table))) return 'right';
      return 'unknown';
    };
    const pairs: [SqlNode, SqlNode][] = [];
    const filters: Record<'left' | 'right', SqlNode[]> = { left: [], right: [] };
    for (const condition of conditions) {
      if (condition.type === 'COMPARE_EQUAL') {
        const [a, b] = [condition['left'] as SqlNode, condition['right'] as SqlNode];
        const sides = `${sideOf(a)} ${sideOf(b)}`;
        if (sides === 'left right') pairs.push([a, b]);
        else if (sides === 'right left') pairs.push([b, a]);
        // An equality that cannot be placed would make the count too high.
        else if (sides.includes('unknown') && sideOf(condition) === 'unknown') return;
      }
      const side = sideOf(condition);
      if (inner && (side === 'left' || side === 'right')) filters[side].push(condition);
    }
    for (const name of (ref['using_columns'] as string[] | undefined) ?? []) {
      if (leftTables.length !== 1 || rightTables.length !== 1) return;
      const column = (table: string): SqlNode => ({
        class: 'COLUMN_REF',
        type: 'COLUMN_REF',
        alias: '',
        query_location: 0,
        // A subquery need not have a name.
        column_names: table === '' ? [name] : [table, name],
      });
      pairs.push([column(leftTables[0]!), column(rightTables[0]!)]);
    }
    if (pairs.length === 0) return;
    const query = (side: 'left' | 'right', list: SqlNode[]): SqlNode => ({
      ...structuredClone(template),
      cte_map: { map },
      select_list: list.map((item) => ({ ...item, alias: '' })),
      from_table: ref[side],
      where_clause:
        filters[side].length === 0
          ? null
          : {
              class: 'CONJUNCTION',
              type: 'CONJUNCTION_AND',
              alias: '',
              query_location: 0,
              children: filters[side].length === 1 ? [filters[side][0], filters[side][0]] : filters[side],
            },
    });
    found.push({
      left: query(
        'left',
        pairs.map(([left]) => left),
      ),
      right: query(
        'right',
        pairs.map(([, right]) => right),
      ),
      keys: pairs.map(([left]) => left),
    });
  };
  visitRef(node['from_table']);
  for (const inner of subqueriesOf(node)) visitQuery(inner, map, rule, template, found);
}

/** Queries inside expressions; those in FROM and WITH are visited on their own. Correlated ones are counted as they stand alone only if they have joins. */
function subqueriesOf(node: SqlNode): SqlNode[] {
  const found: SqlNode[] = [];
  for (const item of nodesOf({ ...node, from_table: null, cte_map: null })) {
    if (item.class === 'SUBQUERY') found.push((item['subquery'] as { node: SqlNode }).node);
  }
  return found;
}

function conjuncts(expression: unknown): SqlNode[] {
  if (!isNode(expression)) return [];
  if (expression.type !== 'CONJUNCTION_AND') return [expression];
  return (expression['children'] as SqlNode[]).flatMap(conjuncts);
}
