import { amountTerm, dayTerm, type AmountCondition, type Condition, type DateCondition } from '@kalla/core';
import { columnName, type Bench, type SideName } from './bench.ts';
import { equalOn, indexOf, type Seed } from './candidate.ts';
import { isAmount, isCategory, type ColumnFacts } from './column-facts.ts';
import type { SeedSample } from './seed-sample.ts';
import type { PairOverlap } from './reference-seeds.ts';

/** A condition that holds for pairs joined by a seed. */
export interface Agreement {
  kind: 'amount' | 'date' | 'category' | 'reference';
  condition: Condition;
  /** Share of the pairs with both values for which it holds. */
  share: number;
  /** The same share for rows that are put together at random. */
  chance: number;
  /** Share of the pairs that have both values. */
  filled: number;
  /** Pairs that this rests on. */
  pairs: number;
  /** An equality with no tolerance, where the condition has one: how often that holds. */
  exact?: number;
}

/** Columns of each kind that are looked at on each side. */
const MOST = { amount: 5, date: 4, other: 8 };
/** Differences that people set a tolerance to. Text, since amounts never become numbers here. */
const ABSOLUTE = ['0.01', '0.02', '0.05', '0.10', '0.20', '0.50', '1', '2', '5', '10', '20', '50', '100'];
const PERCENT = ['0.1', '0.5', '1', '2', '3', '5', '10'];
/** A wider tolerance has to bring this share of the pairs more. */
const GAIN = 0.01;
/** Days beyond which two dates have nothing to do with each other. */
const MOST_DAYS = 60;

type Both<T> = Readonly<Record<SideName, T>>;

/**
 * What else agrees in the pairs that a seed joins: amounts with their signs and tolerance, dates with their lag, categories.
 * Each is compared with the same pairs put together at random.
 */
export async function agreementsOf(
  bench: Bench,
  seed: Seed,
  sample: SeedSample,
  facts: Both<readonly ColumnFacts[]>,
  pairs: readonly PairOverlap[],
): Promise<Agreement[]> {
  if (sample.sure === 0) return [];
  const used = { left: seed.left, right: seed.right };
  const amounts = both((side) => take(facts[side].filter(isAmount), used[side], MOST.amount));
  const dates = both((side) =>
    take(
      facts[side].filter(({ family, filled }) => family === 'date' && filled > 0),
      -1,
      MOST.date,
    ),
  );
  const others = pairs
    .filter(({ left, right }) => left !== seed.left && right !== seed.right)
    .filter(({ left, right }) => facts.left[left]!.fractional === 0 && facts.right[right]!.fractional === 0)
    .slice(0, MOST.other);
  await joinColumns(bench, sample, {
    left: [...amounts.left, ...dates.left].map(({ index }) => index).concat(others.map(({ left }) => left)),
    right: [...amounts.right, ...dates.right].map(({ index }) => index).concat(others.map(({ right }) => right)),
  });
  const equal = await equalAgreements(bench, others, facts);
  const sameColumns = (a: Agreement, b: Agreement) =>
    a.condition.left === b.condition.left && a.condition.right === b.condition.right;
  const money = await amountAgreements(bench, amounts);
  return [
    // A line number is a whole number too, but nobody calls it an amount.
    ...money.filter((one) => one.exact !== one.share || !equal.some((other) => sameColumns(one, other))),
    ...(await dateAgreements(bench, dates)),
    ...equal,
  ];
}

/**
 * How near two rows are by what may tell them apart, as SQL over `a` and `b`: the amounts that agree best first, then days.
 *
 * @param rough What was found while any of the pairs could be the right one.
 */
