import type { Note, Operation, UploadOptions } from '@kalla/core';
import { columnsInstead, ConnectorError } from '@kalla/core';
import { cut } from './cell-fault.ts';
import { decideColumn, misfitNote, type ColumnFacts, type Decision, type Misfit } from './decide.ts';
import { mixedNumbers, mixedNumbersNote, type MixedNumbers } from './mixed-numbers.ts';
import type { Engine } from './engine.ts';
import { KEY_NAME } from './keys.ts';
import { partOf } from './part-of.ts';
import { cheapTests, fineTests, testAggregates, testSql, type TestName } from './tests.ts';
import type { PinnedColumn, TextRows } from './types.ts';

const SAMPLE_ROWS = 2_000;
/** Columns whose cells are looked at together: half a million cells at the most. */
const SAMPLE_COLUMNS = 256;
const KEY_ROWS = 20_000;
/** Columns that are looked at as keys before all cells are counted. A key stands far to the left, or is named as one. */
const KEY_COLUMNS = 32;
/** Distinct counts of one query: each holds some megabytes, however few the rows. */
const KEY_COUNTS = 8;
/** Tests of one pass over the rows; each takes some 350 KB. */
const PASS_TESTS = 300;
/** Tests that a finer test counts as: what is counted of its cells is a dozen of expressions. */
const FINE_WEIGHT = 10;
/** Above this only the most likely key is counted: each column takes a tenth of the whole pass and much memory. */
const KEY_BYTES = 32 << 20;

/** Tests of which most cells pass at least one where a column is written in two ways. */
const TWINS: Partial<Record<TestName, TestName>> = {
  'number.': 'number,',
  'number,': 'number.',
  dmy: 'mdy',
  mdy: 'dmy',
};

/** Facts that are texts, and may be absent. */
const TEXTS = new Set(['currency', 'other']);

/** The first pass over all cells, as a share of the work: most files need no second one. */
const FIRST_PASS = 0.95;

/** Above this no key is looked for: the count would take 300 MB more memory than all the rest. */
const NO_KEY_BYTES = 1 << 30;

/** What is known of a file after every cell was looked at. */
export interface Profile {
  columns: PinnedColumn[];
  nulls: number[];
  rowCount: number;
  /** Indexes of columns whose text never repeats and is never empty. */
  unique: number[];
  notes: Note[];
}

/**
 * Decides the type of every column over the whole file.
 *
 * A sample of rows only rules out: a type that does not fit it cannot fit the file. What is left is counted over all
 * cells, the cheap spellings first; only columns that fail go through a second pass with the finer tests.
 * `operation.onProgress` is told how much of that is done.
 *
 * @param known Decisions by column that the file itself has made, such as an Excel sheet whose cells carry their type.
 */
