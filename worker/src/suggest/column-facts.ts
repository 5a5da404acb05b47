import { decimalOf, type ColumnInfo } from '@kalla/core';
import type { Bench, SideName } from './bench.ts';
import { NO_DAY } from './joined-column.ts';
import type { SampleRows } from './sample-rows.ts';
import type { TextColumn } from './joined-column.ts';

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
  /** Text: average length, share of values with a digit, share with a space inside. */
  length: number;
  digits: number;
  spaced: number;
  /** Number: share of negative values, share with a fraction. */
  negative: number;
  fractional: number;
  /** Text of three capital letters only, as currencies are written. */
  code: boolean;
}

/** Columns of one statement: with more, planning takes longer than reading. */
const COLUMNS_AT_ONCE = 40;

/** Looks at every column of a side. */
export async function columnFacts(bench: Bench, sample: SampleRows): Promise<ColumnFacts[]> {
  const columns = bench.columns(sample.side);
  const whole = sample.size === bench.sides[sample.side].rows;
  const nulls = whole
    ? columns.map((column, index) => sample.nulls(index, familyOf(column) === 'date' ? 'day' : 'text'))
    : await countNulls(bench, sample.side);
  return columns.map((column, index): ColumnFacts => {
    const family = familyOf(column);
    const base = { index, name: column.name, type: column.type, family, nulls: nulls[index]! };
    return {
      ...base,
      ...NOTHING,
      ...(family === 'date' ? dateFacts(sample.days(index)) : textFacts(sample, index, family)),
    };
  });
}

async function countNulls(bench: Bench, side: SideName): Promise<number[]> {
  const nulls: number[] = [];
  const columns = bench.columns(side);
  for (let start = 0; start < columns.length; start += COLUMNS_AT_ONCE) {
    const part = columns.slice(start, start + COLUMNS_AT_ONCE);
    const list = part.map((_, at) => `count(*) FILTER (WHERE c${start + at} IS NULL)::VARCHAR`);
    nulls.push(...(await bench.numbers(`SELECT ${list.join(', ')} FROM ${side}_all`)));
  }
  return nulls;
}

const NOTHING = { length: 0, digits: 0, spaced: 0, negative: 0, fractional: 0, code: false };

function dateFacts(days: Int32Array): Pick<ColumnFacts, 'filled' | 'distinct'> {
  const filled = days.filter((day) => day !== NO_DAY);
  return { filled: filled.length, distinct: new Set(filled).size };
}

function textFacts(sample: SampleRows, index: number, family: ColumnFacts['family']) {
  const { filled, distinct } = sample.counts(index);
  const column = sample.texts(index);
  const share = (count: number) => (filled > 0 ? count / filled : 0);
  const facts = { filled, distinct };
  if (family === 'number') {
    const { negative, fractional } = numberFacts(sample.amountTexts(index));
    return { ...facts, negative: share(negative), fractional: share(fractional) };
  }
  if (family !== 'text') return facts;
  const { length, digits, spaced, upper } = signsOf(column);
  return {
    ...facts,
    length: share(length),
    digits: share(digits),
    spaced: share(spaced),
    code: filled > 0 && upper === filled,
  };
}

/** How many numbers are below nothing, and how many have a fraction. */
function numberFacts({ text, starts, ends }: TextColumn) {
  const found = { negative: 0, fractional: 0 };
  for (let row = 0; row < starts.length; row++) {
    let point = false;
    let any = false;
    let fraction = false;
    for (let at = starts[row]!; at < ends[row]!; at++) {
      const unit = text.charCodeAt(at);
      if (unit === POINT) point = true;
      else if (unit > ZERO && unit <= NINE) {
        any = true;
        fraction ||= point;
      }
    }
    if (any && text.charCodeAt(starts[row]!) === MINUS) found.negative += 1;
    if (fraction) found.fractional += 1;
  }
  return found;
}

const [SPACE, MINUS, POINT, ZERO, NINE] = [32, 45, 46, 48, 57];

/** Signs of all texts together, and how many texts hold a digit, a space inside, or are three capital letters. */
function signsOf({ text, starts, ends }: TextColumn) {
  const found = { length: 0, digits: 0, spaced: 0, upper: 0 };
  for (let row = 0; row < starts.length; row++) {
    let from = starts[row]!;
    let to = ends[row]!;
    let digit = false;
    let capitals = 0;
    for (let at = from; at < to; at++) {
      const unit = text.charCodeAt(at);
      if (unit >= ZERO && unit <= NINE) digit = true;
      else if (unit >= 65 && unit <= 90) capitals += 1;
      // The second half of a sign beyond the first plane is no sign of its own.
      if (unit < 0xdc00 || unit > 0xdfff) found.length += 1;
    }
    if (digit) found.digits += 1;
    if (capitals === 3 && to - from === 3) found.upper += 1;
    while (from < to && text.charCodeAt(from) === SPACE) from += 1;
    while (from < to && text.charCodeAt(to - 1) === SPACE) to -= 1;
    while (from < to && text.charCodeAt(from) !== SPACE) from += 1;
    if (from < to) found.spaced += 1;
  }
  return found;
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