export function distancesOf(bench: Bench, rough: readonly Agreement[], facts: Both<readonly ColumnFacts[]>): string[] {
  const type = (side: SideName, name: string) => bench.columns(side)[indexOf(name)]!.type;
  const money = rough.find(({ kind }) => kind === 'amount')?.condition;
  const distances: string[] = [];
  if (money?.kind === 'amount') {
    const a = amountTerm(`a.${money.left}`, type('left', money.left));
    const b = amountTerm(`b.${money.right}`, type('right', money.right));
    distances.push(
      money.sign === 'same'
        ? `abs(${a} - ${b})`
        : money.sign === 'opposite'
          ? `abs(${a} + ${b})`
          : `abs(abs(${a}) - abs(${b}))`,
    );
  }
  const day = rough.find(({ kind }) => kind === 'date')?.condition;
  const first = (side: SideName) => facts[side].find(({ family, filled }) => family === 'date' && filled > 0);
  const left = day?.left ?? (first('left') && columnName(first('left')!.index));
  const right = day?.right ?? (first('right') && columnName(first('right')!.index));
  if (left && right) {
    const term = (table: string, side: SideName, name: string) => dayTerm(`${table}.${name}`, type(side, name));
    distances.push(`abs(date_diff('day', ${term('a', 'left', left)}, ${term('b', 'right', right)}))`);
  }
  return distances;
}

const both = <T>(make: (side: SideName) => T): Both<T> => ({ left: make('left'), right: make('right') });
const take = (facts: readonly ColumnFacts[], except: number, most: number) =>
  facts
    .filter(({ index }) => index !== except)
    .sort((a, b) => b.distinct - a.distinct || a.index - b.index)
    .slice(0, most);

/** `s_joined`: columns `a…` of the left and `b…` of the right row of each sure pair, and `x…` of a right row at random. */
async function joinColumns(bench: Bench, sample: SeedSample, columns: Both<readonly number[]>): Promise<void> {
  const left = [...new Set(columns.left)];
  const right = [...new Set(columns.right)];
  const shift = Math.max(1, Math.floor(sample.sure / 2) - 1);
  const list = [
    's.n',
    ...left.map((index) => `a.c${index} AS a${index}`),
    ...right.map((index) => `b.c${index} AS b${index}`),
    ...right.map((index) => `o.c${index} AS x${index}`),
  ];
  await bench.run(
    `CREATE OR REPLACE TEMP TABLE s_joined AS SELECT ${list.join(', ')} FROM s_sure s JOIN s_left a ON a._row = s.l ` +
      `JOIN s_right b ON b._row = s.r JOIN s_sure t ON t.n = (s.n + ${shift}) % ${sample.sure} JOIN s_right o ON o._row = t.r`,
  );
}

const counted = (condition: string) => `count(*) FILTER (WHERE ${condition})::VARCHAR`;