export async function profile(
  rows: TextRows,
  options: UploadOptions,
  engine: Engine,
  operation: Operation,
  known: readonly (Decision | null | undefined)[] = [],
): Promise<Profile> {
  const { names } = rows;
  checkForced(options, names);
  const all: TestName[] = [...cheapTests, ...fineTests];
  const sample = await measureSample(engine, rows, all, operation);
  const plausible = await keyColumns(rows, sample, engine, operation);
  const first = names.map((name, index) => {
    const facts = sample.columns[index] as ColumnFacts;
    const forced = options.columns?.[name] !== undefined;
    return {
      tests: known[index] ? [] : forced ? all : testsFor(facts),
      unique: plausible.includes(index),
      scale: facts.scale,
    };
  });
  const full = await measure(engine, rows.sql, first, partOf(operation, 0, FIRST_PASS));
  const second = names.map((name, index) => {
    const facts = full.columns[index] as ColumnFacts;
    const sampled = sample.columns[index] as ColumnFacts;
    const asked = first[index]?.tests ?? [];
    const settled =
      known[index] ||
      options.columns?.[name] !== undefined ||
      asked.some((test) => facts.filled > 0 && facts.tests[test]?.n === facts.filled);
    // The sample saw one spelling only, and much of the file has another: two files in one, perhaps. Both are counted then.
    const turned = asked.every((test) => (facts.tests[test]?.n ?? 0) < facts.filled * 0.9);
    const near = (test: TestName) => nearlyFits(test, sampled);
    const either = (test: TestName) => turned && TWINS[test] !== undefined && [test, TWINS[test]].some(near);
    const rest = settled ? [] : fineTests.filter((test) => either(test) || (!asked.includes(test) && near(test)));
    return { tests: rest, unique: false, scale: sampled.scale };
  });
  if (second.some(({ tests }) => tests.length > 0)) {
    const finer = await measure(engine, rows.sql, second, partOf(operation, FIRST_PASS, 1));
    full.columns.forEach((facts, index) => {
      if (!second[index]?.tests.length) return;
      facts.filled = finer.columns[index]?.filled ?? facts.filled;
      facts.numbers = finer.columns[index]?.numbers ?? facts.numbers;
      Object.assign(facts.tests, finer.columns[index]?.tests);
    });
  }
  const convention = decimalConvention(full.columns);
  const decisions = full.columns.map(
    (facts, index): Decision => known[index] ?? decideColumn(names[index] as string, facts, options, convention),
  );
  const misfits: (Note | undefined)[] = [];
  for (const [index, { misfit, mixed }] of decisions.entries()) {
    misfits.push(
      mixed
        ? await firstOfBoth(engine, rows, index, mixed, operation)
        : misfit && (await firstMisfit(engine, rows, index, misfit, operation)),
    );
  }
  return {
    columns: decisions.map(({ type, parse, notes }, index) => {
      const why = misfits[index] ?? (type === 'text' ? notes.find(({ choice }) => choice) : undefined);
      return { name: names[index] as string, type, parse, ...(why ? { why } : {}) };
    }),
    nulls: full.columns.map((facts, index) =>
      known[index] || decisions[index]?.type === 'text' ? full.rowCount - facts.present : full.rowCount - facts.filled,
    ),
    rowCount: full.rowCount,
    unique: plausible.filter((index) => full.rowCount > 0 && full.columns[index]?.distinct === full.rowCount),
    notes: decisions.flatMap(({ notes }, index) => {
      const misfit = misfits[index];
      return misfit ? [...notes, misfit] : notes;
    }),
  };
}

/** Whether the cell of a column passes a test, never NULL. */
const fits = (test: TestName, index: number) => `coalesce(${testSql(test, `c${index}`, 0)}, FALSE)`;

/** Says which cell is the first that fails a test. It reads the rows once more, up to that cell. */
async function firstMisfit(
  engine: Engine,
  rows: TextRows,
  index: number,
  misfit: Misfit,
  operation: Operation,
): Promise<Note | undefined> {
  const twin = misfit.noun === 'number' ? TWINS[misfit.test] : undefined;
  const first = await firstCell(
    engine,
    rows,
    index,
    `NOT ${fits(misfit.test, index)}`,
    operation,
    twin && fits(twin, index),
  );
  if (!first) return undefined;
  const both = first.told && (await firstOfBoth(engine, rows, index, { ...misfit, neither: 0 }, operation));
  if (both) return both;
  return misfitNote(rows.names[index] as string, misfit, first.row, first.value);
}

/** Says where the first number with a decimal comma stands, and the first with a decimal point. */
async function firstOfBoth(
  engine: Engine,
  rows: TextRows,
  index: number,
  mixed: MixedNumbers,
  operation: Operation,
): Promise<Note | undefined> {
  const only = (test: TestName, not: TestName) =>
    firstCell(engine, rows, index, `${fits(test, index)} AND NOT ${fits(not, index)}`, operation);
  const point = await only('number.', 'number,');
  const comma = await only('number,', 'number.');
  return point && comma && mixedNumbersNote(rows.names[index] as string, mixed, point, comma);
}

