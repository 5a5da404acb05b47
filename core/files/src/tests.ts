import { cellReader, SHORT_YEAR } from './cell-sql.ts';
import { bookedAs, currencySql, digitsSql, isNumberSql, scaleSql } from './number-text.ts';
import type { Parse } from './types.ts';

/** A question asked of every cell of a column; a column gets a type only when all its filled cells answer yes. */
export const cheapTests = ['integer', 'decimal', 'iso-date', 'iso-timestamp', 'iso-timestamptz', 'boolean'] as const;
export const fineTests = ['number.', 'number,', 'dmy', 'mdy', 'ymd'] as const;
export type TestName = (typeof cheapTests)[number] | (typeof fineTests)[number];

/** True or false for each cell; computed once, whatever the aggregates make of it. `scale` is for `decimal`. */
export function testSql(test: TestName, cell: string, scale: number): string {
  const fits = (parse: Parse, type: string) => {
    const reader = cellReader(cell, type, parse);
    return reader.same ?? `(${reader.value}) IS NOT NULL`;
  };
  switch (test) {
    case 'integer':
      return fits({ kind: 'integer' }, 'int64');
    case 'decimal':
      return fits({ kind: 'decimal' }, `decimal(18,${scale})`);
    case 'iso-date':
      return fits({ kind: 'iso-date' }, 'date');
    case 'iso-timestamp':
      return fits({ kind: 'iso-timestamp' }, 'timestamp');
    case 'iso-timestamptz':
      return fits({ kind: 'iso-timestamptz' }, 'timestamptz');
    case 'boolean':
      return fits({ kind: 'boolean' }, 'boolean');
    case 'number.':
      return isNumberSql(cell, '.', null, null);
    case 'number,':
      return isNumberSql(cell, ',', null, null);
    case 'dmy':
    case 'mdy':
    case 'ymd':
      return fits({ kind: 'date', order: test }, 'date');
  }
}

/** What is counted of a column for one test. `fit` names the column that holds the test's answer. */
export function testAggregates(test: TestName, cell: string, fit: string): Record<string, string> {
  const n = { n: `count_if(${fit})` };
  const only = `FILTER (WHERE ${fit})`;
  switch (test) {
    case 'decimal':
      return { ...n, longest: `max(strlen(${cell}))` };
    case 'number.':
    case 'number,': {
      const decimal = test === 'number.' ? '.' : ',';
      return {
        ...n,
        scale: `max(${scaleSql(cell, decimal)}) ${only}`,
        whole: `max(${digitsSql(cell)} - ${scaleSql(cell, decimal)}) ${only}`,
        marks: `count_if(regexp_matches(${cell}, '[0-9][.,][0-9]'))`,
        currencies: `count(DISTINCT nullif(${currencySql(cell)}, '')) ${only}`,
        currency: `max(nullif(${currencySql(cell)}, '')) ${only}`,
        credit: `count(*) FILTER (WHERE ${fit} AND regexp_matches(${cell}, '${bookedAs('CR|DR')}'))`,
        spaced: `count_if(regexp_full_match(${cell}, '[0-9]+(?:[ \\x{a0}\\x{202f}''’][0-9]+)+'))`,
        shortest: `min(length(${cell})) FILTER (WHERE trim(${cell}) <> '')`,
        longest: `max(length(${cell}))`,
      };
    }
    case 'dmy':
    case 'mdy':
    case 'ymd':
      return {
        ...n,
        short: `count_if(regexp_full_match(${cell}, '${SHORT_YEAR}'))`,
        other: `min(${cell}) FILTER (WHERE NOT ${fit} AND trim(${cell}) <> '')`,
      };
    default:
      return n;
  }
}