async function amountAgreements(bench: Bench, amounts: Both<readonly ColumnFacts[]>): Promise<Agreement[]> {
  const combos = amounts.left.flatMap((left) => amounts.right.map((right) => ({ left, right })));
  if (combos.length === 0) return [];
  const terms = ({ left, right }: (typeof combos)[number], partner: 'b' | 'x') => ({
    a: amountTerm(`a${left.index}`, left.type),
    b: amountTerm(`${partner}${right.index}`, right.type),
  });
  const sql = combos.flatMap((combo) => {
    const real = terms(combo, 'b');
    const random = terms(combo, 'x');
    return [
      counted(`${real.a} <> 0 AND ${real.b} <> 0`),
      counted(`${real.a} = ${real.b} AND ${real.a} <> 0`),
      counted(`${real.a} = -${real.b} AND ${real.a} <> 0`),
      counted(`${random.a} = ${random.b} AND ${real.a} <> 0`),
      counted(`${random.a} = -${random.b} AND ${real.a} <> 0`),
      counted(`abs(${real.a} - ${real.b}) * 10 <= abs(${real.a}) AND ${real.a} <> 0`),
      counted(`abs(${real.a} + ${real.b}) * 10 <= abs(${real.a}) AND ${real.a} <> 0`),
    ];
  });
  const [all, ...values] = await bench.numbers(`SELECT count(*)::VARCHAR, ${sql.join(', ')} FROM s_joined`);
  const found: Agreement[] = [];
  for (const [at, combo] of combos.entries()) {
    const [filled, same, opposite, sameChance, oppositeChance, nearSame, nearOpposite] = values.slice(
      at * 7,
      at * 7 + 7,
    ) as [number, number, number, number, number, number, number];
    if (filled < Math.min(3, all!)) continue;
    // Equal or at least near: a fee or a rounding on every row leaves no two amounts equal.
    const score = { same: same + nearSame / 4, opposite: opposite + nearOpposite / 4 };
    const [sign, exact, chance] =
      score.same > 0 && score.opposite > 0 && Math.min(same, opposite) > filled * 0.1
        ? (['any', same + opposite, sameChance + oppositeChance] as const)
        : score.opposite > score.same
          ? (['opposite', opposite, oppositeChance] as const)
          : (['same', same, sameChance] as const);
    const condition: AmountCondition = {
      kind: 'amount',
      left: columnName(combo.left.index),
      right: columnName(combo.right.index),
      sign,
      tolerance: { kind: 'none' },
    };
    const base = { kind: 'amount' as const, filled: filled / all!, exact: exact / filled, pairs: filled };
    const near = sign === 'same' ? nearSame : sign === 'opposite' ? nearOpposite : nearSame + nearOpposite;
    if (exact < filled * 0.98 && near > exact + filled * GAIN) {
      const loose = await tolerance(bench, condition, terms(combo, 'b'), terms(combo, 'x'), filled, exact);
      if (loose) found.push({ ...base, ...loose });
    }
    if (exact > 0) found.push({ ...base, condition, share: exact / filled, chance: chance / filled });
  }
  return found.sort((a, b) => lift(b) - lift(a)).slice(0, 6);
}

/** The smallest tolerance people would set that takes in nearly all that a greater one would. */
async function tolerance(
  bench: Bench,
  condition: AmountCondition,
  real: { a: string; b: string },
  random: { a: string; b: string },
  filled: number,
  exact: number,
): Promise<Pick<Agreement, 'condition' | 'share' | 'chance'> | undefined> {
  const distance = ({ a, b }: { a: string; b: string }) =>
    condition.sign === 'same'
      ? `abs(${a} - ${b})`
      : condition.sign === 'opposite'
        ? `abs(${a} + ${b})`
        : `abs(abs(${a}) - abs(${b}))`;
  const within = (terms: { a: string; b: string }, kind: 'absolute' | 'percent', value: string) =>
    kind === 'absolute'
      ? `${distance(terms)} <= ${value} AND ${terms.a} <> 0`
      : `${distance(terms)} * 100 <= abs(${terms.a}) * ${value} AND ${terms.a} <> 0`;
  const steps = [
    ...ABSOLUTE.map((value) => ({ kind: 'absolute' as const, value })),
    ...PERCENT.map((value) => ({ kind: 'percent' as const, value })),
  ];
  const values = await bench.numbers(
    `SELECT ${steps.flatMap(({ kind, value }) => [counted(within(real, kind, value)), counted(within(random, kind, value))]).join(', ')} FROM s_joined`,
  );
  const measured = steps.map((step, at) => ({ ...step, real: values[2 * at]!, random: values[2 * at + 1]! }));
  const bestOf = (kind: 'absolute' | 'percent') => {
    const list = measured.filter((step) => step.kind === kind);
    // What comes by chance with a wider tolerance is no gain.
    const net = (step: (typeof list)[number]) => step.real - step.random;
    const most = Math.max(...list.map(net));
    const chosen = list.find((step) => net(step) >= most - filled * GAIN);
    return chosen && { ...chosen, net: net(chosen) };
  };
  const candidates = (['absolute', 'percent'] as const).map(bestOf).filter((one) => one !== undefined);
  const most = Math.max(...candidates.map(({ net }) => net));
  // Where both do, the one that lets less in by chance; an absolute one is easier to understand.
  const [best] = candidates
    .filter(({ net }) => net >= most - filled * GAIN)
    .sort((a, b) => a.random - b.random || (a.kind === 'absolute' ? -1 : 1));
  if (!best || best.net <= exact + filled * GAIN) return undefined;
  return {
    condition: { ...condition, tolerance: { kind: best.kind, value: best.value } },
    share: best.real / filled,
    chance: best.random / filled,
  };
}