/** The first filled cell of which a condition is true, its row from 1, and what `tell` says of it. */
async function firstCell(
  engine: Engine,
  rows: TextRows,
  index: number,
  condition: string,
  operation: Operation,
  tell = 'FALSE',
): Promise<{ row: number; value: string; told: boolean } | undefined> {
  const cell = `c${index}`;
  const [first] = await engine.rows(
    `SELECT n, ${cell} AS cell, ${tell} AS told FROM (SELECT row_number() OVER () AS n, ${cell} FROM ${rows.sql}) WHERE trim(${cell}) <> '' AND ${condition} LIMIT 1`,
    operation,
  );
  return first && { row: Number(first.n), value: cut(String(first.cell), 100), told: first.told === true };
}

interface Question {
  tests: readonly TestName[];
  unique: boolean;
  /** Decimals of the `decimal` test. */
  scale: number;
}

/**
 * Runs the tests of every column: in one pass where they are few enough, else in several over some columns each. DuckDB
 * holds a vector for every step of every expression, so a query that asks everything of hundreds of columns takes gigabytes.
 */
async function measure(
  engine: Engine,
  from: string,
  questions: readonly Question[],
  operation: Operation,
): Promise<{ rowCount: number; columns: ColumnFacts[] }> {
  let rowCount = 0;
  const columns: ColumnFacts[] = [];
  for (let begin = 0; begin < questions.length || begin === 0;) {
    let end = begin;
    for (let weight = 0; end < questions.length; end++) {
      for (const test of questions[end]?.tests ?? []) weight += isCheap(test) ? 1 : FINE_WEIGHT;
      if (end > begin && weight > PASS_TESTS) break;
    }
    const pass = partOf(operation, begin / questions.length, end / questions.length);
    const some = await measureSome(engine, from, questions.slice(begin, end), begin, pass);
    rowCount = some.rowCount;
    columns.push(...some.columns);
    begin = end;
  }
  return { rowCount, columns };
}

/** Runs the tests of the columns from `offset` on in one pass. */
async function measureSome(
  engine: Engine,
  from: string,
  questions: readonly Question[],
  offset: number,
  operation: Operation,
): Promise<{ rowCount: number; columns: ColumnFacts[] }> {
  const list = ['count(*) AS total'];
  const fields: string[][] = questions.map(() => []);
  const ask = (index: number, field: string, sql: string) => {
    list.push(`${sql} AS "${index}/${field}"`);
    fields[index]?.push(field);
  };
  const projected = questions.map((_, index) => `c${offset + index}`);
  questions.forEach(({ tests, unique, scale }, index) => {
    const cell = `c${offset + index}`;
    ask(index, 'present', `count(${cell})`);
    // trim costs as much as a test. A blank cell fails the cheap ones, and then the finer ones leave it out.
    const trims = tests.some((test) => (fineTests as readonly TestName[]).includes(test));
    if (tests.length) ask(index, 'filled', `count_if(${trims ? `trim(${cell})` : cell} <> '')`);
    if (unique) ask(index, 'distinct', `count(DISTINCT hash(${cell})) FILTER (WHERE ${cell} <> '')`);
    tests.forEach((test, at) => {
      // Three decimals may be thousands, and none is the integer test's business.
      if (test === 'decimal' && !decimalScale(scale)) return;
      const fit = `fit_${index}_${at}`;
      projected.push(`${testSql(test, cell, scale)} AS ${fit}`);
      for (const [field, sql] of Object.entries(testAggregates(test, cell, fit))) ask(index, `${test}/${field}`, sql);
    });
    const [point, comma] = [tests.indexOf('number.'), tests.indexOf('number,')];
    if (point >= 0 && comma >= 0) ask(index, 'numbers', `count_if(fit_${index}_${point} OR fit_${index}_${comma})`);
  });
  const row = await engine.row(
    `SELECT ${list.join(', ')} FROM (SELECT ${projected.join(', ')} FROM ${from})`,
    operation,
    operation.onProgress,
  );
  const columns = questions.map(({ scale }, index): ColumnFacts => {
    const facts: ColumnFacts = { present: 0, filled: 0, distinct: null, scale, tests: {} };
    for (const field of fields[index] ?? []) {
      const value = row[`${index}/${field}`];
      // DuckDB's count_if over no rows at all is NULL.
      const plain =
        typeof value === 'bigint'
          ? Number(value)
          : ((value ?? (TEXTS.has(field.split('/')[1] ?? '') ? null : 0)) as string | number | null);
      const [test, part] = field.split('/') as [string, string | undefined];
      if (part) ((facts.tests[test as TestName] ??= { n: 0 }) as unknown as Record<string, unknown>)[part] = plain;
      else (facts as unknown as Record<string, unknown>)[test] = plain;
    }
    return facts;
  });
  return { rowCount: Number(row.total), columns };
}

