import { decimalOf, type ColumnInfo } from '@kalla/core';
import { columnName, type Bench, type SideName } from './bench.ts';

/** What a column holds, as far as a sample of rows tells; `nulls` is exact. */
export interface ColumnFacts {
  index: number;
  name: string;
  type: string;
  family: 'number' | 'text' | 'date' | 'other';
  /** NULL cells of all rows. */
  nulls: number;
  /** Rows of the sample with a value; an empty text is none. */
  filled: number;
  /** Different values in the sample. */
  distinct: number;
  /** Text: average and greatest length, share of values with a digit, share with a space inside. */
  length: number;
  longest: number;
  digits: number;
  spaced: number;
  /** Number: share of negative values, share with a fraction. */
  negative: number;
  fractional: number;
  /** Text of three capital letters only, as currencies are written. */
  code: boolean;
}

/** Aggregates of one statement: with more, planning takes longer than reading. */
const COLUMNS_AT_ONCE = 40;

/** Looks at every column of a side. */
export async function columnFacts(bench: Bench, side: SideName): Promise<ColumnFacts[]> {
  const columns = bench.columns(side);
  const facts: ColumnFacts[] = [];
  for (let start = 0; start < columns.length; start += COLUMNS_AT_ONCE) {
    const part = columns.slice(start, start + COLUMNS_AT_ONCE);
    const nulls = await bench.numbers(
      `SELECT ${part.map((_, at) => `count(*) FILTER (WHERE c${start + at} IS NULL)::VARCHAR`).join(', ')} FROM ${side}_all`,
    );
    const values = await bench.numbers(
      `SELECT ${part.flatMap((column, at) => aggregates(column, columnName(start + at))).join(', ')} FROM ${side}_sample`,
    );
    part.forEach((column, at) => {
      const [filled, distinct, length, longest, digits, spaced, negative, fractional, codes] = values.slice(
        at * AGGREGATES,
        (at + 1) * AGGREGATES,
      ) as [number, number, number, number, number, number, number, number, number];
      const share = (count: number) => (filled > 0 ? count / filled : 0);
      facts.push({
        index: start + at,
        name: column.name,
        type: column.type,
        family: familyOf(column),
        nulls: nulls[at]!,
        filled,
        distinct,
        length: share(length),
        longest,
        digits: share(digits),
        spaced: share(spaced),
        negative: share(negative),
        fractional: share(fractional),
        code: filled > 0 && codes === filled,
      });
    });
  }
  return facts;
}

const AGGREGATES = 9;

function aggregates(column: ColumnInfo, name: string): string[] {
  const family = familyOf(column);
  const value = family === 'text' ? `NULLIF(${name}, '')` : name;
  const count = (condition: string) => `count(*) FILTER (WHERE ${condition})::VARCHAR`;
  const none = `'0'`;
  const text =
    family === 'text'
      ? [
          `coalesce(sum(length(${name})), 0)::VARCHAR`,
          `coalesce(max(length(${name})), 0)::VARCHAR`,
          count(`regexp_matches(${name}, '[0-9]')`),
          count(`contains(trim(${name}), ' ')`),
        ]
      : [none, none, none, none];
  const number = family === 'number' ? [count(`${name} < 0`), count(`${name} <> floor(${name})`)] : [none, none];
  return [
    `count(${value})::VARCHAR`,
    `count(DISTINCT ${value})::VARCHAR`,
    ...text,
    ...number,
    family === 'text' ? count(`regexp_full_match(${name}, '[A-Z]{3}')`) : none,
  ];
}

function familyOf({ type }: ColumnInfo): ColumnFacts['family'] {
  if (decimalOf(type) || /^(u?int|float)/.test(type)) return 'number';
  if (type === 'text') return 'text';
  if (type === 'date' || type.startsWith('timestamp')) return 'date';
  return 'other';
}

/** A number that may be money: with a fraction, or whole ones that repeat or are negative as names of rows never do. */
export function isAmount({ family, type, filled, distinct, negative, fractional }: ColumnFacts): boolean {
  if (family !== 'number' || filled === 0 || distinct < Math.min(2, filled)) return false;
  if (fractional > 0 || negative > 0 || type.startsWith('float')) return true;
  return decimalOf(type) !== null ? decimalOf(type)!.scale > 0 || distinct < filled : distinct < filled;
}

/** A handful of values that many rows share: a currency, a branch, a status. */
export function isCategory({ family, filled, distinct }: ColumnFacts): boolean {
  return family !== 'date' && distinct > 0 && distinct <= 100 && distinct <= Math.max(1, filled / 3);
}

/** What a column seems to be for, in one word. */
export function roleOf(facts: ColumnFacts): 'reference' | 'amount' | 'date' | 'category' | 'text' | 'other' {
  if (facts.filled === 0) return 'other';
  if (facts.family === 'date') return 'date';
  if (facts.fractional > 0 || (isAmount(facts) && !isCategory(facts))) return 'amount';
  if (isCategory(facts)) return 'category';
  if (facts.family === 'text') return facts.spaced > 0.5 || facts.length > 40 ? 'text' : 'reference';
  return facts.family === 'number' ? 'reference' : 'other';
}
