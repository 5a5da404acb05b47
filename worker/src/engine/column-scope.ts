import type { ColumnInfo } from '@kalla/core';
import { isNode, type SqlNode } from './parse-tree.ts';

/** A source as the rule's author sees it: alias, columns with types, and `_row` where it is used. */
export interface RuleSide {
  alias: string;
  columns: readonly ColumnInfo[];
}

export interface ColumnOrigin {
  /** Index in the list of sides: 0 is left. */
  side: number;
  column: ColumnInfo;
}

/**
 * Which source column each name in one SELECT stands for, as far as its FROM names the sources themselves. Columns of
 * subqueries and WITH names stay unknown.
 */
export class ColumnScope {
  /** Table name as used in this SELECT → side, or null for a derived table. */
  private readonly tables = new Map<string, number | null>();

  constructor(
    private readonly sides: readonly RuleSide[],
    from: unknown,
    hidden: ReadonlySet<string> = new Set(),
  ) {
    const visit = (ref: unknown): void => {
      if (!isNode(ref)) return;
      if (ref.type === 'JOIN') {
        visit(ref['left']);
        visit(ref['right']);
      } else if (ref.type === 'BASE_TABLE' || ref.type === 'SUBQUERY') {
        const table = String(ref['table_name'] ?? '').toLowerCase();
        const side =
          hidden.has(table) || ref.type === 'SUBQUERY' ? -1 : sides.findIndex((item) => item.alias === table);
        this.tables.set(String(ref['alias'] || table).toLowerCase(), side < 0 ? null : side);
      }
    };
    visit(from);
  }

  /** The names of the tables in FROM, lower-case. */
  get names(): string[] {
    return [...this.tables.keys()];
  }

  /** The source that a name in FROM stands for; undefined for a derived table and for a name that is not there. */
  sourceOf(name: string): RuleSide | undefined {
    return this.sides[this.tables.get(name.toLowerCase()) ?? -1];
  }

  /** The table, as named in this SELECT, that a column reference belongs to; undefined where it cannot be told. */
  tableOf(node: SqlNode): string | undefined {
    const names = node['column_names'] as string[];
    if (names.length === 2) {
      const table = names[0]!.toLowerCase();
      return this.tables.has(table) ? table : undefined;
    }
    const owners = [...this.tables].filter(
      ([, side]) => side !== null && this.sides[side]!.columns.some((column) => same(column.name, names[0]!)),
    );
    const derived = [...this.tables.values()].includes(null);
    return owners.length === 1 && !derived ? owners[0]![0] : undefined;
  }

  origin(node: unknown): ColumnOrigin | undefined {
    if (!isNode(node) || node.class !== 'COLUMN_REF') return undefined;
    const table = this.tableOf(node);
    const side = table === undefined ? undefined : this.tables.get(table);
    if (side === undefined || side === null) return undefined;
    const name = (node['column_names'] as string[]).at(-1)!;
    const column = this.sides[side]!.columns.find((item) => same(item.name, name));
    return column && { side, column };
  }
}

export const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