/**
 * Counts for each column how many cells of the first rows pass each test. The cells of many columns stand one below the other, so
 * that every test is there once: asked of each column by itself, a thousand columns took ten seconds, whatever their rows.
 */
async function measureSample(
  engine: Engine,
  rows: TextRows,
  tests: readonly TestName[],
  operation: Operation,
): Promise<{ rowCount: number; columns: ColumnFacts[] }> {
  const columns: ColumnFacts[] = [];
  let rowCount = 0;
  for (let begin = 0; begin < rows.names.length || begin === 0; begin += SAMPLE_COLUMNS) {
    const count = Math.min(SAMPLE_COLUMNS, rows.names.length - begin);
    const cells = Array.from({ length: count }, (_, index) => `c${begin + index}`).join(', ');
    const long = `(SELECT unnest([${cells}]) AS c, unnest(range(${count})) AS i FROM (SELECT * FROM ${rows.sql} LIMIT ${SAMPLE_ROWS}))`;
    const measured = await engine.rows(
      `SELECT i, max(length(regexp_extract(c, '^-?[0-9]+[.]([0-9]+)$', 1))) AS scale FROM ${long} GROUP BY i`,
      operation,
    );
    const scales = new Array<number>(count).fill(0);
    for (const { i, scale } of measured) scales[Number(i)] = Number(scale ?? 0);
    // Each number of decimals has a test of its own, and is asked of the columns that have so many.
    const different = [...new Set(scales)].filter(decimalScale);
    const fits = tests.flatMap((test) => {
      if (test !== 'decimal') return [`${testSql(test, 'c', 0)} AS "${test}"`];
      const of = different.map((scale) => `WHEN ${scale} THEN ${testSql(test, 'c', scale)}`);
      return of.length > 0 ? [`CASE [${scales.join(', ')}][i + 1] ${of.join(' ')} END AS "${test}"`] : [];
    });
    const asked = tests.filter((test) => test !== 'decimal' || different.length > 0);
    const counted = await engine.rows(
      `SELECT i, count(*) AS total, count(c) AS present, count_if(trim(c) <> '') AS filled, ` +
        `count_if("number." OR "number,") AS numbers, ${asked.map((test) => `count_if("${test}") AS "n ${test}"`).join(', ')} ` +
        `FROM (SELECT i, c, ${fits.join(', ')} FROM ${long}) GROUP BY i`,
      operation,
    );
    // Over no rows at all there is no group.
    const byColumn = new Map(counted.map((row) => [Number(row.i), row]));
    rowCount = Number(counted[0]?.total ?? 0);
    columns.push(
      ...scales.map((scale, index): ColumnFacts => {
        const number = (field: string) => Number(byColumn.get(index)?.[field] ?? 0);
        const own = tests.filter((test) => test !== 'decimal' || decimalScale(scale));
        return {
          present: number('present'),
          filled: number('filled'),
          distinct: null,
          scale,
          numbers: number('numbers'),
          tests: Object.fromEntries(own.map((test) => [test, { n: number(`n ${test}`) }])),
        };
      }),
    );
  }
  return { rowCount, columns };
}

function isCheap(test: TestName): boolean {
  return (cheapTests as readonly TestName[]).includes(test);
}

function decimalScale(scale: number): boolean {
  return scale > 0 && scale !== 3 && scale <= 12;
}

function possible(test: TestName, facts: ColumnFacts): boolean {
  const found = facts.tests[test];
  return found !== undefined && found.n === facts.filled;
}

