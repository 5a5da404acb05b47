import {
  columnTypeSchema,
  ConnectorError,
  decimalOf,
  type ColumnType,
  type Note,
  type UploadOptions,
} from '@kalla/core';
import { mixedNumbers, type MixedNumbers } from './mixed-numbers.ts';
import { isCurrency } from './number-text.ts';
import type { TestName } from './tests.ts';
import type { DateOrder, Parse } from './types.ts';

/** Counts of one test; which of the fields are there depends on the test. */
export interface TestFacts {
  n: number;
  scale?: number | null;
  whole?: number | null;
  marks?: number;
  currencies?: number;
  currency?: string | null;
  credit?: number;
  spaced?: number;
  shortest?: number | null;
  longest?: number | null;
  short?: number;
  /** A cell that is no date in this order. */
  other?: string | null;
}

/** Counts over all cells of one column. */
export interface ColumnFacts {
  /** Cells that are not NULL. */
  present: number;
  /** Cells with text. */
  filled: number;
  distinct: number | null;
  /** Decimals that the `decimal` test was run with. */
  scale: number;
  /** Cells that are a number with a decimal point, with a decimal comma, or either way; where both tests were run. */
  numbers?: number;
  tests: Partial<Record<TestName, TestFacts>>;
}

/** The type of a column, how its text is read, and what has to be said about it. */
export interface Decision {
  type: ColumnType;
  parse: Parse;
  notes: Note[];
  /** The test that all but some cells pass; those kept the column from its type. */
  misfit?: Misfit;
  /** Its numbers are written in two ways, which kept the column from its type. */
  mixed?: MixedNumbers;
}

/** The cells that keep a column from a type. */
export interface Misfit {
  test: TestName;
  /** What they are not. */
  noun: 'number' | 'date';
  count: number;
  /** Filled cells of the column. */
  of: number;
}

const TEXT: Pick<Decision, 'type' | 'parse'> = { type: 'text', parse: { kind: 'text' } };

/** Chooses the type that every filled cell of the column survives; text where there is none, and where two would differ. */
export function decideColumn(
  name: string,
  facts: ColumnFacts,
  options: UploadOptions,
  convention: '.' | ',' | null,
): Decision {
  const forced = options.columns?.[name];
  if (forced !== undefined) return decideForced(name, forced, facts, options);
  if (facts.filled === 0) return { ...TEXT, notes: [] };
  const fits = (test: TestName) => facts.tests[test]?.n === facts.filled;
  if (fits('integer')) return { type: 'int64', parse: { kind: 'integer' }, notes: [] };
  if (fits('decimal') && options.decimal !== ',') {
    const type = decimalType(facts.scale, (facts.tests.decimal?.longest ?? 0) - 1 - facts.scale);
    if (type) return { type, parse: { kind: 'decimal' }, notes: [] };
  }
  if (fits('iso-date')) return { type: 'date', parse: { kind: 'iso-date' }, notes: [] };
  if (fits('iso-timestamp')) return { type: 'timestamp', parse: { kind: 'iso-timestamp' }, notes: [] };
  if (fits('iso-timestamptz')) {
    return {
      type: 'timestamptz',
      parse: { kind: 'iso-timestamptz' },
      notes: [{ column: name, message: 'Times are kept as instants in UTC.' }],
    };
  }
  if (fits('boolean')) return { type: 'boolean', parse: { kind: 'boolean' }, notes: [] };
  return decideNumber(name, facts, options, convention) ?? decideDate(name, facts, options) ?? leftAsText(name, facts);
}

