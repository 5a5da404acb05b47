import {
  duckdbTypeOf,
  LONGEST_RULE,
  quoteIdentifier,
  type ColumnInfo,
  type ValidateRequest,
  columnsInstead,
  ProblemError,
} from '@kalla/core';
import { characterOfPoint, tokensOf, withoutTerminator } from './sql-text.ts';
import { bindIssue } from './bind-issue.ts';
import { missingNames } from './check-names.ts';
import { same, type RuleSide } from './column-scope.ts';
import { EngineTimeout } from './engine-error.ts';
import { Engine, type RunOptions } from './engine.ts';
import { nestedLoopsOf } from './explosion.ts';
import { nodesOf, parseSelect, sameTree, type SqlNode } from './parse-tree.ts';
import { portabilityIssues } from './portable.ts';
import { ROW_NUMBER, usesRowNumber } from './row-number.ts';
import { findRuleKeys, type RuleKeys } from './rule-keys.ts';
import { sandboxIssues, type RuleIssue } from './sandbox.ts';

const ROW_NUMBER_COLUMN: ColumnInfo = { name: ROW_NUMBER, type: 'int64', nullable: false };

/** A rule that passed: its text without terminator, its tree, and where the keys are in its output. */
export interface CheckedRule {
  sql: string;
  root: SqlNode;
  /** Output column names as written, with duplicates. */
  output: string[];
  /** DuckDB type names of the output columns. */
  outputTypes: string[];
  keys: RuleKeys;
  sides: [RuleSide, RuleSide];
}

export interface RuleCheck {
  errors: RuleIssue[];
  warnings: RuleIssue[];
  /** Present when there is no error and both sides' columns are known. */
  rule?: CheckedRule;
}

/**
 * Tables that a rule may name, every place counted. The engine looks for the best order of its joins, which takes 0.3 s for 60
 * tables that are all joined with each other, 4 s for 100 and a minute for 200; and nothing stops it while it looks.
 */
const MOST_TABLES = 60;
/** Wall-clock seconds that the engine may take to understand a rule. */
const CHECK_SECONDS = 30;

/**
 * Everything that `validateMatchSql` says, and what the match needs to go on. Reads no data.
 *
 * @throws ProblemError `timeout` for a rule that is not understood within `seconds`.
 */
export async function checkRule(request: ValidateRequest, seconds = CHECK_SECONDS): Promise<RuleCheck> {
  try {
    return await check(request, { deadline: { at: Date.now() + seconds * 1000, seconds } });
  } catch (error) {
    if (!(error instanceof EngineTimeout)) throw error;
    throw new ProblemError(
      'timeout',
      `Reading the match rule was stopped after ${seconds} seconds, the longest that is allowed. Make it shorter: fewer joins, and fewer conditions.`,
      undefined,
      error,
    );
  }
}

