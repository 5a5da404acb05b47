import type { Note } from '@kalla/core';
import type { ColumnFacts } from './decide.ts';
import { isCurrency } from './number-text.ts';

/** A column of numbers of which some can only have a decimal point, `1,234.56`, and others only a decimal comma, `1.234,56`. */
export interface MixedNumbers {
  /** Cells that are no number with the decimal sign that most have. */
  count: number;
  /** Filled cells of the column. */
  of: number;
  /** Cells that are no number either way. */
  neither: number;
}

/** Whether nine of ten cells are numbers, but some only with a decimal point and some only with a decimal comma. */
export function mixedNumbers({ filled, numbers, tests }: ColumnFacts): MixedNumbers | null {
  const [point, comma] = [tests['number.'], tests['number,']];
  if (!point || !comma || numbers === undefined || numbers < filled * 0.9) return null;
  if (point.n === numbers || comma.n === numbers) return null;
  // "INV 1,5" and "INV 1.5" are names.
  if ([point, comma].some(({ currency }) => currency && !isCurrency(currency))) return null;
  return { count: filled - Math.max(point.n, comma.n), of: filled, neither: filled - numbers };
}

/** A cell and its row, 1-based, as in `_row`. */
export interface PlacedCell {
  row: number;
  value: string;
}

/**
 * What is said of such a column, with the first number of each kind.
 *
 * @param point The first cell that can only have a decimal point.
 * @param comma The first that can only have a decimal comma.
 */
export function mixedNumbersNote(column: string, mixed: MixedNumbers, point: PlacedCell, comma: PlacedCell): Note {
  const [first, then] = point.row < comma.row ? [point, comma] : [comma, point];
  const sign = (cell: PlacedCell) => (cell === point ? 'point' : 'comma');
  const { count, of, neither } = mixed;
  const strange = neither ? ` ${neither} of ${of} cells ${neither === 1 ? 'is' : 'are'} no number either way.` : '';
  return {
    column,
    message: `Column "${column}" is kept as text: in "${first.value.trim()}" in row ${first.row} the ${sign(first)} is the decimal sign, in "${then.value.trim()}" in row ${then.row} the ${sign(then)}.${strange} Ask for a file whose numbers are all written in one way, or match without this column.`,
    count,
    row: then.row,
    value: then.value,
  };
}