/**
 * A finer test that at least nine of ten sampled cells pass is counted too, to say which cells keep a column from its type. So
 * are both orders of day and month where neither is followed, and a cell mostly passes one of the two; and both decimal signs
 * where most cells are numbers with one of them, and neither does for all of those.
 */
function nearlyFits(test: TestName, facts: ColumnFacts): boolean {
  const n = (one: TestName) => facts.tests[one]?.n ?? 0;
  const most = facts.filled * 0.9;
  if (n(test) >= most) return true;
  if (test === 'number.' || test === 'number,') return mixedNumbers(facts) !== null;
  const mixed = (test === 'dmy' || test === 'mdy') && n(test) > 0;
  return mixed && Math.max(n('dmy'), n('mdy')) < most && n('dmy') + n('mdy') >= most;
}

function testsFor(facts: ColumnFacts): TestName[] {
  const cheap = cheapTests.filter((test) => possible(test, facts));
  if (facts.filled === 0) return ['integer'];
  if (cheap.length) return [cheap[0] as TestName];
  return fineTests.filter((test) => nearlyFits(test, facts));
}

/** The decimal character that the columns of the file prove, or null where none or both are proven. */
function decimalConvention(columns: readonly ColumnFacts[]): '.' | ',' | null {
  let point = false;
  let comma = false;
  for (const { filled, tests } of columns) {
    if (!filled) continue;
    const asPoint = tests['number.'];
    const asComma = tests['number,'];
    if (tests.decimal?.n === filled) point = true;
    else if (asPoint?.n === filled && asComma?.n !== filled && asPoint.marks) point = true;
    else if (asComma?.n === filled && asPoint?.n !== filled && asComma.marks) comma = true;
  }
  return point === comma ? null : point ? '.' : ',';
}

/** Columns that may be keys: no value twice and none empty in many rows from the top; the file as a whole is counted later. */
async function keyColumns(
  rows: TextRows,
  sample: { rowCount: number; columns: ColumnFacts[] },
  engine: Engine,
  operation: Operation,
): Promise<number[]> {
  if (rows.bytes > NO_KEY_BYTES) return [];
  const possible = sample.columns.flatMap((facts, index) =>
    sample.rowCount > 0 && facts.filled === sample.rowCount && !valueLike(facts) ? [index] : [],
  );
  if (possible.length === 0) return [];
  const rank = (index: number) => (KEY_NAME.test(rows.names[index] ?? '') ? 0 : 1);
  const likely = possible.sort((a, b) => rank(a) - rank(b) || a - b).slice(0, KEY_COLUMNS);
  const unique: number[] = [];
  for (let begin = 0; begin < likely.length; begin += KEY_COUNTS) {
    const some = likely.slice(begin, begin + KEY_COUNTS);
    const row = await engine.row(
      `SELECT ${some.map((index) => `count(DISTINCT c${index}) = count(*) AS u${index}`).join(', ')} FROM (SELECT * FROM ${rows.sql} LIMIT ${KEY_ROWS})`,
      operation,
    );
    unique.push(...some.filter((index) => row[`u${index}`] === true));
  }
  return unique.slice(0, rows.bytes <= KEY_BYTES ? 8 : 1);
}

/** Amounts and dates are unique by chance only. */
function valueLike(facts: ColumnFacts): boolean {
  const tests: TestName[] = [
    'decimal',
    'iso-date',
    'iso-timestamp',
    'iso-timestamptz',
    'number.',
    'number,',
    'dmy',
    'mdy',
    'ymd',
  ];
  return facts.tests.integer?.n !== facts.filled && tests.some((test) => facts.tests[test]?.n === facts.filled);
}

function checkForced(options: UploadOptions, names: readonly string[]): void {
  for (const name of Object.keys(options.columns ?? {})) {
    if (names.includes(name)) continue;
    throw new ConnectorError('config', `There is no column "${name}" in the file. ${columnsInstead([name], names)}`, {
      field: 'options.columns',
    });
  }
}
