import { ColumnScope, type RuleSide } from './column-scope.ts';
import { ctesOf, isNode, nodesOf, type SqlNode } from './parse-tree.ts';
import type { RuleIssue } from './sandbox.ts';
import { characterAt, tokensOf } from './sql-text.ts';

/**
 * What the same SQL would do differently on DataFusion (the engine of the scaled mode), each with what to write instead.
 *
 * `errors` would silently give another result or fail there; `warnings` are worth knowing but change no result here.
 */
export function portabilityIssues(
  sql: string,
  root: SqlNode,
  sides: readonly RuleSide[],
): { errors: RuleIssue[]; warnings: RuleIssue[] } {
  const lint = new Lint(sql, sides);
  lint.query(root, new Set());
  return { errors: lint.errors, warnings: [...lint.warnings, ...identifierWarnings(sql, sides)] };
}

/** The families of types within which values can be compared. */
type Family = 'integer' | 'decimal' | 'float' | 'text' | 'date' | 'timestamp' | 'boolean' | 'other' | 'unknown';

const NUMERIC: ReadonlySet<Family> = new Set(['integer', 'decimal', 'float']);
const INTEGER_TYPES = /^U?(TINY|SMALL|BIG)?INT(EGER)?$|^INTEGER$/;

class Lint {
  readonly errors: RuleIssue[] = [];
  readonly warnings: RuleIssue[] = [];

  constructor(
    private readonly sql: string,
    private readonly sides: readonly RuleSide[],
  ) {}

  query(node: SqlNode, outer: ReadonlySet<string>): void {
    const hidden = new Set(outer);
    for (const { name, query } of ctesOf(node)) {
      this.query(query, hidden);
      hidden.add(name.toLowerCase());
    }
    if (node.type === 'SET_OPERATION_NODE') {
      for (const side of ['left', 'right']) if (isNode(node[side])) this.query(node[side], hidden);
      return;
    }
    this.expressions(node, new ColumnScope(this.sides, node['from_table'], hidden), hidden, true);
  }

  private expressions(value: unknown, scope: ColumnScope, hidden: ReadonlySet<string>, top = false): void {
    if (Array.isArray(value)) {
      for (const item of value) this.expressions(item, scope, hidden);
      return;
    }
    if (!isNode(value)) return;
    if (isNode(value['node'])) {
      this.query(value['node'], hidden);
      return;
    }
    if (!top && /_NODE$/.test(String(value.type))) {
      this.query(value, hidden);
      return;
    }
    if (typeof value.class === 'string') this.expression(value, scope);
    for (const [field, child] of Object.entries(value)) {
      if (field !== 'cte_map' && typeof child === 'object') this.expressions(child, scope, hidden);
    }
  }

  private expression(node: SqlNode, scope: ColumnScope): void {
    const children = (node['children'] as SqlNode[] | undefined) ?? [];
    if (node.type === 'OPERATOR_NOT' && children[0]?.type === 'SUBQUERY' && children[0]['subquery_type'] === 'ANY') {
      this.error(
        node,
        'NOT IN with a subquery loses rows when the subquery has a NULL.',
        'Write NOT EXISTS (SELECT 1 FROM … WHERE …).',
      );
    }
    if (node['function_name'] === '/' && children.length === 2) {
      const [left, right] = children.map((child) => this.family(child, scope));
      if (left === 'integer' && right === 'integer') {
        this.error(
          node,
          'Dividing whole numbers gives 3.5 on one engine and 3 on another for 7 / 2.',
          'Write CAST(a AS DECIMAL(18,4)) / b.',
        );
      } else if ([left, right].includes('decimal')) {
        this.warn(
          node,
          'A division of decimals is rounded differently by different engines.',
          'Compare without division where cents matter: ABS(a - b) <= 0.01 * ABS(a).',
        );
      }
    }
    if (node.class === 'CAST' && INTEGER_TYPES.test(String((node['cast_type'] as SqlNode)['id']))) {
      const family = this.family(node['child'] as SqlNode, scope);
      if (family === 'decimal' || family === 'float') {
        this.error(
          node,
          'A cast of a fraction to a whole number rounds on one engine and cuts off on another.',
          'Write CAST(ROUND(x) AS BIGINT) or CAST(FLOOR(x) AS BIGINT).',
          (node['child'] as SqlNode)['function_name'],
        );
      }
    }
    if (node.class === 'COMPARISON') this.comparison(node, scope, [node['left'], node['right']]);
    if (node.class === 'BETWEEN') {
      this.comparison(node, scope, [node['input'], node['lower']]);
      this.comparison(node, scope, [node['input'], node['upper']]);
    }
    if (node['function_name'] === 'nullif') this.noNumber(node, scope, children);
    if (node['function_name'] === '-' && children.length === 2) {
      const families = children.map((child) => this.family(child, scope));
      if (families.every((family) => family === 'date')) {
        this.error(
          node,
          'The difference of two dates is a number on one engine and an interval on another.',
          'Compare with a range: b.day BETWEEN a.day - INTERVAL 3 DAY AND a.day + INTERVAL 3 DAY.',
        );
      }
    }
    if (node.class === 'WINDOW') {
      for (const order of (node['orders'] as SqlNode[] | undefined) ?? []) {
        if (order.type === 'DESCENDING' && order['null_order'] === 'ORDER_DEFAULT') {
          this.warn(
            order['expression'] as SqlNode,
            'ORDER BY … DESC puts NULLs last on one engine and first on another.',
            'Write DESC NULLS LAST.',
          );
        }
      }
    }
  }

