import { quoteIdentifier, quoteLiteral, type ColumnInfo, type ColumnType, type Note } from '@kalla/core';
import { checkRule, type CheckedRule, type RuleCheck } from './check-rule.ts';
import { same } from './column-scope.ts';
import { Engine } from './engine.ts';
import { ruleProblem } from './usable-rule.ts';
import { tokensOf } from './sql-text.ts';
import type { StagedSource } from './staged-source.ts';

/** Tried for a column without a value, after the types of the other source's columns. */
const USUAL_TYPES: readonly ColumnType[] = ['decimal(18,2)', 'date', 'int64', 'timestamp', 'boolean'];
/** A rule names few columns that are empty; beyond this the rule's own error is the better answer. */
const MOST_CHECKS = 400;

export interface StagedSide {
  staged: StagedSource;
  primaryKey: readonly string[];
}

/**
 * Checks a rule against two staged sources and gives them as the rule reads them.
 *
 * A text file tells the type of a column by its cells. A file without rows, or a column that is empty this month, tells none
 * and is staged as text, so that `a.fee = b.fee` would fail for want of a fee. Nothing can match there whatever the type is:
 * such a column is read in the type that the rule asks for.
 *
 * @throws ProblemError `match-sql` that says everything that is wrong with the rule.
 */
export async function ruleForStaged(
  matchSql: string,
  sides: readonly [StagedSide, StagedSide],
): Promise<{ rule: CheckedRule; warnings: Note[]; staged: [StagedSource, StagedSource] }> {
  let staged: [StagedSource, StagedSource] = [sides[0].staged, sides[1].staged];
  let check = await checkStaged(matchSql, sides, staged);
  const notes: Note[] = [];
  if (!check.rule) {
    ({ staged, check } = await fitEmptyColumns(matchSql, sides, check));
    for (const { alias, empty } of staged) {
      if (!empty?.length) continue;
      const names = empty.map((name) => `"${name}"`).join(', ');
      notes.push({
        message: `${empty.length === 1 ? `The column ${names} of "${alias}" has` : `The columns ${names} of "${alias}" have`} no value at all here.`,
      });
    }
  }
  if (!check.rule) throw ruleProblem(check.errors);
  const said = check.warnings.map(({ message, hint }): Note => ({ message: hint ? `${message} ${hint}` : message }));
  return { rule: check.rule, warnings: [...notes, ...said], staged };
}

function checkStaged(matchSql: string, sides: readonly [StagedSide, StagedSide], staged: readonly StagedSource[]) {
  const side = (index: 0 | 1) => ({
    alias: staged[index]!.alias,
    primary_key: [...sides[index].primaryKey],
    columns: staged[index]!.columns,
  });
  return checkRule({ match_sql: matchSql, left: side(0), right: side(1) });
}

interface Open {
  side: 0 | 1;
  name: string;
}

interface Fitted {
  staged: [StagedSource, StagedSource];
  check: RuleCheck;
}

/**
 * Chooses the types of the empty columns one after the other, each so that the rule is understood furthest; two at once where
 * that does not help, since two empty columns may be compared with each other. Gives the best that was found.
 */
async function fitEmptyColumns(
  matchSql: string,
  sides: readonly [StagedSide, StagedSide],
  first: RuleCheck,
): Promise<Fitted> {
  const names = tokensOf(matchSql).map(({ text }) => text.replaceAll('"', ''));
  const open: Open[] = [];
  for (const side of [0, 1] as const) {
    for (const name of await emptyTextColumns(sides[side].staged)) {
      if (names.some((token) => same(token, name))) open.push({ side, name });
    }
  }
  const used = sides.flatMap(({ staged }) => usedTypes(staged, names));
  const types = [...new Set([...used, ...USUAL_TYPES])];
  const [left, right] = [open.filter(({ side }) => side === 0), open.filter(({ side }) => side === 1)];
  const pairs = left.flatMap((one) => right.map((other) => [one, other]));
  const moves = [...open.map((one) => [one]), ...pairs].flatMap((columns) => types.map((type) => ({ columns, type })));
  let best: Fitted = { staged: [sides[0].staged, sides[1].staged], check: first };
  let checks = 0;
  for (let at = 0; at < moves.length && checks < MOST_CHECKS; at++, checks++) {
    const { columns, type } = moves[at]!;
    const staged = [...best.staged] as [StagedSource, StagedSource];
    for (const { side, name } of columns) staged[side] = withType(staged[side], name, type);
    const check = await checkStaged(matchSql, sides, staged);
    if (check.rule) return { staged, check };
    if (progressOf(check) > progressOf(best.check)) {
      best = { staged, check };
      at = -1;
    }
  }
  return best;
}

/** How far a rule was understood: to a fault that no type mends, to fewer faults of types, to one that stands further behind. */
function progressOf({ errors }: RuleCheck): number {
  const ofTypes = errors.filter(({ message }) => /types do not fit|compared with/.test(message)).length;
  return (errors[0]?.position ?? 0) - ofTypes * 1_000_000;
}

function usedTypes(staged: StagedSource, names: readonly string[]): ColumnType[] {
  return staged.columns.filter(({ name }) => names.some((token) => same(token, name))).map(({ type }) => type);
}

function withType(staged: StagedSource, name: string, type: ColumnType): StagedSource {
  const columns = staged.columns.map((column): ColumnInfo => (column.name === name ? { ...column, type } : column));
  const empty = [...(staged.empty ?? []).filter((one) => one !== name), ...(type === 'text' ? [] : [name])];
  return { ...staged, columns, empty };
}

/** Text columns of which the file holds no value. */
async function emptyTextColumns(staged: StagedSource): Promise<string[]> {
  const texts = staged.columns.filter(({ type }) => type === 'text').map(({ name }) => name);
  if (staged.rows === 0 || texts.length === 0) return texts;
  await using engine = await Engine.open({ memoryBytes: 128 << 20, threads: 1 });
  const counts = texts.map((name) => `count(${quoteIdentifier(name)}) = 0`).join(', ');
  const [row] = await engine.rows(`SELECT ${counts} FROM read_parquet(${quoteLiteral(staged.path)})`);
  return texts.filter((_, index) => row?.[index] === true);
}
