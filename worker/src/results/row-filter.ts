import {
  decimalOf,
  duckdbTypeOf,
  ProblemError,
  quoteIdentifier,
  quoteLiteral,
  type ColumnInfo,
  type ProblemItem,
  type RowFilter,
} from '@kalla/core';
import type { Engine } from '../engine/engine.ts';
import { cellText } from './json-cells.ts';

const COMPARISONS = { eq: '=', ne: '<>', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;

/** What a request asks of a table, besides the page. */
export interface RowSelection {
  sort?: string;
  filter: readonly RowFilter[];
  q?: string;
}

function columnNamed(columns: readonly ColumnInfo[], name: string, field: string): ColumnInfo {
  const column = columns.find((item) => item.name === name);
  if (column) return column;
  throw bad(`There is no column "${name}". There are: ${columns.map((item) => item.name).join(', ')}.`, {
    field,
    column: name,
  });
}

/**
 * A WHERE condition for a selection, or `true`. Values are compared in the column's own type, so `9` is less than `10`.
 * @throws ProblemError `validation` when a column is absent or a value is not of its type.
 */
export async function whereOf(
  engine: Engine,
  columns: readonly ColumnInfo[],
  selection: RowSelection,
): Promise<string> {
  const conditions: string[] = [];
  for (const filter of selection.filter) {
    const column = columnNamed(columns, filter.column, 'filter');
    const name = quoteIdentifier(column.name);
    if (filter.op === 'is_null') conditions.push(`${name} IS NULL`);
    else if (filter.op === 'not_null') conditions.push(`${name} IS NOT NULL`);
    else {
      if (filter.value === undefined) {
        throw bad(`The filter on "${column.name}" has no value.`, { field: 'filter', column: column.name });
      }
      if (filter.value.includes('\0')) throw bad('A filter cannot hold a NUL character.', { field: 'filter' });
      const text = quoteLiteral(filter.value);
      if (filter.op === 'contains') conditions.push(`contains(lower(${cellText(column.type, name)}), lower(${text}))`);
      else if (filter.op === 'starts_with')
        conditions.push(`starts_with(lower(${cellText(column.type, name)}), lower(${text}))`);
      else
        conditions.push(
          numberCondition(column, filter.op, filter.value) ??
            `${comparand(column, name)} ${COMPARISONS[filter.op]} ${await typed(engine, column, filter.value)}`,
        );
    }
  }
  if (selection.q) {
    if (selection.q.includes('\0')) throw bad('A search cannot hold a NUL character.', { field: 'q' });
    const text = quoteLiteral(selection.q);
    const anywhere = columns.map(
      (column) => `contains(lower(${cellText(column.type, quoteIdentifier(column.name))}), lower(${text}))`,
    );
    // A NULL cell holds nothing, and must not turn the whole condition into NULL.
    conditions.push(`(${anywhere.map((condition) => `coalesce(${condition}, false)`).join(' OR ')})`);
  }
  return conditions.length === 0 ? 'true' : conditions.map((condition) => `(${condition})`).join(' AND ');
}

/** `amount` or `-amount` as an ORDER BY that is the same each time: file order decides among equals. NULLs come last. */
export function orderOf(columns: readonly ColumnInfo[], sort: string | undefined): string | null {
  if (!sort) return null;
  // A column may itself begin with a hyphen.
  const exact = columns.find((item) => item.name === sort);
  const descending = !exact && sort.startsWith('-');
  const column = exact ?? columnNamed(columns, descending ? sort.slice(1) : sort, 'sort');
  return `${quoteIdentifier(column.name)} ${descending ? 'DESC' : 'ASC'} NULLS LAST, file_row_number`;
}

/** What a column is compared as. */
function comparand(column: ColumnInfo, name: string): string {
  return column.type === 'binary' ? `lower(hex(${name}))` : name;
}

/** Digits before and behind the point that a column of exact numbers can have; null for any other type. */
function digitsOf(type: string): { whole: number; scale: number } | null {
  const parts = decimalOf(type as ColumnInfo['type']);
  if (parts) return { whole: parts.precision - parts.scale, scale: parts.scale };
  return /^u?int/.test(type) ? { whole: 20, scale: 0 } : null;
}

/**
 * A comparison with an exact number. A number that is larger than any cell of the column can be is decided here: no type of the
 * engine holds it beside the column.
 */
function numberCondition(column: ColumnInfo, op: keyof typeof COMPARISONS, value: string): string | null {
  const digits = digitsOf(column.type);
  const parts = /^([+-]?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(value.trim());
  if (!digits || !parts || !/\d/.test(value)) return null;
  const [, sign = '', whole = '', fraction = ''] = parts;
  const name = quoteIdentifier(column.name);
  if (whole.length > digits.whole) {
    const holds = op === 'ne' || (sign === '-' ? op.startsWith('gt') : op.startsWith('lt'));
    return `${name} IS NOT NULL AND ${holds}`;
  }
  if (digits.whole + Math.max(digits.scale, fraction.length) > 38) return null;
  const literal = `${sign}${whole || '0'}${fraction ? `.${fraction}` : ''}`;
  return `${name} ${COMPARISONS[op]} CAST('${literal}' AS DECIMAL(38,${Math.max(digits.scale, fraction.length)}))`;
}

async function typed(engine: Engine, column: ColumnInfo, value: string): Promise<string> {
  if (column.type === 'text') return quoteLiteral(value);
  if (column.type === 'binary') return `lower(${quoteLiteral(value)})`;
  // Cells of a far year carry a sign that the engine reads only where it is a minus.
  if (/^(date|timestamp)/.test(column.type)) value = value.replace(/^\s*\+0*(?=\d{4})/, '');
  const isNumber = digitsOf(column.type) !== null;
  const type = duckdbTypeOf(column.type);
  // DuckDB would take a time off a date without a word.
  const fits = column.type !== 'date' || /^\s*[+-]?\d+-\d+-\d+\s*$/.test(value);
  if (!isNumber && fits) {
    const rows = await engine.rows(`SELECT TRY_CAST($1::VARCHAR AS ${type}) IS NOT NULL`, { values: [value] });
    if (rows[0]![0] === true) return `CAST(${quoteLiteral(value)} AS ${type})`;
  }
  throw bad(`"${value}" is not a ${column.type} value, which the filter on "${column.name}" needs.`, {
    field: 'filter',
    column: column.name,
    value,
  });
}

function bad(sentence: string, item: Partial<ProblemItem>): ProblemError {
  return new ProblemError('validation', sentence, [{ message: sentence, ...item }]);
}
