import { decimalOf, ProblemError, quoteIdentifier, type ColumnInfo, type Difference } from '@kalla/core';

/** Most digits of a DECIMAL. */
const DIGITS = 38;
/** Digits before the point that are enough for any amount. */
const LEAST_WHOLE = 18;
const WHOLE_DIGITS: Record<string, number> = {
  int8: 3,
  int16: 5,
  int32: 10,
  int64: 19,
  uint8: 3,
  uint16: 5,
  uint32: 10,
  uint64: 20,
};

export interface MadeColumn {
  column: ColumnInfo;
  /** Over the columns of the file. */
  sql: string;
}

/** The name of a difference: what stands above its column, and what sorts and filters call it. */
export function differenceName([from, minus]: Difference): string {
  return `${from} − ${minus}`;
}

/**
 * A column that is the first minus the second, exactly: of numbers as a decimal that has room for every digit, of dates and
 * timestamps as the number of days between their calendar days. Empty where one of the two is empty, or where the exact
 * difference has more than 38 digits.
 *
 * @throws ProblemError `validation` where a column is absent, the two have no difference, or 38 digits are not enough.
 */
export function differenceColumn(columns: readonly ColumnInfo[], difference: Difference): MadeColumn {
  const [from, minus] = difference.map((name) => columnNamed(columns, name)) as [ColumnInfo, ColumnInfo];
  const name = differenceName(difference);
  if (columns.some((column) => column.name.toLowerCase() === name.toLowerCase()))
    throw bad(`There is a column "${name}" already.`, name);
  const [a, b] = [quoteIdentifier(from.name), quoteIdentifier(minus.name)];
  if (isDay(from) && isDay(minus))
    return { column: { name, type: 'int64' }, sql: `CAST(CAST(${a} AS DATE) - CAST(${b} AS DATE) AS BIGINT)` };
  const [first, second] = [numberOf(from), numberOf(minus)];
  if (!first || !second)
    throw bad(
      `"${from.name}" (${from.type}) and "${minus.name}" (${minus.type}) have no exact difference. Choose two numbers or two dates.`,
      name,
    );
  const scale = Math.max(first.scale, second.scale);
  // One digit more than the longer of the two: 99 - -99 is 198.
  const needed = Math.max(first.whole, second.whole) + 1 + scale;
  if (needed > DIGITS && DIGITS - scale < LEAST_WHOLE)
    throw bad(`The difference of "${from.name}" and "${minus.name}" can have more than ${DIGITS} digits.`, name);
  const precision = Math.min(needed, DIGITS);
  const type = `DECIMAL(${precision},${scale})`;
  const exact = `CAST(CAST(${a} AS ${type}) - CAST(${b} AS ${type}) AS ${type})`;
  // Types such as BigQuery's NUMERIC have room for far more than any amount: a value that really needs it has no difference here.
  return {
    column: { name, type: `decimal(${precision},${scale})` },
    sql: needed > DIGITS ? `TRY(${exact})` : exact,
  };
}

const isDay = ({ type }: ColumnInfo) => type === 'date' || type === 'timestamp' || type === 'timestamptz';

function numberOf({ type }: ColumnInfo): { whole: number; scale: number } | null {
  const decimal = decimalOf(type);
  if (decimal) return { whole: decimal.precision - decimal.scale, scale: decimal.scale };
  const whole = WHOLE_DIGITS[type];
  return whole === undefined ? null : { whole, scale: 0 };
}

function columnNamed(columns: readonly ColumnInfo[], name: string): ColumnInfo {
  const column = columns.find((item) => item.name === name);
  if (column) return column;
  throw bad(`There is no column "${name}". There are: ${columns.map((item) => item.name).join(', ')}.`, name);
}

function bad(sentence: string, column: string): ProblemError {
  return new ProblemError('validation', sentence, [{ field: 'differences', column, message: sentence }]);
}
