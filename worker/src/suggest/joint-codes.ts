import type { Condition } from '@kalla/core';
import { SIDES, type Both, type SideName } from './bench.ts';
import { indexOf } from './candidate.ts';
import { codesOf } from './condition-ranges.ts';
import { NO_DAY } from './joined-column.ts';
import type { SampleRows } from './sample-rows.ts';
import { Vocabulary } from './vocabulary.ts';

/** A number for each row of both sides, equal where rows are; 0 where there is nothing to compare. */
export type Codes = Both<Int32Array>;

/** The numbers by which rows are compared by all of several equalities (the same day is one) at once. */
export function jointCodes(conditions: readonly Condition[], rows: Both<SampleRows>): Codes {
  return together(conditions.map((condition) => codesOfBoth(condition, rows)));
}

/** The numbers of one equality. */
export function codesOfBoth(condition: Condition, rows: Both<SampleRows>): Codes {
  if (condition.kind !== 'date')
    return { left: codesOf(condition, 'left', rows.left), right: codesOf(condition, 'right', rows.right) };
  const days = new Vocabulary();
  const number = (side: SideName) =>
    rows[side].days(indexOf(condition[side])).map((day) => (day === NO_DAY ? 0 : days.numberOf(day, 0)));
  return { left: number('left'), right: number('right') };
}

/** Two numbers make one, and that with a third another; without one of them a row is equal to none. */
export function together(lists: readonly Codes[]): Codes {
  return lists.reduce((before, next) => {
    const pairs = new Vocabulary();
    const [left, right] = SIDES.map((side) => {
      const [first, second] = [before[side], next[side]];
      const codes = new Int32Array(first.length);
      for (let row = 0; row < codes.length; row++)
        if (first[row] !== 0 && second[row] !== 0) codes[row] = pairs.numberOf(first[row]!, second[row]!);
      return codes;
    });
    return { left: left!, right: right! };
  });
}