async function check(request: ValidateRequest, options: RunOptions): Promise<RuleCheck> {
  const sql = request.match_sql;
  const fail = (issue: RuleIssue): RuleCheck => ({ errors: [issue], warnings: [] });
  if (tokensOf(sql).every(({ text }) => text === ';'))
    return fail({ message: 'The match rule is empty.', hint: 'Write one SELECT over the two sources.' });
  if (sql.length > LONGEST_RULE) return fail({ message: `The match rule is longer than ${LONGEST_RULE} characters.` });
  if (sql.includes('\0'))
    return fail({ message: 'The match rule holds a NUL character.', position: sql.indexOf('\0') });
  await using engine = await Engine.open({
    memoryBytes: 256 * 2 ** 20,
    threads: 1,
    // Small tables would otherwise be joined row by row and an empty one not at all; the plan has to show the rule's own nature.
    settings: {
      nested_loop_join_threshold: '0',
      merge_join_threshold: '0',
      disabled_optimizers: 'statistics_propagation,empty_result_pullup',
    },
  });
  await engine.lock([]);

  const parsed = await parseSelect(engine, sql);
  if (!parsed.ok) {
    if (parsed.kind === 'parser') return fail(syntaxIssue(sql, parsed.message, parsed.point));
    const message =
      parsed.kind === 'not-select'
        ? 'A match rule is one SELECT: it cannot change data or settings.'
        : `The rule is not understood: ${parsed.message}.`;
    return fail({ message, hint: 'Write one SELECT over the two sources.', position: tokensOf(sql)[0]!.start });
  }
  const statements = await engine.connection.extractStatements(sql);
  if (parsed.statements.length !== 1 || statements.count !== 1) {
    const semicolon = tokensOf(sql).find(({ text }) => text === ';');
    return fail({
      message: `A match rule is exactly one SELECT; this has ${Math.max(statements.count, parsed.statements.length)} statements.`,
      hint: 'Keep the one SELECT and leave out the rest.',
      ...(semicolon ? { position: semicolon.start } : {}),
    });
  }
  const root = parsed.statements[0]!.node;
  const bare = withoutTerminator(sql);
  if (!(await readsAlike(engine, bare, root)))
    return fail({
      message: 'A comment or a quoted text of the rule is written in a way that can be read differently.',
      hint: 'Leave out comments, and write texts in single quotes.',
    });
  const tables = [...nodesOf(root)].filter(({ type }) => type === 'BASE_TABLE');
  if (tables.length > MOST_TABLES)
    return fail({
      message: `The match rule names ${tables.length} tables in its FROM and JOIN parts; ${MOST_TABLES} are the most.`,
      hint: 'Name each source once or twice, and put conditions into ON and WHERE in place of further joins.',
    });
  const aliases = [request.left.alias, request.right.alias];
  const forbidden = sandboxIssues(sql, root, aliases);
  if (forbidden.length > 0) return { errors: forbidden, warnings: [] };
  const foreign = engine.connection
    .getTableNames(sql, true)
    .find((name) => !aliases.some((alias) => same(name.replace(/ AS [\s\S]*$/, '').replace(/^"(.*)"$/s, '$1'), alias)));
  if (foreign)
    return fail({
      message: `The rule reads "${foreign}", which is not one of its two sources.`,
      hint: `It may read ${aliases.join(' and ')}.`,
    });

  const sides = [request.left, request.right].map((side): RuleSide => {
    const columns = side.columns ?? [];
    const row = usesRowNumber(sql, side.primary_key, columns) ? [ROW_NUMBER_COLUMN] : [];
    return { alias: side.alias, columns: [...columns, ...row] };
  }) as [RuleSide, RuleSide];
  const portable = portabilityIssues(sql, root, sides);
  const missing = missingKeys(request);
  const errors = [...portable.errors, ...missing];
  const { warnings } = portable;
  if (!request.left.columns || !request.right.columns || errors.length > 0) {
    errors.push(...(await missingNames(engine, sql, root, [request.left, request.right], options)));
    const names = outputNames(root);
    if (names)
      errors.push(...findRuleKeys(names, sides, [request.left.primary_key, request.right.primary_key], root).issues);
    return { errors, warnings };
  }

  for (const { alias, columns } of sides) {
    const list = columns.map(({ name, type }) => `${quoteIdentifier(name)} ${duckdbTypeOf(type)}`).join(', ');
    await engine.run(`CREATE TABLE ${quoteIdentifier(alias)} (${list})`);
  }
  let output: string[];
  let outputTypes: string[];
  try {
    const prepared = await engine.prepare(sql, options);
    const indexes = Array.from({ length: prepared.columnCount }, (_, index) => index);
    output = indexes.map((index) => prepared.columnName(index));
    outputTypes = indexes.map((index) => String(prepared.columnType(index)));
    prepared.destroySync();
  } catch (error) {
    if (error instanceof EngineTimeout) throw error;
    return { errors: [bindIssue(sql, root, error, sides)], warnings };
  }
  const found = findRuleKeys(output, sides, [request.left.primary_key, request.right.primary_key], root);
  if (found.issues.length > 0) return { errors: found.issues, warnings };
  if ((await nestedLoopsOf(engine, sql, options)).length > 0) {
    warnings.push({
      message: 'The rule compares every row of one source with every row of the other; with many rows it is refused.',
      hint: 'Join on at least one pair of equal columns, or write a tolerance as b.amount BETWEEN a.amount - 0.05 AND a.amount + 0.05.',
    });
  }
  return {
    errors: [],
    warnings,
    rule: { sql: bare, root, output, outputTypes, keys: found.keys, sides },
  };
}

/**
 * The match puts the rule, cut after its last token, between parentheses. What was judged is the whole text; so the cut text
 * has to give the same tree there. Our tokens are not DuckDB's: a comment within a comment would otherwise cut a condition off.
 */
async function readsAlike(engine: Engine, bare: string, root: SqlNode): Promise<boolean> {
  const again = await parseSelect(engine, `SELECT * FROM (${bare}\n)`);
  if (!again.ok || again.statements.length !== 1) return false;
  const from = again.statements[0]!.node['from_table'] as { subquery?: { node: SqlNode } } | undefined;
  return from?.subquery !== undefined && sameTree(from.subquery.node, root);
}

/** The names of a rule's output as far as its text tells them; null where it does not, as with a star. */
function outputNames(root: SqlNode): string[] | null {
  const list = root['select_list'] as SqlNode[] | undefined;
  if (root.type !== 'SELECT_NODE' || !list || list.some(({ class: kind }) => kind === 'STAR')) return null;
  return list.map((item) => String(item['alias'] || (item['column_names'] as string[] | undefined)?.at(-1) || ''));
}

function missingKeys(request: ValidateRequest): RuleIssue[] {
  return [request.left, request.right].flatMap(({ alias, primary_key: keys, columns, column_names }) => {
    const names = columns?.map(({ name }) => name) ?? column_names;
    if (!names) return [];
    return keys
      .filter((key) => !same(key, ROW_NUMBER) && !names.some((name) => same(name, key)))
      .map((key) => ({
        message: `The key column "${key}" is not in "${alias}".`,
        hint: columnsInstead([key], names),
        field: key,
      }));
  });
}

/** DuckDB's syntax errors in words: what stands there, and that it is not expected there. */
function syntaxIssue(sql: string, message: string, point: number | undefined): RuleIssue {
  const position = point === undefined ? undefined : characterOfPoint(sql, point);
  const near = /at or near "([\s\S]*?)"?$/.exec(message)?.[1];
  const text = /end of input/.test(message)
    ? 'The rule ends too early: something is missing at its end, perhaps a closing parenthesis.'
    : /unterminated quoted/.test(message)
      ? 'A quotation mark is opened and never closed.'
      : /expression depth/.test(message)
        ? 'The rule is nested too deeply.'
        : near
          ? `The rule cannot be read at "${near.slice(0, 60)}": it is not expected there.`
          : `The rule cannot be read: ${message.slice(0, 200)}.`;
  return {
    message: text,
    hint: 'Look at what stands just before it.',
    ...(position === undefined ? {} : { position }),
  };
}
