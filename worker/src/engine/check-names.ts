import { columnsInstead, duckdbTypeOf, quoteIdentifier, type ColumnInfo, type ValidateRequest } from '@kalla/core';
import { absentColumn, bindIssue } from './bind-issue.ts';
import { usesRowNumber, ROW_NUMBER } from './row-number.ts';
import { ColumnScope, same, type RuleSide } from './column-scope.ts';
import { engineMessage, EngineTimeout } from './engine-error.ts';
import type { Engine, RunOptions } from './engine.ts';
import { nodesOf, type SqlNode } from './parse-tree.ts';
import type { RuleIssue } from './sandbox.ts';
import { characterAt } from './sql-text.ts';

type Side = ValidateRequest['left'];

/**
 * What a column of unknown type is taken for while the rule is understood. NULL fits nearly everywhere; where it does not, some
 * other type may let the engine come to the names that stand further on.
 */
const STAND_INS = ['NULL', 'NULL::VARCHAR', 'NULL::DECIMAL(18,2)', 'NULL::DATE'];
/** Names that are said; each costs another look of the engine. */
const MOST_ISSUES = 20;
/** Looks at a rule, each of which finds one more name. */
const MOST_LOOKS = 300;
/** Wall-clock seconds for all looks: a rule of a megabyte takes a while to understand, and is looked at anew for each name. */
const SECONDS = 5;

/**
 * The columns that a rule names and a source lacks, where only the names of its columns are known. Nothing is said of types. A side
 * of which no names are known has whatever the rule asks of it.
 */
export async function missingNames(
  engine: Engine,
  sql: string,
  root: SqlNode,
  sides: readonly [Side, Side],
  options: RunOptions,
): Promise<RuleIssue[]> {
  if (!sides.some(({ column_names }) => column_names)) return [];
  const found = new Map<string, RuleIssue>();
  const at = Math.min(Date.now() + SECONDS * 1000, options.deadline?.at ?? Infinity);
  try {
    for (const standIn of STAND_INS) {
      const look = new Look(engine, sql, root, sides, standIn, found);
      if (await look.through({ ...options, deadline: { at, seconds: SECONDS } })) break;
    }
  } catch (error) {
    // What was found until then is said; the run, which knows the types, says the rest.
    if (!(error instanceof EngineTimeout)) throw error;
  }
  return [...found.values()];
}

/** One try to understand the rule: what is absent is noted and given to its table, until nothing is absent any more. */
class Look {
  readonly #shown: RuleSide[];
  /** What each side has in this try: name in lower case → expression. */
  readonly #tables: Map<string, string>[];
  /** The sides of which nothing is known. */
  readonly #open: number[];
  readonly #scopes: ColumnScope[];

