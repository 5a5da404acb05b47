import { decimalOf, type AmountCondition } from '@kalla/core';
import { MINUS, POINT, ZERO, type TextColumn } from './joined-column.ts';

/**
 * No amount: the cell is empty, or holds more digits than there is room for. Not the least of 64 bits: comparing with that
 * one makes an object each time, and takes fifty times as long.
 */
export const NO_AMOUNT = -(2n ** 62n);

const DIGITS = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n] as const;
/** The sum of two amounts of so many digits has room in 64 bits. */
const SURE_DIGITS = 18;

/**
 * The decimals of a column of texts brought to a scale: `-12.5` at two decimals is -1250; decimals beyond it are cut.
 * Digit by digit, since a text and three numbers for each cell would be most of the time of a search.
 */
export function scaledOf({ text, starts, ends }: TextColumn, scale: number): BigInt64Array {
  const scaled = new BigInt64Array(starts.length).fill(NO_AMOUNT);
  for (let row = 0; row < scaled.length; row++) {
    const start = starts[row]!;
    const end = ends[row]!;
    if (start === end) continue;
    const minus = text.charCodeAt(start) === MINUS;
    let value = 0n;
    let digits = 0;
    let decimals = -1;
    for (let at = minus ? start + 1 : start; at < end; at++) {
      const unit = text.charCodeAt(at);
      if (unit === POINT) decimals = 0;
      else if (decimals < scale) {
        value = BigInt.asIntN(64, value * 10n + DIGITS[unit - ZERO]!);
        if (value !== 0n) digits += 1;
        if (decimals >= 0) decimals += 1;
      }
    }
    for (let missing = scale - Math.max(0, decimals); missing > 0; missing--) {
      value = BigInt.asIntN(64, value * 10n);
      if (value !== 0n) digits += 1;
    }
    if (digits <= SURE_DIGITS) scaled[row] = minus ? BigInt.asIntN(64, -value) : value;
  }
  return scaled;
}

/** Digits after the point that a type of numbers has. */
export const decimalsOf = (type: string) => decimalOf(type)?.scale ?? (type.startsWith('float') ? 9 : 0);

/** As they are, with the other sign, or without one. */
export type Sign = AmountCondition['sign'];

/** Amounts as a condition compares them. */
export function signed(values: BigInt64Array, how: Sign): BigInt64Array {
  if (how === 'same') return values;
  const result = values.slice();
  for (let row = 0; row < result.length; row++) {
    const value = result[row]!;
    if (value !== NO_AMOUNT && (how === 'opposite' || value < 0n)) result[row] = BigInt.asIntN(64, -value);
  }
  return result;
}
