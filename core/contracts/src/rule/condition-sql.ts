import { ProblemError } from '../problem.ts';
import { familyOf, typeOfColumn, type RuleSource } from './rule-side.ts';
import {
  allowsDifference,
  type AmountCondition,
  type Condition,
  type DateCondition,
  type EqualCondition,
} from './rule.ts';
import { amountTerm, columnSql, dayTerm, textTerm } from './term-sql.ts';

/** How one condition is written: what has to be equal, what has to lie in a range, and how near two rows are by it. */
export interface ConditionSql {
  /** Terms that are compared for equality, on each side; the join is made by these. */
  equal?: { left: string; right: string };
  /** A condition that names both sides. */
  range?: string;
  /** An expression that is the smaller the nearer two rows are; absent where equal is all that can be. */
  distance?: string;
  /**
   * Whole numbers that are equal or next to each other wherever the range holds: a range alone is a comparison of every row
   * with every row on some engines, and beside an equality that many rows share it is so on all.
   */
  bucket?: { left: string; right: string };
  /** What tells rows of one side that are alike from others: two rows with the same values here are twins. */
  twin: { left: string; right: string };
}

/** The tables under which the two sides stand in the SQL. */
export interface Tables {
  left: string;
  right: string;
}

/** SQL of one condition; throws ProblemError `validation` where the columns cannot be compared in that way. */
export function conditionSql(condition: Condition, left: RuleSource, right: RuleSource, tables: Tables): ConditionSql {
  switch (condition.kind) {
    case 'equal':
      return equalSql(condition, left, right, tables);
    case 'amount':
      return amountSql(condition, left, right, tables);
    case 'date':
      return dateSql(condition, left, right, tables);
  }
}

function equalSql(condition: EqualCondition, left: RuleSource, right: RuleSource, tables: Tables): ConditionSql {
  const types = { left: typeOfColumn(left, condition.left), right: typeOfColumn(right, condition.right) };
  const plain = condition.ignore.length === 0 && !condition.extract;
  const families = { left: familyOf(types.left), right: familyOf(types.right) };
  const term = (side: 'left' | 'right') => {
    const column = columnSql(tables[side], condition[side]);
    if (plain && families.left === families.right) {
      if (families.left === 'text') return `NULLIF(${column}, '')`;
      if (families.left === 'date' && types.left !== types.right) return dayTerm(column, types[side]);
      if (families.left !== 'other' || types.left === types.right) return column;
    }
    const { extract } = condition;
    return textTerm(column, types[side], condition.ignore, extract?.side === side ? extract.pattern : undefined);
  };
  const terms = { left: term('left'), right: term('right') };
  return { equal: terms, twin: terms };
}

function amountSql(condition: AmountCondition, left: RuleSource, right: RuleSource, tables: Tables): ConditionSql {
  const term = (side: 'left' | 'right', source: RuleSource) => {
    const type = typeOfColumn(source, condition[side]);
    needs(familyOf(type) === 'number', source, condition[side], 'an amount', type);
    return amountTerm(columnSql(tables[side], condition[side]), type);
  };
  const twin = { left: term('left', left), right: term('right', right) };
  const terms = { ...twin };
  if (condition.sign === 'opposite') terms.right = `-${terms.right}`;
  if (condition.sign === 'any') {
    terms.left = `ABS(${terms.left})`;
    terms.right = `ABS(${terms.right})`;
  }
  const { tolerance } = condition;
  if (!allowsDifference(tolerance)) return { equal: terms, twin };
  const room =
    tolerance.kind === 'absolute'
      ? decimalLiteral(tolerance.value)
      : `ABS(${terms.left}) * ${decimalLiteral(percentAsShare(tolerance.value))}`;
  return {
    range: `${terms.right} BETWEEN ${terms.left} - ${room} AND ${terms.left} + ${room}`,
    distance: `ABS(${terms.left} - ${terms.right})`,
    ...(tolerance.kind === 'absolute' ? bucketOf(tolerance.value, terms) : {}),
    twin,
  };
}

/** Buckets a power of ten wide, at least as wide as the tolerance; none for tolerances that no two decimals hold. */
function bucketOf(tolerance: string, terms: { left: string; right: string }): Pick<ConditionSql, 'bucket'> {
  const [whole = '', fraction = ''] = tolerance.split('.');
  const digits = whole.replace(/^0+/, '');
  // 30 → 2 (width 100), 3 → 1 (10), 0.3 → 0 (1), 0.03 → -1 (0.1)
  const exponent = digits ? digits.length : -/^0*/.exec(fraction)![0].length;
  if (exponent < -4 || exponent > 6) return {};
  const factor =
    exponent <= 0 ? decimalLiteral(`1${'0'.repeat(-exponent)}`) : decimalLiteral(`0.${'1'.padStart(exponent, '0')}`);
  return { bucket: { left: `FLOOR(${terms.left} * ${factor})`, right: `FLOOR(${terms.right} * ${factor})` } };
}

function dateSql(condition: DateCondition, left: RuleSource, right: RuleSource, tables: Tables): ConditionSql {
  const term = (side: 'left' | 'right', source: RuleSource) => {
    const type = typeOfColumn(source, condition[side]);
    needs(familyOf(type) === 'date', source, condition[side], 'a date', type);
    return dayTerm(columnSql(tables[side], condition[side]), type);
  };
  const terms = { left: term('left', left), right: term('right', right) };
  if (condition.before === 0 && condition.after === 0) return { equal: terms, twin: terms };
  const moved = (sign: '-' | '+', days: number) =>
    days === 0 ? terms.left : `CAST(${terms.left} ${sign} INTERVAL '${days}' DAY AS DATE)`;
  // Seconds since 1970: the difference of two dates is a number on one engine and an interval on another.
  const seconds = (side: 'left' | 'right') => `EXTRACT(EPOCH FROM ${terms[side]})`;
  // A day wider than the window, so that the fraction that is cut off never matters.
  const perWindow = (1 / (86_400 * (Math.max(condition.before, condition.after) + 1))).toFixed(16);
  return {
    range: `${terms.right} BETWEEN ${moved('-', condition.before)} AND ${moved('+', condition.after)}`,
    distance: `ABS(${seconds('left')} - ${seconds('right')})`,
    bucket: { left: `FLOOR(${seconds('left')} * ${perWindow})`, right: `FLOOR(${seconds('right')} * ${perWindow})` },
    twin: terms,
  };
}

function needs(fits: boolean, source: RuleSource, column: string, what: string, type: string): void {
  if (fits) return;
  throw new ProblemError('validation', `"${column}" of "${source.alias}" is not ${what}: it is read as ${type}.`, [
    { column, message: `not ${what}`, hint: 'Choose another column, or set its type where the file is read.' },
  ]);
}

/** A number of the exact scale of its text, so that no engine reads it as a DOUBLE. */
function decimalLiteral(text: string): string {
  const [whole = '0', fraction = ''] = text.split('.');
  const digits = whole.replace(/^0+(?=\d)/, '');
  return `CAST(${digits}${fraction ? `.${fraction}` : ''} AS DECIMAL(${digits.length + fraction.length},${fraction.length}))`;
}

/** `1.5` percent is `0.015`, by moving the point in the text. */
function percentAsShare(text: string): string {
  const [whole = '0', fraction = ''] = text.split('.');
  const digits = whole.padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}${fraction}`;
}
