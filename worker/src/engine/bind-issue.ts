import { columnsInstead } from '@kalla/core';
import { ColumnScope, same, type RuleSide } from './column-scope.ts';
import { engineMessage } from './engine-error.ts';
import type { SqlNode } from './parse-tree.ts';
import type { RuleIssue } from './sandbox.ts';
import { caretPosition } from './sql-text.ts';

/** A column that the binder does not find. */
export interface AbsentColumn {
  column: string;
  /** The table where the rule says one, as named in its FROM. */
  table?: string;
  /** True where it stands in USING: both sides of the join need it. */
  joined?: boolean;
}

/** What an error of the binder says of a column that is not there; undefined for every other error. */
export function absentColumn(error: unknown): AbsentColumn | undefined {
  const text = engineMessage(error);
  const [, table, column] = /\b[A-Z][A-Za-z ]* "([^"]+)" does not have a column named "([^"]+)"/.exec(text) ?? [];
  if (table !== undefined && column !== undefined) return { table, column };
  const alone = /Referenced column "([^"]+)" not found/.exec(text)?.[1];
  if (alone !== undefined) return { column: alone };
  const joined = /Column "([^"]+)" does not exist on (?:left|right) side of join/.exec(text)?.[1];
  return joined === undefined ? undefined : { column: joined, joined: true };
}

/** DuckDB's errors about names and types in words. */
export function bindIssue(sql: string, root: SqlNode, error: unknown, sides: readonly RuleSide[]): RuleIssue {
  const full = error instanceof Error ? error.message : String(error);
  const at = caretPosition(sql, full);
  const position = at === undefined ? {} : { position: at };
  const text = engineMessage(error).replace(/^\w+ Error: /, '');
  const lacking = absentColumn(error);
  if (lacking) {
    const { table, column: absent } = lacking;
    const source = table === undefined ? undefined : new ColumnScope(sides, root['from_table']).sourceOf(table);
    // The name may mean something else in a subquery.
    const lacks = source && !source.columns.some(({ name }) => same(name, absent)) ? source : undefined;
    // Of a side without columns nothing is known.
    const known = sides.filter(({ columns }) => columns.length > 0);
    const found = (lacks ? [lacks] : known).map(({ alias, columns }) =>
      columnsInstead(
        [absent],
        columns.map(({ name }) => name),
        `"${alias}"`,
      ),
    );
    const message = lacks ? `"${lacks.alias}" has no column "${absent}".` : `There is no column "${absent}" there.`;
    return { message, hint: found.join(' '), ...position };
  }
  const ambiguous = /Ambiguous reference to column name "([^"]+)"/.exec(text)?.[1];
  if (ambiguous) {
    return {
      message: `Both sources have a column "${ambiguous}"; it is not clear which is meant.`,
      hint: `Write ${sides[0]!.alias}.${ambiguous} or ${sides[1]!.alias}.${ambiguous}.`,
      ...position,
    };
  }
  const grouped = /column "([^"]+)" must appear in the GROUP BY/.exec(text)?.[1];
  if (grouped)
    return {
      message: `The column "${grouped}" stands beside a total and has to be in GROUP BY.`,
      hint: `Add it to GROUP BY, or write ANY_VALUE(${grouped}).`,
      ...position,
    };
  if (/No function matches|Could not choose a best candidate|Cannot compare|Cannot mix/.test(text)) {
    return {
      message: `The types do not fit together: ${text.split('\n')[0]}`,
      hint: 'Make them the same with CAST(… AS …).',
      ...position,
    };
  }
  return { message: text.split('\n')[0]!, ...position };
}
