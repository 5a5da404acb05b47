import type { ColumnType, Note } from '@kalla/core';
import { cut, decimalType, type Decision, type Parse } from '@kalla/files';
import { addressOf } from './address.ts';
import type { ColumnTally, Example } from './column-tally.ts';
import type { CellKind } from './types.ts';

const TEXT: { type: ColumnType; parse: Parse } = { type: 'text', parse: { kind: 'text' } };

const NOUNS: Record<CellKind, [one: string, many: string]> = {
  number: ['number', 'numbers'],
  date: ['date', 'dates'],
  datetime: ['date with time', 'dates with time'],
  time: ['time', 'times'],
  duration: ['length of time', 'lengths of time'],
  boolean: ['true or false', 'true or false'],
  text: ['text', 'texts'],
  blank: ['blank text', 'blank texts'],
};

/** What a cell is called by where it stands. */
export type Place = (row: number) => string;

/** How a place in a column is written: `Sheet1!C17`. */
export function placeIn(sheet: string, column: number): Place {
  return (row) => addressOf(sheet, column, row);
}

/**
 * Types a column by the kinds of its cells, which Excel itself keeps apart. Null where all of them are text: then the text
 * says what it is, as in a CSV file. A column of more than one kind becomes text, each cell as it is written.
 */
export function decideNative(
  name: string,
  tally: ColumnTally,
  place: Place,
  forced: string | undefined,
): Decision | null {
  const kinds = new Map([...tally.kinds].filter(([kind]) => kind !== 'blank'));
  const only = kinds.size === 1 ? [...kinds.keys()][0] : undefined;
  if (forced !== undefined) return decideForced(only, tally, forced.toLowerCase().replaceAll(' ', ''));
  if (kinds.size === 0) return { ...TEXT, notes: [] };
  if (only === 'text') return null;
  if (only === 'number') return decideNumber(name, tally, place);
  if (only === 'date') return { type: 'date', parse: { kind: 'iso-date' }, notes: [] };
  if (only === 'time') return { type: 'time', parse: { kind: 'cast' }, notes: [] };
  if (only === 'boolean') return { type: 'boolean', parse: { kind: 'boolean' }, notes: [] };
  if (only === 'duration') {
    return {
      ...TEXT,
      notes: [
        {
          column: name,
          message: `Column "${name}" holds lengths of time; they are shown as text, hours:minutes:seconds.`,
        },
      ],
    };
  }
  if ([...kinds.keys()].every((kind) => kind === 'date' || kind === 'datetime')) {
    return { type: 'timestamp', parse: { kind: 'cast' }, notes: [] };
  }
  // The odd one out is last: the rarest, and of two the text.
  const parts = [...kinds].sort((a, b) => b[1].count - a[1].count || Number(a[0] === 'text') - Number(b[0] === 'text'));
  const said = parts.map(([kind, { count }]) => `${count} ${NOUNS[kind][count === 1 ? 0 : 1]}`).join(' and ');
  const [rarest, { first, count }] = parts.at(-1) as (typeof parts)[number];
  return {
    ...TEXT,
    notes: [
      {
        column: name,
        message: `Column "${name}" is kept as text, each cell as it is written: it holds ${said}. The first ${NOUNS[rarest][0]} is "${cut(first.text, 100)}" in ${place(first.row)}.`,
        count,
      },
    ],
  };
}