async function dateAgreements(bench: Bench, dates: Both<readonly ColumnFacts[]>): Promise<Agreement[]> {
  const found: Agreement[] = [];
  for (const left of dates.left) {
    for (const right of dates.right) {
      const a = dayTerm(`a${left.index}`, left.type);
      const lag = (partner: 'b' | 'x') => `date_diff('day', ${a}, ${dayTerm(`${partner}${right.index}`, right.type)})`;
      const histogram = async (partner: 'b' | 'x', part: string) =>
        new Map(
          (
            await bench.rows(
              `SELECT ${lag(partner)}::VARCHAR AS d, count(*)::VARCHAR FROM s_joined WHERE ${part} GROUP BY d HAVING d IS NOT NULL ORDER BY count(*) DESC LIMIT 4000`,
            )
          ).map((row) => [Number(row[0]), Number(row[1])] as const),
        );
      const window = lagWindow(await histogram('b', 'true'), await histogram('x', 'true'));
      if (!window) continue;
      // Some window is always the best of all: whether it is more than that shows in pairs that did not choose it.
      const half = lagWindow(await histogram('b', 'n % 2 = 0'), await histogram('x', 'n % 2 = 0'));
      if (!half) continue;
      const [real, random] = [await histogram('b', 'n % 2 = 1'), await histogram('x', 'n % 2 = 1')];
      if (real.size === 0) continue;
      const [all] = await bench.numbers('SELECT count(*)::VARCHAR FROM s_joined');
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
        filled: total / Math.max(1, all!),
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

async function equalAgreements(
  bench: Bench,
  pairs: readonly PairOverlap[],
  facts: Both<readonly ColumnFacts[]>,
): Promise<Agreement[]> {
  if (pairs.length === 0) return [];
  const text = (column: string) => `NULLIF(CAST(${column} AS VARCHAR), '')`;
  const sql = pairs.flatMap(({ left, right }) => {
    const a = text(`a${left}`);
    return [
      counted(`${a} IS NOT NULL AND ${text(`b${right}`)} IS NOT NULL`),
      counted(`${a} = ${text(`b${right}`)}`),
      counted(`${a} = ${text(`x${right}`)}`),
    ];
  });
  const [all, ...values] = await bench.numbers(`SELECT count(*)::VARCHAR, ${sql.join(', ')} FROM s_joined`);
  return pairs.flatMap(({ left, right }, at): Agreement[] => {
    const [filled, same, random] = values.slice(at * 3, at * 3 + 3) as [number, number, number];
    if (filled === 0 || same === 0) return [];
    const category = isCategory(facts.left[left]!) && isCategory(facts.right[right]!);
    return [
      {
        kind: category ? 'category' : 'reference',
        condition: equalOn(left, right),
        share: same / filled,
        chance: random / filled,
        filled: filled / all!,
        pairs: filled,
      },
    ];
  });
}

/**
 * How much more often it holds than by chance: 0 no more, 1 always. Of a few pairs only what they show for certain counts:
 * both shares are taken at the unfavourable end of where they may lie.
 */
export function lift({ share, chance, pairs }: Pick<Agreement, 'share' | 'chance' | 'pairs'>): number {
  const spread = (part: number) => Math.sqrt((part * (1 - part)) / pairs) + 1 / pairs;
  const least = share - 1.6 * spread(share);
  const most = Math.min(1, chance + 1.6 * spread(chance));
  return most >= 1 ? 0 : Math.max(0, (least - most) / (1 - most));
}

/** The columns that an agreement is about. */
export const columnsOf = ({ condition }: Agreement) => ({
  left: indexOf(condition.left),
  right: indexOf(condition.right),
});
