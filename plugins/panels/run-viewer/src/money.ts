import type { CurrencySums, Run, RunSummary } from '@kalla/core';
import { subtractDecimals } from '@kalla/ui';

/** What one amount column of one side comes to in one currency. All are exact decimal texts. */
export interface MoneyLine {
  side: 'left' | 'right';
  column: string;
  all: string;
  matched: string;
  unmatched: string;
}

export interface CurrencyMoney {
  /** Null where the cells are empty; undefined where no column names a currency. */
  currency: string | null | undefined;
  lines: MoneyLine[];
  /** Left minus right, where each side has one amount column. */
  difference: Omit<MoneyLine, 'side' | 'column'> | null;
}

/** The money of both sides by currency, largest group first. Matched is all less unmatched: a row counts once, however often it matches. */
export function moneyOf(run: Run, summary: RunSummary | null): CurrencyMoney[] {
  const sides = { left: groupsOf(run, summary, 'left'), right: groupsOf(run, summary, 'right') };
  const names = [...sides.left.keys(), ...sides.right.keys()];
  return [...new Set(names)].map((currency) => {
    const lines = (['left', 'right'] as const).flatMap((side) => sides[side].get(currency) ?? []);
    const [left, right, more] = lines;
    const single = left?.side === 'left' && right?.side === 'right' && more === undefined;
    const minus = (key: 'all' | 'matched' | 'unmatched') => subtractDecimals(left![key], right![key]) ?? '';
    const difference = single ? { all: minus('all'), matched: minus('matched'), unmatched: minus('unmatched') } : null;
    return { currency, lines, difference };
  });
}

function groupsOf(run: Run, summary: RunSummary | null, side: 'left' | 'right') {
  const amounts = amountColumns(run, side);
  const all = summary?.by_currency?.[side];
  const unmatched = summary?.by_currency?.[`unmatched_${side}`];
  const groups = new Map<string | null | undefined, MoneyLine[]>();
  if (all && unmatched && !all.too_many && all.groups.length > 0) {
    for (const { currency, sums } of all.groups)
      groups.set(currency, linesOf(side, amounts, sums, sumsOfGroup(unmatched, currency)));
  } else groups.set(undefined, linesOf(side, amounts, run.sums?.[side] ?? {}, run.sums?.[`unmatched_${side}`] ?? {}));
  return groups;
}

const sumsOfGroup = (sums: CurrencySums, currency: string | null) =>
  sums.groups.find((group) => group.currency === currency)?.sums ?? {};

function linesOf(
  side: 'left' | 'right',
  amounts: (column: string) => boolean,
  all: Record<string, string>,
  unmatched: Record<string, string>,
): MoneyLine[] {
  return Object.entries(all).flatMap(([column, total]) => {
    // Nothing, with the places that the column has.
    const rest = unmatched[column] ?? subtractDecimals(total, total) ?? '0';
    const matched = subtractDecimals(total, rest);
    return amounts(column) && matched !== null ? [{ side, column, all: total, matched, unmatched: rest }] : [];
  });
}

/** Money has digits after the point; only where a side has no such column its whole numbers count. */
function amountColumns(run: Run, side: 'left' | 'right'): (column: string) => boolean {
  const types = new Map(run[side].columns?.map(({ name, type }) => [name, type]));
  const isAmount = (column: string) => !/^decimal\(\d+,0\)$|^u?int/.test(types.get(column) ?? 'decimal(38,2)');
  return Object.keys(run.sums?.[side] ?? {}).some(isAmount) ? isAmount : () => true;
}