/** What the numbers of a column do not show at first sight. */
export function numberNotes(name: string, tally: ColumnTally, place: Place): Note[] {
  const notes: Note[] = [];
  const say = (message: string, count: number) => notes.push({ column: name, message, count });
  const at = ({ row }: Example) => place(row);
  if (tally.currencies.size === 1) {
    const [[sign, count] = ['', 0]] = tally.currencies;
    say(`"${sign}" is left out of the values of "${name}".`, count);
  } else if (tally.currencies.size > 1) {
    const list = [...tally.currencies].map(([sign, count]) => `${sign} in ${count}`).join(', ');
    say(
      `Column "${name}" shows more than one currency: ${list} cells. The values are without them; match on a column with the currency too.`,
      [...tally.currencies.values()].reduce((sum, count) => sum + count, 0),
    );
  }
  if (tally.percent) say(`Column "${name}" shows percent: 0.19 stands for 19 %.`, tally.percent);
  const { finer, shortened } = tally;
  if (finer) {
    const { count, first } = finer;
    say(
      `${cells(count)} of "${name}" ${count === 1 ? 'has' : 'have'} more decimals than Excel shows there, for example ${first.text} in ${at(first)}, where ${first.decimals} are shown. The whole value counts.`,
      count,
    );
  }
  if (shortened) {
    const { count, first } = shortened;
    say(
      `${cells(count)} of "${name}" ${count === 1 ? 'has' : 'have'} more than 15 digits in the file, for example ${first.file} in ${at(first)}. Excel shows 15, and so many are read: ${first.text}.`,
      count,
    );
  }
  return notes;
}

/** Cells that have no value although they are not empty. */
export function faultNotes(name: string, tally: ColumnTally, place: Place): Note[] {
  const notes: Note[] = [];
  const { errors, noValue } = tally;
  if (errors) {
    const list = errors.first.map(({ row, text }) => `${text} in ${place(row)}`).join(', ');
    const more = errors.count > errors.first.length ? ` and ${errors.count - errors.first.length} more` : '';
    notes.push({
      column: name,
      message: `Errors of Excel in "${name}" are read as empty: ${list}${more}.`,
      count: errors.count,
    });
  }
  if (noValue) {
    const { count, first } = noValue;
    notes.push({
      column: name,
      message: `${count === 1 ? 'A formula' : `${count} formulas`} in "${name}" ${count === 1 ? 'has' : 'have'} no stored result and ${count === 1 ? 'is' : 'are'} read as empty, the first in ${place(first.row)}. Open the workbook in Excel or LibreOffice, save it and add it again.`,
      count,
    });
  }
  return notes;
}

function cells(count: number): string {
  return count === 1 ? 'One cell' : `${count} cells`;
}

function decideNumber(name: string, tally: ColumnTally, place: Place): Decision {
  const { padded } = tally;
  if (padded) {
    return {
      ...TEXT,
      notes: [
        {
          column: name,
          message: `Column "${name}" shows numbers with leading zeros, such as ${padded.first.text} in ${place(padded.first.row)}. It is kept as text, as it is shown.`,
          count: padded.count,
        },
      ],
    };
  }
  const type = tally.endless ? null : numberType(tally);
  if (!type) {
    return {
      ...TEXT,
      notes: [{ column: name, message: `Column "${name}" is kept as text: its numbers have more than 38 digits.` }],
    };
  }
  return { type, parse: { kind: type === 'int64' ? 'integer' : 'decimal' }, notes: [] };
}

/** Whole numbers are int64 unless their format shows decimals: then they are amounts. */
function numberType(tally: ColumnTally): ColumnType | null {
  const scale = Math.max(tally.scale, Math.min(tally.shown, 6));
  if (scale === 0 && tally.whole <= 18) return 'int64';
  return decimalType(scale, tally.whole) ?? decimalType(tally.scale, tally.whole);
}

function decideForced(only: CellKind | undefined, tally: ColumnTally, wanted: string): Decision | null {
  if (wanted === 'text') return { ...TEXT, notes: [] };
  const number: Parse = { kind: 'number', decimal: '.' };
  if (only === 'number') {
    if (wanted === 'number' || wanted === 'decimal') {
      const type = numberType(tally);
      return type && !tally.endless ? { type, parse: number, notes: [] } : null;
    }
    if (wanted === 'integer') return { type: 'int64', parse: number, notes: [] };
    if (/^(u?int(8|16|32|64)|decimal\(\d+,\d+\)|float(32|64))$/.test(wanted))
      return { type: wanted, parse: number, notes: [] };
  }
  const dates =
    only === 'date' ||
    only === 'datetime' ||
    (only === undefined && (tally.kinds.has('date') || tally.kinds.has('datetime')));
  if (dates && wanted === 'timestamp') return { type: 'timestamp', parse: { kind: 'cast' }, notes: [] };
  return null;
}