function decideNumber(
  name: string,
  facts: ColumnFacts,
  options: UploadOptions,
  convention: '.' | ',' | null,
): Decision | null {
  const point = facts.tests['number.'];
  const comma = facts.tests['number,'];
  const asPoint = point?.n === facts.filled && options.decimal !== ',';
  const asComma = comma?.n === facts.filled && options.decimal !== '.';
  if (!asPoint && !asComma) return null;
  const notes: Note[] = [];
  let decimal: '.' | ',' = asPoint ? '.' : ',';
  if (asPoint && asComma && point.marks) {
    if (!convention) {
      return {
        ...TEXT,
        notes: [
          {
            column: name,
            message: `In column "${name}" the sign between the digits may divide thousands or decimals, and no cell tells which. It is kept as text until you choose.`,
            choice: { decimal: ['.', ','] },
            count: point.marks,
          },
        ],
      };
    }
    decimal = convention;
    notes.push({
      column: name,
      message: `Column "${name}" does not tell whether "${convention === '.' ? '.' : ','}" is its decimal sign; the other columns of the file do.`,
      choice: { decimal: ['.', ','] },
    });
  }
  const found = (decimal === '.' ? point : comma) as TestFacts;
  if (looksLikeIdentifier(found, facts)) {
    return {
      ...TEXT,
      notes: [
        {
          column: name,
          message: `Column "${name}" is kept as text: its digits are grouped like a number of an account or a person.`,
        },
      ],
    };
  }
  if (found.currency && !isCurrency(found.currency)) return null;
  if ((found.currencies ?? 0) > 1) {
    return {
      ...TEXT,
      notes: [
        {
          column: name,
          message: `Column "${name}" is kept as text: its cells carry ${found.currencies} different currencies.`,
        },
      ],
    };
  }
  if (found.currency)
    notes.push({ column: name, message: `"${found.currency}" is left out of the values of "${name}".` });
  if (found.credit) {
    notes.push({
      column: name,
      message: `In column "${name}" DR is read as minus and CR as plus.`,
      count: found.credit,
    });
  }
  const scale = found.scale ?? 0;
  const whole = found.whole ?? 0;
  const type: ColumnType | null = scale === 0 && whole <= 18 ? 'int64' : decimalType(scale, whole);
  if (!type) {
    return {
      ...TEXT,
      notes: [{ column: name, message: `Column "${name}" is kept as text: its numbers have more than 38 digits.` }],
    };
  }
  return { type, parse: { kind: 'number', decimal, ...(found.currency ? { currency: found.currency } : {}) }, notes };
}

/** Only whole numbers with blanks between groups, all of one length: that is how accounts and persons are numbered. */
function looksLikeIdentifier(found: TestFacts, facts: ColumnFacts): boolean {
  return found.spaced === facts.filled && found.shortest === found.longest && facts.filled > 1;
}

function decideDate(name: string, facts: ColumnFacts, options: UploadOptions): Decision | null {
  const fitting = (['ymd', 'dmy', 'mdy'] as const).filter((order) => facts.tests[order]?.n === facts.filled);
  const allowed = options.date_order
    ? fitting.filter((order) => order === options.date_order || order === 'ymd')
    : fitting;
  const order = allowed[0];
  if (!order) return null;
  if (allowed.length > 1) {
    return {
      ...TEXT,
      notes: [
        {
          column: name,
          message: `In column "${name}" no date tells whether the day or the month comes first. It is kept as text until you choose.`,
          choice: { date_order: allowed },
          count: facts.filled,
        },
      ],
    };
  }
  return { type: 'date', parse: { kind: 'date', order }, notes: shortYears(name, facts, order) };
}

function shortYears(name: string, facts: ColumnFacts, order: DateOrder): Note[] {
  const short = facts.tests[order]?.short;
  if (!short || order === 'ymd') return [];
  return [
    {
      column: name,
      message: `Years of two digits in column "${name}": 69 to 99 are read as 1969 to 1999, 00 to 68 as 2000 to 2068.`,
      count: short,
    },
  ];
}

/** Text; where almost all cells would have another type, with the cells that stand in the way. */
function leftAsText(name: string, facts: ColumnFacts): Decision {
  const mixed = mixedNumbers(facts);
  if (mixed) return { ...TEXT, notes: [], mixed };
  const candidates: [TestName, Misfit['noun']][] = [
    ['number.', 'number'],
    ['number,', 'number'],
    ['dmy', 'date'],
    ['mdy', 'date'],
    ['ymd', 'date'],
  ];
  const best = candidates
    .map(([test, noun]) => ({ test, facts: facts.tests[test], noun }))
    .filter(({ facts: found }) => found && found.n >= facts.filled * 0.9 && found.n < facts.filled)
    .sort((a, b) => (b.facts?.n ?? 0) - (a.facts?.n ?? 0))[0];
  if (!best?.facts) return { ...TEXT, notes: bothOrders(name, facts) };
  const { test, noun } = best;
  return { ...TEXT, notes: [], misfit: { test, noun, count: facts.filled - best.facts.n, of: facts.filled } };
}

/**
 * What is said of a column that some cells keep from a type: how many, and where the first of them stands.
 *
 * @param row 1-based, as in `_row`.
 * @param value The text of that cell, cut short.
 */
export function misfitNote(column: string, { noun, count, of }: Misfit, row: number, value: string): Note {
  const first = count === 1 ? `that in row ${row}` : `the first in row ${row}`;
  return {
    column,
    message: `Column "${column}" is kept as text: ${count} of ${of} cells ${count === 1 ? 'is' : 'are'} no ${noun}, ${first}: "${value}".`,
    count,
    row,
    value,
  };
}

