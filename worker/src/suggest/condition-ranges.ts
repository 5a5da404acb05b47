import type { AmountCondition, Condition } from '@kalla/core';
import { indexOf } from './candidate.ts';
import { NO_DAY } from './joined-column.ts';
import type { SampleRows, Wanted } from './sample-rows.ts';
import { NO_AMOUNT, signed } from './scaled-amount.ts';

/**
 * A condition between the rows of two samples: it holds for a left row `i` and a right row `j` where `low[i] <= value[j] <= high[i]`.
 * Equal values, days apart and amounts within a tolerance all come to that.
 */
export interface Ranges {
  low: Int32Array;
  high: Int32Array;
  value: Int32Array;
}

/** What has to be loaded of a side for a condition. */
export function wantedFor(condition: Condition, side: 'left' | 'right'): Wanted {
  const index = indexOf(condition[side]);
  switch (condition.kind) {
    case 'equal':
      return {
        kind: 'text',
        index,
        ...(condition.extract?.side === side ? { pattern: condition.extract.pattern } : {}),
      };
    case 'amount':
      return { kind: 'amount', index };
    case 'date':
      return { kind: 'day', index };
  }
}

/** @param scale Digits after the point of the scaled amounts. */
export function rangesOf(condition: Condition, left: SampleRows, right: SampleRows, scale: number): Ranges {
  switch (condition.kind) {
    case 'equal':
      return equalTo(codesOf(condition, 'left', left), codesOf(condition, 'right', right));
    case 'amount':
      return amountRanges(condition, left, right, scale);
    case 'date': {
      const days = left.days(indexOf(condition.left));
      const apart = (by: number) => days.map((day) => (day === NO_DAY ? 0 : day + by));
      const [low, high] = [apart(-condition.before), apart(condition.after)];
      days.forEach((day, row) => {
        if (day === NO_DAY) [low[row], high[row]] = [1, 0];
      });
      return { low, high, value: right.days(indexOf(condition.right)) };
    }
  }
}

/** The numbers by which a condition of equality compares the rows of a side; 0 where there is no value. */
export function codesOf(condition: Condition, side: 'left' | 'right', rows: SampleRows): Int32Array {
  const index = indexOf(condition[side]);
  if (condition.kind === 'equal') {
    const pattern = condition.extract?.side === side ? condition.extract.pattern : undefined;
    return rows.codes(index, condition.ignore, pattern);
  }
  if (condition.kind === 'amount') {
    const { sign } = condition;
    return rows.amountCodes(index, sign === 'opposite' && side === 'left' ? 'same' : sign);
  }
  throw new Error('Days are no equality.');
}

/** Both sides' codes; no code of 0 is equal to anything. */
function equalTo(left: Int32Array, right: Int32Array): Ranges {
  const low = left.slice();
  for (let row = 0; row < low.length; row++) if (low[row] === 0) low[row] = 1;
  return { low, high: left, value: right };
}

/** The right amounts in order, and for each left one the first and the last place within the tolerance. */
function amountRanges(condition: AmountCondition, left: SampleRows, right: SampleRows, scale: number): Ranges {
  const { sign, tolerance } = condition;
  const own = signed(left.scaled(indexOf(condition.left)), sign === 'any' ? 'any' : 'same');
  const others = signed(right.scaled(indexOf(condition.right)), sign);
  const ordered = others.filter((value) => value !== NO_AMOUNT).sort();
  const place = (value: bigint, after: boolean) => {
    let [from, to] = [0, ordered.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (ordered[middle]! < value || (after && ordered[middle] === value)) from = middle + 1;
      else to = middle;
    }
    return from;
  };
  const room = roomOf(tolerance, scale);
  const low = new Int32Array(own.length).fill(1);
  const high = new Int32Array(own.length);
  for (let row = 0; row < own.length; row++) {
    const value = own[row]!;
    if (value === NO_AMOUNT) continue;
    const apart = room(value < 0n ? -value : value);
    low[row] = place(value - apart, false);
    high[row] = place(value + apart, true) - 1;
  }
  return { low, high, value: Int32Array.from(others, (value) => (value === NO_AMOUNT ? -1 : place(value, false))) };
}

/** How far the other amount may be from one of this size. */
export function roomOf(tolerance: AmountCondition['tolerance'], scale: number): (size: bigint) => bigint {
  if (tolerance.kind === 'none') return () => 0n;
  const [whole = '0', fraction = ''] = tolerance.value.split('.');
  const digits = BigInt(whole + fraction);
  if (tolerance.kind === 'absolute') {
    const apart =
      scale >= fraction.length
        ? digits * 10n ** BigInt(scale - fraction.length)
        : digits / 10n ** BigInt(fraction.length - scale);
    return () => apart;
  }
  const parts = 10n ** BigInt(fraction.length + 2);
  return (size) => (size * digits) / parts;
}