  private comparison(node: SqlNode, scope: ColumnScope, operands: unknown[]): void {
    const [left, right] = operands.map((operand) => (isNode(operand) ? this.family(operand, scope) : 'unknown')) as [
      Family,
      Family,
    ];
    this.noNumber(
      node,
      scope,
      operands.filter((operand) => isNode(operand)),
    );
    const mixed = (a: Family, b: Family) => a === 'text' && NUMERIC.has(b);
    // A text constant takes the type of the other side on every engine.
    if (
      operands.some(
        (operand) => isNode(operand) && operand.class === 'CONSTANT' && this.family(operand, scope) === 'text',
      )
    )
      return;
    if (mixed(left, right) || mixed(right, left)) {
      this.error(
        node,
        'A text is compared with a number, which engines do in different ways.',
        'Make both the same: CAST(number AS VARCHAR) = text.',
      );
    }
  }

  /** A text constant takes the type of the other side, and `''` is no number: what is found to be so at the first row. */
  private noNumber(node: SqlNode, scope: ColumnScope, operands: readonly SqlNode[]): void {
    const text = operands.map((operand) => textOf(operand)).find((value) => value !== null);
    if (text === undefined || /^\s*[-+]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9]+)?\s*$/.test(text)) return;
    if (!operands.some((operand) => NUMERIC.has(this.family(operand, scope)))) return;
    this.error(
      node,
      `A number is compared with the text '${text.slice(0, 60)}', which is none.`,
      'Make the number a text: CAST(number AS VARCHAR).',
    );
  }

  private family(node: SqlNode, scope: ColumnScope): Family {
    if (node.class === 'COLUMN_REF') return familyOf(scope.origin(node)?.column.type);
    if (node.class === 'CONSTANT')
      return familyOfDuckdb(String(((node['value'] as SqlNode)['type'] as unknown as { id: string }).id));
    if (node.class === 'CAST') return familyOfDuckdb(String((node['cast_type'] as SqlNode)['id']));
    const children = (node['children'] as SqlNode[] | undefined) ?? [];
    const name = String(node['function_name'] ?? node.type).toLowerCase();
    const first = () => (children[0] ? this.family(children[0], scope) : 'unknown');
    if (
      /^(lower|upper|trim|ltrim|rtrim|substr|substring|left|right|replace|concat|\|\||lpad|rpad|split_part)$/.test(name)
    )
      return 'text';
    if (/^(length|char_length|strpos|count|count_star|levenshtein|date_part)$/.test(name)) return 'integer';
    if (/^(abs|sign|nullif|min|max|greatest|least|operator_coalesce|any_value|sum)$/.test(name)) return first();
    if (/^(round|floor|ceil|ceiling|trunc)$/.test(name)) return first() === 'integer' ? 'integer' : 'unknown';
    if (/^[-+*%]$/.test(name)) {
      const families = children.map((child) => this.family(child, scope));
      if (families.includes('float')) return 'float';
      if (families.every((family) => NUMERIC.has(family))) return families.includes('decimal') ? 'decimal' : 'integer';
      // date + interval is a timestamp on both
      return 'unknown';
    }
    return 'unknown';
  }

  private error(node: SqlNode, message: string, hint: string, inner?: unknown): void {
    if (inner && /^(round|floor|ceil|ceiling|trunc)$/i.test(String(inner))) return;
    this.errors.push({ message, hint, ...this.position(node) });
  }

  private warn(node: SqlNode, message: string, hint: string): void {
    this.warnings.push({ message, hint, ...this.position(node) });
  }

  private position(node: SqlNode): { position?: number } {
    const located = [...nodesOf(node)].find((item) => typeof item.query_location === 'number');
    return located ? { position: characterAt(this.sql, located.query_location!) } : {};
  }
}

/** The text of a text constant, else null. */
function textOf(node: SqlNode): string | null {
  if (node.class !== 'CONSTANT') return null;
  const { value, is_null, type } = node['value'] as { value?: unknown; is_null?: boolean; type?: { id?: string } };
  return type?.id === 'VARCHAR' && !is_null && typeof value === 'string' ? value : null;
}

function familyOf(type: string | undefined): Family {
  if (type === undefined) return 'unknown';
  if (/^u?int/.test(type)) return 'integer';
  if (type.startsWith('decimal')) return 'decimal';
  if (type.startsWith('float')) return 'float';
  if (type.startsWith('timestamp')) return 'timestamp';
  return type === 'text' || type === 'date' || type === 'boolean' ? type : 'other';
}

function familyOfDuckdb(id: string): Family {
  if (INTEGER_TYPES.test(id)) return 'integer';
  if (id === 'DECIMAL') return 'decimal';
  if (id === 'FLOAT' || id === 'DOUBLE') return 'float';
  if (id === 'VARCHAR') return 'text';
  if (id === 'DATE') return 'date';
  if (id.startsWith('TIMESTAMP')) return 'timestamp';
  return id === 'BOOLEAN' ? 'boolean' : 'unknown';
}

/** DataFusion lowers names that are not quoted, so a column "Amount" needs its quotes there. */
function identifierWarnings(sql: string, sides: readonly RuleSide[]): RuleIssue[] {
  const mixed = new Map(
    sides
      .flatMap((side) => side.columns.map((column) => column.name))
      .filter((name) => name !== name.toLowerCase())
      .map((name) => [name.toLowerCase(), name]),
  );
  const seen = new Set<string>();
  return tokensOf(sql).flatMap((token) => {
    const name = token.kind === 'word' ? mixed.get(token.text.toLowerCase()) : undefined;
    if (name === undefined || seen.has(name)) return [];
    seen.add(name);
    return [
      {
        message: `The column "${name}" has capital letters and is not in quotes; not every engine finds it so.`,
        hint: `Write "${name}" with double quotes.`,
        position: token.start,
      },
    ];
  });
}
