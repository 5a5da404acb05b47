import { decimalOf, type AmountCondition } from '@kalla/core';

/** No amount: the cell is empty, or holds more digits than there is room for. */
export const NO_AMOUNT = -(2n ** 63n);
/** Amounts stay below this, so that the sum of two has room in 64 bits. */
const MOST_AMOUNT = 2n ** 62n;

/** The digits of a decimal brought to a scale: `-12.5` at two decimals is -1250; decimals beyond it are cut. */
export function scaledOf(text: string, scale: number): bigint {
  if (text === '') return NO_AMOUNT;
  const point = text.indexOf('.');
  const decimals = point < 0 ? 0 : text.length - point - 1;
  const digits = point < 0 ? text : text.slice(0, point) + text.slice(point + 1, point + 1 + scale);
  const value = BigInt(digits) * 10n ** BigInt(Math.max(0, scale - decimals));
  return value < MOST_AMOUNT && value > -MOST_AMOUNT ? value : NO_AMOUNT;
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
