import { decimalOf, type RowFilter } from '@kalla/core';
import type { PlannedColumn } from './columns.ts';

/** A part of a query, as the server takes it. */
export type Query = Record<string, unknown>;

const RANGES: Partial<Record<RowFilter['op'], string>> = { lt: 'lt', lte: 'lte', gt: 'gt', gte: 'gte' };
const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const INSTANT = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,3})?Z$/;

/**
 * Parts conditions into what the server applies exactly and what is left to the caller: search in text, order of text, values that
 * the server would read differently, fields whose index does not hold what the document does.
 *
 * @example splitFilter([{ column: 'ok', op: 'eq', value: 'true' }], columns).queries[0] // { term: { ok: { value: true } } }
 */
export function splitFilter(
  filters: readonly RowFilter[],
  columns: readonly PlannedColumn[],
): { queries: Query[]; residual: RowFilter[] } {
  const byName = new Map(columns.map((column) => [column.info.name, column]));
  const queries: Query[] = [];
  const residual: RowFilter[] = [];
  for (const filter of filters) {
    const column = byName.get(filter.column);
    const query = column ? toQuery(filter, column) : null;
    if (query) queries.push(query);
    else residual.push(filter);
  }
  return { queries, residual };
}

function toQuery({ op, value }: RowFilter, column: PlannedColumn): Query | null {
  if (column.meta !== null) {
    if (op === 'is_null') return { match_none: {} };
    if (op === 'not_null') return { match_all: {} };
    if (value === undefined || (op !== 'eq' && op !== 'ne')) return null;
    const is = column.meta === '_id' ? { ids: { values: [value] } } : { term: { _index: { value } } };
    return op === 'eq' ? is : { bool: { must_not: [is] } };
  }
  if (!isIndexedAsItIs(column)) return null;
  const { path } = column;
  const exists = { exists: { field: path } };
  if (op === 'not_null') return exists;
  if (op === 'is_null') return { bool: { must_not: [exists] } };
  const known = value === undefined ? null : valueFor(column, value);
  if (known === null) return null;
  const range = RANGES[op];
  const format = known.format ? { format: known.format } : {};
  if (range)
    return column.mapping.type === 'boolean' ? null : { range: { [path]: { [range]: known.value, ...format } } };
  if (op !== 'eq' && op !== 'ne') return null;
  const is = known.format
    ? { range: { [path]: { gte: known.value, lte: known.value, ...format } } }
    : { term: { [path]: { value: known.value } } };
  // As in SQL, what has no value is not unequal either.
  return op === 'eq' ? is : { bool: { filter: [exists], must_not: [is] } };
}

/** The index holds one value for each document, the one that is read: nothing replaced, ignored or put in another form. */
function isIndexedAsItIs({ leaf, mapping: { codec } }: PlannedColumn): boolean {
  if (!leaf || leaf.isRuntime) return false;
  if (!['integer', 'decimal', 'boolean', 'instant', 'day'].includes(codec)) return false;
  return leaf.definitions.every(
    ({ type, index, doc_values, ignore_malformed, null_value }) =>
      type !== 'date_nanos' &&
      // A decimal read from a float has digits that its index has not.
      !/float|double/.test(type ?? '') &&
      index !== false &&
      doc_values !== false &&
      !ignore_malformed &&
      (null_value === undefined || null_value === null),
  );
}

function valueFor({ info, mapping }: PlannedColumn, value: string): { value: unknown; format?: string } | null {
  if (decimalOf(info.type) || /int/.test(info.type))
    return /^-?\d{1,19}$/.test(value) && inRange(value, info.type) ? { value } : null;
  if (info.type === 'boolean') return /^(true|false)$/.test(value) ? { value: value === 'true' } : null;
  if (mapping.codec === 'day') return DAY.test(value) ? { value, format: 'strict_date' } : null;
  if (mapping.codec === 'instant' && INSTANT.test(value))
    return { value: value.replace(' ', 'T'), format: 'strict_date_optional_time' };
  return null;
}

/** A number outside of the field's range is refused by the server, although it compares well. */
function inRange(value: string, type: string): boolean {
  const number = BigInt(value);
  const [, unsigned, bits = '64'] = /^(u?)int(\d+)$/.exec(type) ?? [];
  const size = BigInt(bits);
  return unsigned === 'u'
    ? number >= 0n && number < 2n ** size
    : number >= -(2n ** (size - 1n)) && number < 2n ** (size - 1n);
}
