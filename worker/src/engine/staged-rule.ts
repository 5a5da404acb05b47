import { quoteIdentifier, quoteLiteral, type ColumnInfo, type ColumnType, type Note, type Rule } from '@kalla/core';
import { checkRule, type CheckedRule, type RuleCheck } from './check-rule.ts';
import { same } from './column-scope.ts';
import { Engine } from './engine.ts';
import { ruleProblem } from './rule-problem.ts';
import { tokensOf } from './sql-text.ts';
import type { RuleIssue } from './sandbox.ts';
import type { StagedSource } from './staged-source.ts';

/** Tried for a column without a value, after the types of the other source's columns. */
const USUAL_TYPES: readonly ColumnType[] = ['decimal(18,2)', 'date', 'int64', 'timestamp', 'boolean'];
/** A rule names few columns that are empty; beyond this the rule's own error is the better answer. */
const MOST_CHECKS = 200;

export interface StagedSide {
  staged: StagedSource;
  primaryKey: readonly string[];
}

/** A rule that is understood, and the sources as it reads them. */
export interface StagedRule {
  rule: CheckedRule;
  warnings: Note[];
  staged: [StagedSource, StagedSource];
}

/**
 * Checks a rule against two staged sources and gives them as the rule reads them.
 *
 * A text file tells the type of a column by its cells. A file without rows, or a column that is empty this month, tells none
 * and is staged as text, so that `a.fee = b.fee` would fail for want of a fee. Nothing can match there whatever the type is:
 * such a column is read in the type that the rule asks for. A reference that has nothing but digits this month is staged as a
 * number; where the clicks compare it with a text, it is read as one.
 *
 * @param clicks What `matchSql` was made of, where that is known.
 * @throws ProblemError `match-sql` that says everything that is wrong with the rule.
 */
export async function ruleForStaged(
  matchSql: string,
  sides: readonly [StagedSide, StagedSide],
  clicks?: Rule,
): Promise<StagedRule> {
  let staged: [StagedSource, StagedSource] = [sides[0].staged, sides[1].staged];
  let check = await checkStaged(matchSql, sides, staged);
  if (!check.rule) ({ staged, check } = await fitColumns(matchSql, sides, check, clicks));
  const notes = staged.flatMap((source, index) => [
    ...(source.rows === 0 ? [{ message: `"${source.alias}" has 0 rows.`, count: 0 }] : []),
    ...recastNotes(sides[index as 0 | 1].staged, source),
  ]);
  if (!check.rule) throw ruleProblem([...check.errors, ...unlikeIssues(matchSql, staged, check.errors)]);
  const said = check.warnings.map(({ message, hint }): Note => ({ message: hint ? `${message} ${hint}` : message }));
  return { rule: check.rule, warnings: [...notes, ...said], staged };
}

function recastNotes(before: StagedSource, { alias, recast, rows }: StagedSource): Note[] {
  const names = (list: readonly string[]) => list.map((name) => `"${name}"`).join(', ');
  const held = (name: string) => before.columns.find((column) => column.name === name)?.type;
  const empty = recast?.filter((name) => held(name) === 'text') ?? [];
  const digits = recast?.filter((name) => held(name) !== 'text') ?? [];
  const notes: Note[] = [];
  if (empty.length > 0 && rows > 0)
    notes.push({
      message: `${empty.length === 1 ? `The column ${names(empty)} of "${alias}" has` : `The columns ${names(empty)} of "${alias}" have`} no value at all here.`,
    });
  if (digits.length > 0)
    notes.push({
      message: `${digits.length === 1 ? `The column ${names(digits)} of "${alias}" holds` : `The columns ${names(digits)} of "${alias}" hold`} nothing but digits here, and the rule compares texts: read as text.`,
    });
  return notes;
}

/**
 * What became another kind of column since the recipe was made is the likeliest reason for a rule that does not fit; so is a
 * column that a few of its cells make a text, or that is one until somebody says how it is read. What the
 * connector says of it is said.
 */
