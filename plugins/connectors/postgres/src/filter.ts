import { decimalOf, quoteLiteral, type RowFilter } from '@kalla/core';
import type { PlannedColumn } from './select.ts';

const COMPARISONS: Partial<Record<RowFilter['op'], string>> = {
  eq: '=',
  ne: '<>',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
};

/** How a value of a type must be written so that both engines read it alike; else the condition is left to the caller. */
const PLAIN: Array<[RegExp, RegExp, string]> = [
  [/^(int|uint)/, /^-?\d{1,38}$/, 'numeric'],
  [/^decimal/, /^-?\d{1,38}(\.\d{1,38})?$/, 'numeric'],
  [/^date$/, /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'date'],
  [
    /^timestamp$/,
    /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[ T]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?$/,
    'timestamp',
  ],
  [
    /^timestamptz$/,
    /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[ T]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?Z$/,
    'timestamptz',
  ],
  [/^uuid$/, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'uuid'],
  [/^boolean$/, /^(true|false)$/, 'boolean'],
];

/**
 * Parts conditions into what the server applies exactly and what is left to the caller: text search, values whose spelling
 * the two engines might read differently, and columns that are not there.
 *
 * @example splitFilter([{ column: 'amount', op: 'gte', value: '10.5' }], columns).where === `"amount" >= '10.5'::numeric`
 */
export function splitFilter(
  filters: readonly RowFilter[],
  columns: ReadonlyMap<string, PlannedColumn>,
): { where: string | null; residual: RowFilter[] } {
  const residual: RowFilter[] = [];
  const applied: string[] = [];
  for (const filter of filters) {
    const column = columns.get(filter.column);
    const sql = column ? toSql(filter, column) : null;
    if (sql === null) residual.push(filter);
    else applied.push(sql);
  }
  return { where: applied.length ? applied.join(' AND ') : null, residual };
}

function toSql(filter: RowFilter, { expression, info }: PlannedColumn): string | null {
  if (filter.op === 'is_null') return `${expression} IS NULL`;
  if (filter.op === 'not_null') return `${expression} IS NOT NULL`;
  const operator = COMPARISONS[filter.op];
  const { value } = filter;
  if (!operator || value === undefined || value.includes('\0')) return null;
  // Byte order, as Parquet and DuckDB compare text, whatever the database's own collation is.
  if (info.type === 'text') return `(${expression})::text COLLATE "C" ${operator} ${quoteLiteral(value)}`;
  for (const [type, spelling, cast] of PLAIN) {
    if (!type.test(info.type) || !spelling.test(value)) continue;
    const exact = decimalOf(info.type);
    // A value with more places than the column has is rounded by one engine and not by the other.
    if (exact && (value.split('.')[1]?.length ?? 0) > exact.scale) return null;
    return `${expression} ${operator} ${quoteLiteral(value)}::${cast}`;
  }
  return null;
}