  constructor(
    private readonly engine: Engine,
    private readonly sql: string,
    private readonly root: SqlNode,
    private readonly sides: readonly [Side, Side],
    private readonly standIn: string,
    private readonly found: Map<string, RuleIssue>,
  ) {
    this.#shown = sides.map((side) => ({ alias: side.alias, columns: shownColumns(side) }));
    this.#tables = sides.map((side) => {
      const { column_names: names = side.primary_key, column_types: types = {} } = side;
      const row = side.column_names && usesRowNumber(sql, side.primary_key, shownColumns(side)) ? [ROW_NUMBER] : [];
      return new Map(
        [...names, ...row].map((name) => [
          name.toLowerCase(),
          `${this.#typed(types[name])} AS ${quoteIdentifier(name)}`,
        ]),
      );
    });
    this.#open = sides.flatMap(({ column_names }, index) => (column_names ? [] : [index]));
    const nodes = [...nodesOf(root)];
    this.#scopes = nodes
      .filter(({ type }) => type === 'SELECT_NODE')
      .map((node) => new ColumnScope(this.#shown, node['from_table']));
    for (const node of nodes) if (node.class === 'COLUMN_REF') this.#readQualified(node);
  }

  /**
   * What the rule says with the name of a source is known without the engine, which would find it one by one, and which speaks of
   * another fault where the name stands in a subquery.
   */
  #readQualified(node: SqlNode): void {
    const [table, column, ...deeper] = node['column_names'] as string[];
    if (table === undefined || column === undefined || deeper.length > 0) return;
    const owner = this.#sideOf(table.toLowerCase());
    if (owner === undefined || !this.#give([owner], column) || this.#open.includes(owner)) return;
    const { alias, columns } = this.#shown[owner]!;
    const names = columns.map(({ name }) => name);
    const point = node.query_location;
    this.#add({
      message: `"${alias}" has no column "${column}".`,
      hint: columnsInstead([column], names, `"${alias}"`),
      ...(point === undefined ? {} : { position: characterAt(this.sql, point) }),
    });
  }

  /** True where every name was looked at; false where something other than a name kept the engine from it. */
  async through(options: RunOptions): Promise<boolean> {
    for (let tries = 0; tries < MOST_LOOKS && this.found.size < MOST_ISSUES; tries++) {
      await this.#make();
      try {
        (await this.engine.prepare(this.sql, options)).destroySync();
        return true;
      } catch (error) {
        if (error instanceof EngineTimeout) throw error;
        const further = this.#understand(error);
        if (!further) return false;
      }
    }
    return true;
  }

  async #make(): Promise<void> {
    for (const [index, { alias }] of this.sides.entries()) {
      const columns = [...this.#tables[index]!.values()].join(', ');
      await this.engine.run(`CREATE OR REPLACE TEMP VIEW ${quoteIdentifier(alias)} AS SELECT ${columns}`);
    }
  }

  /** Notes what an error says of names; false where it says nothing of them, or where nothing can be done about it. */
  #understand(error: unknown): boolean {
    const absent = absentColumn(error);
    if (!absent) {
      if (/Ambiguous reference to column name/.test(engineMessage(error))) this.#note(error);
      return false;
    }
    const { column, table, joined } = absent;
    const owner = table === undefined ? undefined : this.#sideOf(table.toLowerCase());
    if (owner !== undefined) {
      if (!this.#open.includes(owner)) this.#note(error);
      return this.#give([owner], column);
    }
    // It may be a column of the side that is not known, also by way of a subquery.
    if (this.#give(this.#open, column)) return true;
    this.#note(error);
    // Under the name of a subquery it is to come out of that; no source could bring it.
    return table === undefined && this.#give(joined ? [0, 1] : [0], column);
  }

  #note(error: unknown): void {
    this.#add(bindIssue(this.sql, this.root, error, this.#shown));
  }

  #add(issue: RuleIssue): void {
    if (!this.found.has(issue.message) && this.found.size < MOST_ISSUES) this.found.set(issue.message, issue);
  }

  /** The side that a table of the rule is, wherever in the rule it is named so; undefined where places differ. */
  #sideOf(table: string): number | undefined {
    const owners = new Set(
      this.#scopes.flatMap((scope) => (scope.names.includes(table) ? [scope.sourceOf(table)] : [])),
    );
    const [owner] = owners;
    return owners.size === 1 && owner ? this.#shown.indexOf(owner) : undefined;
  }

  /** Lets sides have a column from now on; false where they had it already. */
  #give(indexes: readonly number[], column: string): boolean {
    const without = indexes.map((index) => this.#tables[index]!).filter((table) => !table.has(column.toLowerCase()));
    for (const table of without) table.set(column.toLowerCase(), `${this.standIn} AS ${quoteIdentifier(column)}`);
    return without.length > 0;
  }

  #typed(type: ColumnInfo['type'] | undefined): string {
    return type === undefined ? this.standIn : `CAST(NULL AS ${duckdbTypeOf(type)})`;
  }
}

/** The names as a sentence lists them. Their type is not looked at. */
function shownColumns({ column_names: names = [] }: Side): ColumnInfo[] {
  return names
    .filter((name, index) => names.findIndex((other) => same(other, name)) === index)
    .map((name) => ({ name, type: 'text' }));
}
