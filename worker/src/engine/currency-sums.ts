import { currencyColumnOf, quoteIdentifier, type ColumnInfo, type CurrencySums } from '@kalla/core';
import type { Engine, RunOptions } from './engine.ts';
import { summableColumns } from './summable-columns.ts';
import { isOverflow } from './sums.ts';

/** Groups that a person would still read; beyond, the column is hardly one of currencies. */
const MOST_GROUPS = 60;

/**
 * Exact sums by currency over `from`, a table or subquery, in one pass. A sum that 38 digits cannot hold is left out.
 * Amounts of different currencies are never added up: without a currency column there is one group, whose currency is null.
 */
export async function currencySumsOf(
  engine: Engine,
  from: string,
  columns: readonly ColumnInfo[],
  except: readonly string[],
  options: RunOptions = {},
): Promise<CurrencySums> {
  const column = currencyColumnOf(columns);
  const key = column === null ? 'NULL::VARCHAR' : quoteIdentifier(column);
  const ask = (summed: readonly ColumnInfo[]) =>
    engine.rows(
      `SELECT * FROM (SELECT ${[`${key} AS currency`, 'count(*) AS n', ...summed.map(sumOf)].join(', ')} FROM ${from}` +
        `${column === null ? '' : ` GROUP BY ${key}`}) ORDER BY n DESC, currency NULLS LAST LIMIT ${MOST_GROUPS + 1}`,
      options,
    );
  let summed = summableColumns(columns, except);
  let rows: Awaited<ReturnType<typeof ask>>;
  try {
    rows = await ask(summed);
  } catch (error) {
    if (!isOverflow(error)) throw error;
    const fitting: ColumnInfo[] = [];
    for (const each of summed) {
      try {
        await ask([each]);
        fitting.push(each);
      } catch (inner) {
        if (!isOverflow(inner)) throw inner;
      }
    }
    summed = fitting;
    rows = await ask(summed);
  }
  if (rows.length > MOST_GROUPS) return { column, groups: [], too_many: true };
  return {
    column,
    groups: rows.map(([currency, count, ...values]) => ({
      currency: currency === null ? null : String(currency),
      rows: Number(count),
      sums: Object.fromEntries(summed.map(({ name }, index) => [name, String(values[index])])),
    })),
  };
}

const sumOf = ({ name }: ColumnInfo) => `CAST(coalesce(sum(${quoteIdentifier(name)}), 0) AS VARCHAR)`;