/** A word on dates that are written in both orders: some that can only have the day first, others only the month. */
function bothOrders(name: string, facts: ColumnFacts): Note[] {
  const { dmy, mdy } = facts.tests;
  const [dayFirst, monthFirst] = [mdy?.other ?? '', dmy?.other ?? ''];
  const parts = (text: string) => (/^\s*(\d{1,2})[./-](\d{1,2})[./-]\d{2,4}\s*$/.exec(text) ?? []).slice(1).map(Number);
  const [first = 0, second = 13] = parts(dayFirst);
  const [other = 13, another = 0] = parts(monthFirst);
  if (!dmy?.n || !mdy?.n || first <= 12 || second > 12 || other > 12 || another <= 12) return [];
  return [
    {
      column: name,
      message: `Column "${name}" is kept as text: in "${dayFirst.trim()}" the day comes first, in "${monthFirst.trim()}" the month. Ask for a file whose dates are all written in one way, or match without this column.`,
      count: facts.filled - Math.max(dmy.n, mdy.n),
    },
  ];
}

/** The decimal type for so many digits, at least 12 wide; null where no type is wide enough. */
export function decimalType(scale: number, whole: number): ColumnType | null {
  const precision = Math.max(12, scale + Math.max(whole, 0));
  return precision > 38 ? null : `decimal(${precision},${scale})`;
}

function decideForced(name: string, forced: string, facts: ColumnFacts, options: UploadOptions): Decision {
  const wanted = forced.toLowerCase().replaceAll(' ', '');
  if (wanted === 'text') return { ...TEXT, notes: [] };
  const generic = wanted === 'number' || wanted === 'decimal' || wanted === 'integer';
  if (!generic && (!columnTypeSchema.safeParse(wanted).success || wanted === 'binary')) {
    throw new ConnectorError('config', `"${forced}" is no type that column "${name}" can be given.`, {
      field: 'options.columns',
      hint: 'Types are text, int64, decimal(12,2), date, timestamp, timestamptz, boolean, time, uuid, float64.',
    });
  }
  const ask = (what: string, option: string) =>
    new ConnectorError('config', `Column "${name}" can be read as ${forced} in two ways. ${what}`, {
      field: `options.${option}`,
    });
  if (wanted === 'date') {
    const n = (order: DateOrder) => facts.tests[order]?.n ?? 0;
    if (facts.tests['iso-date']?.n === facts.filled) return { type: 'date', parse: { kind: 'iso-date' }, notes: [] };
    if (!options.date_order && facts.filled > 0 && n('dmy') === facts.filled && n('mdy') === facts.filled) {
      throw ask('Say which comes first, the day or the month.', 'date_order');
    }
    const orders = (['ymd', 'dmy', 'mdy'] as const).filter(
      (order) => order === 'ymd' || !options.date_order || order === options.date_order,
    );
    const order = [...orders].sort((a, b) => n(b) - n(a))[0] ?? 'ymd';
    const isoMost = (facts.tests['iso-date']?.n ?? 0) >= n(order);
    return {
      type: 'date',
      parse: isoMost ? { kind: 'iso-date' } : { kind: 'date', order },
      notes: shortYears(name, facts, order),
    };
  }
  if (wanted === 'timestamp') return { type: wanted, parse: { kind: 'iso-timestamp' }, notes: [] };
  if (wanted === 'timestamptz') return { type: wanted, parse: { kind: 'iso-timestamptz' }, notes: [] };
  if (wanted === 'boolean') return { type: wanted, parse: { kind: 'boolean' }, notes: [] };
  if (!generic && !/^(u?int|float|decimal)/.test(wanted)) return { type: wanted, parse: { kind: 'cast' }, notes: [] };
  const point = facts.tests['number.'];
  const comma = facts.tests['number,'];
  if (!options.decimal && facts.filled > 0 && point?.marks && point.n === facts.filled && comma?.n === facts.filled) {
    throw ask('Say which sign divides the decimals.', 'decimal');
  }
  const decimal = options.decimal ?? ((comma?.n ?? 0) > (point?.n ?? 0) ? ',' : '.');
  const found = decimal === ',' ? comma : point;
  const scale = wanted === 'integer' ? 0 : (found?.scale ?? 0);
  const type = generic
    ? wanted === 'integer'
      ? 'int64'
      : (decimalType(scale, found?.whole ?? 0) ?? 'decimal(38,10)')
    : wanted;
  const currency = found?.currencies === 1 && found.currency && isCurrency(found.currency) ? found.currency : undefined;
  const notes: Note[] = currency
    ? [{ column: name, message: `"${currency}" is left out of the values of "${name}".` }]
    : [];
  return {
    type: decimalOf(type) || !generic ? type : 'int64',
    parse: { kind: 'number', decimal, ...(currency ? { currency } : {}) },
    notes,
  };
}
