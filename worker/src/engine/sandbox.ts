import type { ProblemItem } from '@kalla/core';
import {
  ALLOWED_CAST_TYPES,
  ALLOWED_CLASSES,
  ALLOWED_FUNCTIONS,
  ALLOWED_JOINS,
  ALLOWED_MODIFIERS,
  ALLOWED_OPERATORS,
  ALLOWED_QUERY_NODES,
  ALLOWED_TABLE_REFS,
  INSTEAD,
} from './allowed.ts';
import { ctesOf, isNode, type SqlNode } from './parse-tree.ts';
import { characterAt } from './sql-text.ts';

/** A remark about a match rule. `position` is the 0-based character in its text. */
export type RuleIssue = Pick<ProblemItem, 'message' | 'hint' | 'position' | 'field'>;

/**
 * Walks the parse tree of a match rule and returns what is not allowed in it.
 *
 * Only known node kinds pass, only allowed functions, no table function at all, and only tables that are one of
 * `aliases` or named in a WITH clause that is in sight. Settings of the engine alone do not suffice: a SELECT can call
 * `query()`, `enable_logging()` or `read_csv()`.
 */
export function sandboxIssues(sql: string, root: SqlNode, aliases: readonly string[]): RuleIssue[] {
  const walker = new Walker(sql, new Set(aliases.map((alias) => alias.toLowerCase())));
  walker.query(root, new Set());
  return walker.issues;
}

/** Functions whose second argument says how long the text gets; the engine makes it even while it only plans. */
const MAKES_TEXT: ReadonlySet<string> = new Set(['repeat', 'lpad', 'rpad']);
const MAX_TEXT = 10_000;

/** The number that an argument is; -1 where it is none. What is reckoned at run time is watched there (`child/memory-guard.ts`). */
function constantOf(argument: SqlNode | undefined): number {
  if (argument?.class !== 'CONSTANT') return -1;
  const { value } = argument['value'] as { value?: unknown };
  return typeof value === 'number' ? value : -1;
}

class Walker {
  readonly issues: RuleIssue[] = [];

  constructor(
    private readonly sql: string,
    private readonly aliases: ReadonlySet<string>,
  ) {}

  query(node: SqlNode, outer: ReadonlySet<string>): void {
    const type = String(node.type);
    if (type === 'RECURSIVE_CTE_NODE') {
      this.refuse(node, 'A rule cannot be recursive.', 'Write it with joins.');
      return;
    }
    if (!ALLOWED_QUERY_NODES.has(type)) {
      this.refuse(node, `A rule cannot hold this kind of query (${words(type)}).`, 'Write one SELECT.');
      return;
    }
    const names = new Set(outer);
    for (const { name, query, entry } of ctesOf(node)) {
      if (this.aliases.has(name.toLowerCase())) {
        this.refuse(entry, `The name "${name}" in WITH hides the source of that name.`, 'Give it another name.');
      }
      this.query(query, names);
      names.add(name.toLowerCase());
    }
    for (const modifier of (node['modifiers'] as SqlNode[] | undefined) ?? []) {
      if (!ALLOWED_MODIFIERS.has(String(modifier.type))) {
        this.refuse(modifier, `A rule cannot use ${words(String(modifier.type))}.`, 'Leave it out.');
      }
      if (((modifier['distinct_on_targets'] as unknown[] | undefined) ?? []).length > 0) {
        this.refuse(
          modifier,
          'DISTINCT ON is not understood by every engine.',
          'Use ROW_NUMBER() with QUALIFY, or GROUP BY.',
        );
      }
    }
    if (node['sample']) this.refuse(node, 'A rule has to look at every row: it cannot use a sample.', 'Leave it out.');
    this.inside(omit(node, 'cte_map'), names);
  }

  /** Visits everything below a node; each kind of thing is judged where it is met. */
  private inside(value: unknown, names: ReadonlySet<string>): void {
    if (Array.isArray(value)) for (const item of value) this.inside(item, names);
    else if (isNode(value)) {
      for (const [field, child] of Object.entries(value)) {
        if (field === 'from_table' && isNode(child)) this.tableRef(child, names);
        else this.visit(child, names);
      }
    }
  }

  private visit(value: unknown, names: ReadonlySet<string>): void {
    if (Array.isArray(value)) {
      for (const item of value) this.visit(item, names);
      return;
    }
    if (!isNode(value)) return;
    if (isNode(value['node'])) this.query(value['node'], names);
    else if (typeof value.class === 'string') this.expression(value, names);
    else if (typeof value.type === 'string' && /_NODE$/.test(value.type)) this.query(value, names);
    else this.inside(value, names);
  }