function unlikeIssues(matchSql: string, staged: readonly StagedSource[], errors: readonly RuleIssue[]): RuleIssue[] {
  const aboutTypes = errors.some(isAboutTypes);
  const named = namesOf(matchSql);
  const isNamed = ({ name }: { name: string }) => named.some((token) => same(token, name));
  return staged.flatMap(({ alias, columns, unlike = [], notes }) => {
    const whyText = (column: string) => {
      const note = notes.find((one) => same(one.column ?? '', column));
      return note && [note.message, ...(note.choice ? [howToChoose(note.choice)] : [])].join(' ');
    };
    const changed = unlike.filter(isNamed).map(({ name, was, is }) => ({
      message: `The column "${name}" of "${alias}" was read as ${inWords(was)} when the recipe was made and is ${inWords(is)} here.`,
      hint: whyText(name) ?? 'Look for cells that do not belong there.',
      field: name,
    }));
    const odd = columns
      .filter(
        (column) =>
          aboutTypes && column.type === 'text' && isNamed(column) && !unlike.some(({ name }) => name === column.name),
      )
      .flatMap(({ name }) => {
        const found = whyText(name);
        return found ? [{ message: `In "${alias}": ${found}`, field: name }] : [];
      });
    return [...changed, ...odd];
  });
}

/** @example howToChoose({ date_order: ['dmy', 'mdy'] }) // 'Say it in the options of the file: {"date_order":"dmy"} or …' */
function howToChoose(choice: NonNullable<Note['choice']>): string {
  const ways = Object.entries(choice).flatMap(([option, values]) =>
    values.map((value) => JSON.stringify({ [option]: value })),
  );
  return `Say it in the options of the file, or of the source in the recipe: ${ways.join(' or ')}.`;
}

function inWords(type: ColumnType): string {
  if (type === 'text' || type === 'date') return type === 'text' ? 'text' : 'a date';
  if (type.startsWith('timestamp')) return 'a date with time';
  return /^(u?int|float|decimal)/.test(type) ? 'a number' : type;
}

const namesOf = (sql: string) => tokensOf(sql).map(({ text }) => text.replaceAll('"', ''));

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
  /** Types that it may be read in. */
  types: readonly ColumnType[];
}

interface Fitted {
  staged: [StagedSource, StagedSource];
  check: RuleCheck;
}

/** Columns that get another type together, because one alone would not fit the other. */
type Move = readonly { side: 0 | 1; name: string; type: ColumnType }[];

/**
 * Chooses the types of the open columns: first as the clicks say, then one after the other, each so that the rule is understood
 * furthest; two at once where that does not help, since two empty columns may be compared with each other. Gives the best that
 * was found.
 */
async function fitColumns(
  matchSql: string,
  sides: readonly [StagedSide, StagedSide],
  first: RuleCheck,
  clicks: Rule | undefined,
): Promise<Fitted> {
  const names = namesOf(matchSql);
  const used = sides.flatMap(({ staged }) => usedTypes(staged, names));
  const types = [...new Set([...used, ...USUAL_TYPES])].filter((type) => type !== 'text');
  const empty: Open[] = [];
  for (const side of [0, 1] as const) {
    for (const name of await emptyTextColumns(sides[side].staged)) {
      if (names.some((token) => same(token, name))) empty.push({ side, name, types });
    }
  }
  const digits = clicks ? digitColumns(clicks, sides) : [];
  let best: Fitted = { staged: [sides[0].staged, sides[1].staged], check: first };
  let checks = 0;
  const tried = async (move: Move): Promise<'fits' | 'further' | 'no'> => {
    const staged = [...best.staged] as [StagedSource, StagedSource];
    for (const { side, name, type } of move) staged[side] = withType(staged[side], sides[side].staged, name, type);
    checks += 1;
    const check = await checkStaged(matchSql, sides, staged);
    if (!check.rule && progressOf(check) <= progressOf(best.check)) return 'no';
    best = { staged, check };
    return check.rule ? 'fits' : 'further';
  };
  const asText = digits.map(({ side, name }) => ({ side, name, type: 'text' as const }));
  const asClicked = clicks ? clickedTypes(clicks, sides, empty) : [];
  for (const move of [asText, asClicked, [...asText, ...asClicked]])
    if (move.length > 0 && (await tried(move)) === 'fits') return best;

  const open = [...empty, ...digits];
  const [left, right] = [open.filter(({ side }) => side === 0), open.filter(({ side }) => side === 1)];
  const pairs = left.flatMap((one) => right.map((other) => [one, other]));
  for (let found = true; found && checks < MOST_CHECKS;) {
    found = false;
    // What stands next to the fault is tried first: a rule with many empty columns names them all in its result.
    const near = distances(matchSql, best.check.errors[0]?.position);
    const moves = [...open.map((one) => [one]), ...pairs]
      .map((columns) => ({ columns, far: Math.max(...columns.map(({ name }) => near(name))) }))
      .sort((a, b) => a.far - b.far)
      .flatMap(({ columns }) =>
        [...new Set(columns.flatMap((column) => column.types))].map((type): Move =>
          columns.map(({ side, name }) => ({ side, name, type })),
        ),
      );
    for (const move of moves) {
      if (checks >= MOST_CHECKS) break;
      if (move.every(({ side, name, type }) => typeOf(best.staged[side], name) === type)) continue;
      const result = await tried(move);
      if (result === 'fits') return best;
      if (result === 'no') continue;
      found = true;
      break;
    }
  }
  return best;
}

