import type { DateCondition } from '@kalla/core';
import { lift, type Agreement, type Joined } from './agreements.ts';
import { columnName, type SideName } from './bench.ts';
import type { ColumnFacts } from './column-facts.ts';
import { NO_DAY } from './joined-column.ts';
import type { Pairs } from './pairs.ts';

/** Days beyond which two dates have nothing to do with each other. */
const MOST_DAYS = 60;
/** Dates that chance is judged by lie a week further; whatever is beyond is counted together, as `FAR` less `NEAR` days. */
const NEAR = MOST_DAYS + 7;
const FAR = 2 * NEAR + 1;

/** Which dates of pairs that belong together are how many days apart, more often than by chance. */
export function dateAgreements(
  joined: Joined,
  columns: Readonly<Record<SideName, readonly ColumnFacts[]>>,
): Agreement[] {
  const found: Agreement[] = [];
  for (const left of columns.left) {
    for (const right of columns.right) {
      const days = { left: joined.rows.left.days(left.index), right: joined.rows.right.days(right.index) };
      const histogram = (pairs: Pairs, part: 0 | 1 | 'all') => {
        const counts = new Int32Array(FAR + 1);
        for (let at = part === 1 ? 1 : 0; at < pairs.left.length; at += part === 'all' ? 1 : 2) {
          const a = days.left[pairs.left[at]!]!;
          const b = days.right[pairs.right[at]!]!;
          if (a !== NO_DAY && b !== NO_DAY) counts[Math.abs(b - a) > NEAR ? FAR : b - a + NEAR]!++;
        }
        const lags = new Map<number, number>();
        counts.forEach((count, place) => count > 0 && lags.set(place - NEAR, count));
        return lags;
      };
      const { real: together, random: apart } = joined;
      const window = lagWindow(histogram(together, 'all'), histogram(apart, 'all'));
      if (!window) continue;
      // Some window is always the best of all: whether it is more than that shows in pairs that did not choose it.
      const half = lagWindow(histogram(together, 0), histogram(apart, 0));
      if (!half) continue;
      const [real, random] = [histogram(together, 1), histogram(apart, 1)];
      if (real.size === 0) continue;
      const total = sum(real.values());
      const condition: DateCondition = {
        kind: 'date',
        left: columnName(left.index),
        right: columnName(right.index),
        before: Math.max(0, -window.from),
        after: Math.max(0, window.to),
      };
      const inside = (lags: ReadonlyMap<number, number>, { from, to } = window) =>
        sum([...lags].filter(([days]) => days >= from && days <= to).map(([, n]) => n));
      found.push({
        kind: 'date',
        condition,
        share: Math.min(inside(real), inside(real, half)) / total,
        chance: inside(random) / Math.max(1, sum(random.values())),
        filled: total / together.left.length,
        pairs: total,
        exact: (real.get(0) ?? 0) / total,
      });
    }
  }
  return found.sort((a, b) => lift(b) - lift(a) || span(a) - span(b)).slice(0, 3);
}

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
const span = ({ condition }: Agreement) => (condition.kind === 'date' ? condition.before + condition.after : 0);

/**
 * The days between two dates that are more frequent than chance, from the first to the last: one window around the greatest
 * excess, as long as it goes on.
 *
 * @param real How many pairs there are of each lag. @param random The same for rows put together at random.
 */
export function lagWindow(
  real: ReadonlyMap<number, number>,
  random: ReadonlyMap<number, number>,
): { from: number; to: number } | undefined {
  const total = sum(real.values());
  if (total === 0) return undefined;
  const scale = total / Math.max(1, sum(random.values()));
  // Chance is smooth: the mean over two weeks around, since single days of a sample are not.
  const expected = (lag: number) => {
    let near = 0;
    for (let day = lag - 7; day <= lag + 7; day++) near += random.get(day) ?? 0;
    return (near / 15) * scale;
  };
  const excess = (lag: number) => {
    const base = expected(lag);
    return (real.get(lag) ?? 0) - base - 2 * Math.sqrt(base);
  };
  const lags = [...real.keys()].filter((lag) => Math.abs(lag) <= MOST_DAYS && excess(lag) > 0);
  if (lags.length === 0) return undefined;
  const peak = lags.reduce((best, lag) => (excess(lag) > excess(best) ? lag : best));
  const least = Math.max(1, total * 0.003);
  const grow = (step: 1 | -1) => {
    let edge = peak;
    // Weekends make gaps: up to three days without any do not end the window.
    for (let day = peak + step; Math.abs(day - edge) <= 3 && Math.abs(day) <= MOST_DAYS; day += step) {
      if ((real.get(day) ?? 0) >= least && excess(day) > 0) edge = day;
    }
    return edge;
  };
  const [from, to] = [grow(-1), grow(1)];
  const inside = sum(lags.filter((lag) => lag >= from && lag <= to).map((lag) => real.get(lag)!));
  return inside >= total * 0.1 ? { from, to } : undefined;
}