  private tableRef(node: SqlNode, names: ReadonlySet<string>): void {
    const type = String(node.type);
    if (type === 'TABLE_FUNCTION') {
      const name = String((node['function'] as SqlNode | undefined)?.['function_name'] ?? '');
      this.refuse(
        node,
        `A rule reads its two sources only: the table function ${name}() is not allowed.`,
        this.sources(),
      );
      return;
    }
    if (!ALLOWED_TABLE_REFS.has(type)) {
      this.refuse(node, `A rule cannot use ${words(type)} in FROM.`, this.sources());
      return;
    }
    if (node['sample']) this.refuse(node, 'A rule has to look at every row: it cannot use a sample.', 'Leave it out.');
    if (type === 'BASE_TABLE') {
      const table = String(node['table_name']);
      const qualified = Boolean(node['schema_name'] || node['catalog_name']);
      if (node['at_clause']) this.refuse(node, 'A rule cannot use AT.', 'Leave it out.');
      if (qualified || !(this.aliases.has(table.toLowerCase()) || names.has(table.toLowerCase()))) {
        const full = [node['catalog_name'], node['schema_name'], table].filter(Boolean).join('.');
        this.refuse(node, `The rule reads "${full}", which is not one of its two sources.`, this.sources());
      }
      return;
    }
    if (type === 'JOIN') {
      const kind = String(node['ref_type']);
      if (!ALLOWED_JOINS.has(String(node['join_type'])) || !['REGULAR', 'CROSS'].includes(kind)) {
        const name = kind === 'REGULAR' ? String(node['join_type']) : kind;
        this.refuse(node, `${name} JOIN is not the same on every engine.`, joinInstead(name));
      }
    }
    if (type === 'JOIN') {
      for (const side of ['left', 'right']) if (isNode(node[side])) this.tableRef(node[side], names);
    }
    this.inside(omit(node, 'left', 'right'), names);
  }

  private expression(node: SqlNode, names: ReadonlySet<string>): void {
    const kind = String(node.class);
    if (!ALLOWED_CLASSES.has(kind)) {
      const hint = kind === 'PARAMETER' ? 'Write the value itself.' : 'Write it with comparisons and plain functions.';
      this.refuse(node, `A rule cannot use ${words(kind)} expressions.`, hint);
      return;
    }
    if (kind === 'OPERATOR' && !ALLOWED_OPERATORS.has(String(node.type))) {
      this.refuse(
        node,
        `A rule cannot use ${words(String(node.type))}.`,
        'Write it with comparisons and plain functions.',
      );
    }
    if (kind === 'FUNCTION' || kind === 'WINDOW') this.function(node);
    if (kind === 'CAST') {
      const type = String((node['cast_type'] as SqlNode | undefined)?.['id']);
      if (!ALLOWED_CAST_TYPES.has(type))
        this.refuse(
          node,
          `A rule cannot cast to ${type}.`,
          'Cast to VARCHAR, DECIMAL(18,2), BIGINT, DATE or TIMESTAMP.',
        );
    }
    if (
      kind === 'STAR' &&
      (node['columns'] ||
        node['expr'] ||
        nonEmpty(node['exclude_list']) ||
        nonEmpty(node['replace_list']) ||
        nonEmpty(node['rename_list']) ||
        nonEmpty(node['qualified_exclude_list']))
    ) {
      this.refuse(node, 'COLUMNS(), EXCLUDE and REPLACE are not understood by every engine.', 'Name the columns.');
    }
    if (kind === 'COLUMN_REF' && (node['column_names'] as unknown[]).length > 2) {
      this.refuse(
        node,
        `The column ${(node['column_names'] as string[]).join('.')} has too many parts.`,
        'Write source.column.',
      );
    }
    if (
      kind === 'COLUMN_REF' &&
      /^(current_|local)(date|time|timestamp)|^(current_catalog|current_schema|current_user|session_user|user)$/i.test(
        String((node['column_names'] as unknown[])[0]),
      ) &&
      (node['column_names'] as unknown[]).length === 1
    ) {
      this.refuse(
        node,
        'A rule has to give the same result each time: it cannot use the current date or user.',
        'Write a date.',
      );
    }
    this.inside(omit(node, 'cast_type', 'value'), names);
  }

  private function(node: SqlNode): void {
    const name = String(node['function_name']).toLowerCase();
    const schema = String(node['schema'] ?? '');
    if ((schema && schema !== 'main') || node['catalog']) {
      this.refuse(
        node,
        `The function ${schema}.${name} is not allowed in a rule.`,
        'Write the function without a prefix.',
      );
    } else if (!ALLOWED_FUNCTIONS.has(name)) {
      const shown = /^\w+$/.test(name) ? `function ${name}()` : `operator ${name}`;
      this.refuse(
        node,
        `The ${shown} is not allowed in a rule.`,
        INSTEAD[name] ?? 'The README of the match engine lists what is.',
      );
    } else if (MAKES_TEXT.has(name) && constantOf((node['children'] as SqlNode[] | undefined)?.[1]) > MAX_TEXT) {
      this.refuse(
        node,
        `${name.toUpperCase()} may make a text of at most ${MAX_TEXT.toLocaleString('en-US')} characters in a rule.`,
        'Write a smaller number.',
      );
    }
  }

  private refuse(node: SqlNode, message: string, hint: string): void {
    const byte = node.query_location;
    const known = typeof byte === 'number' && byte >= 0 && byte < Number.MAX_SAFE_INTEGER;
    this.issues.push({ message, hint, ...(known ? { position: characterAt(this.sql, byte) } : {}) });
  }

  private sources(): string {
    return `It may read ${[...this.aliases].map((alias) => `"${alias}"`).join(' and ')}.`;
  }
}

const nonEmpty = (value: unknown) => Array.isArray(value) && value.length > 0;
const words = (name: string) => name.replaceAll('_', ' ').toLowerCase();

function omit(node: SqlNode, ...fields: string[]): SqlNode {
  return Object.fromEntries(Object.entries(node).filter(([field]) => !fields.includes(field)));
}

function joinInstead(name: string): string {
  if (name === 'SEMI') return 'Write WHERE EXISTS (SELECT 1 FROM … WHERE …).';
  if (name === 'ANTI') return 'Write WHERE NOT EXISTS (SELECT 1 FROM … WHERE …).';
  return 'Write JOIN … ON with the columns that have to be equal.';
}