/** Whole numbers that the clicks compare for equality: a reference that has nothing but digits in this file. */
function digitColumns(clicks: Rule, sides: readonly [StagedSide, StagedSide]): Open[] {
  return clicks.conditions.flatMap((condition) => {
    if (condition.kind !== 'equal') return [];
    return ([0, 1] as const).flatMap((side): Open[] => {
      const name = side === 0 ? condition.left : condition.right;
      const type = typeOf(sides[side].staged, name);
      return type && /^u?int/.test(type) ? [{ side, name, types: ['text'] }] : [];
    });
  });
}

const typeOf = (staged: StagedSource, name: string) => staged.columns.find((column) => column.name === name)?.type;

/** What the clicks compare an empty column as: the other side's type, or an amount, or a day. */
function clickedTypes(clicks: Rule, sides: readonly [StagedSide, StagedSide], empty: readonly Open[]): Move {
  return clicks.conditions.flatMap((condition) => {
    const names = [condition.left, condition.right] as const;
    const isEmpty = (side: 0 | 1) => empty.some((one) => one.side === side && one.name === names[side]);
    const found = ([0, 1] as const)
      .filter((side) => !isEmpty(side))
      .map((side) => typeOf(sides[side].staged, names[side]))[0];
    const usual = { amount: 'decimal(18,2)', date: 'date', equal: 'text' }[condition.kind];
    return ([0, 1] as const).filter(isEmpty).map((side) => ({ side, name: names[side], type: found ?? usual }));
  });
}

/** How far from a place in the rule a column is named next. */
function distances(sql: string, position: number | undefined): (name: string) => number {
  if (position === undefined) return () => 0;
  const tokens = tokensOf(sql);
  return (name) =>
    Math.min(
      ...tokens
        .filter(({ text }) => same(text.replaceAll('"', ''), name))
        .map(({ start }) => Math.abs(start - position)),
    );
}

const isAboutTypes = ({ message }: RuleIssue) => /types do not fit|compared with/.test(message);

/** How far a rule was understood: to a fault that no type mends, to fewer faults of types, to one that stands further behind. */
function progressOf({ errors }: RuleCheck): number {
  const ofTypes = errors.filter(isAboutTypes).length;
  return (errors[0]?.position ?? 0) - ofTypes * 1_000_000;
}

function usedTypes(staged: StagedSource, names: readonly string[]): ColumnType[] {
  return staged.columns.filter(({ name }) => names.some((token) => same(token, name))).map(({ type }) => type);
}

function withType(staged: StagedSource, before: StagedSource, name: string, type: ColumnType): StagedSource {
  const columns = staged.columns.map((column): ColumnInfo => (column.name === name ? { ...column, type } : column));
  const held = before.columns.find((column) => column.name === name)?.type;
  const recast = [...(staged.recast ?? []).filter((one) => one !== name), ...(type === held ? [] : [name])];
  return { ...staged, columns, recast };
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
