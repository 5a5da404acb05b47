import type { ColumnInfo, RowFilter } from '@kalla/core';
import { formatCell, isNumeric } from '@kalla/ui';
import { messages } from './messages.ts';

type Column = Pick<ColumnInfo, 'type'>;
type Op = RowFilter['op'];

/** Whether a condition asks for a value at all. */
export const hasValue = (op: Op) => op !== 'is_null' && op !== 'not_null';

/** Whether a condition compares in the column's own type; the others look into its text. */
const compares = (op: Op) => hasValue(op) && op !== 'contains' && op !== 'starts_with';

/** What a value of the condition is, and so how it is typed. */
export function valueKind(column: Column | undefined, op: Op): 'number' | 'date' | 'text' {
  if (!column || !compares(op)) return 'text';
  return isNumeric(column.type) ? 'number' : column.type === 'date' ? 'date' : 'text';
}

/**
 * What was typed as the server reads it: a number written as the reader's locale does, and as the page shows it, becomes plain
 * decimal text. Null where it is no number of that column.
 *
 * @example filterValue('-1.000,50', { type: 'decimal(12,2)' }, 'gte', 'de') === '-1000.50'
 */
export function filterValue(typed: string, column: Column | undefined, op: Op, locale: string): string | null {
  if (valueKind(column, op) !== 'number') return typed;
  const parts = new Intl.NumberFormat(locale).formatToParts(-1_234_567.5);
  const sign = (type: 'group' | 'decimal') => parts.find((part) => part.type === type)?.value;
  // Groups are apart by a blank in some places, and by either apostrophe in others.
  const text = typed.replace(/[\s'’]/g, '').replace('−', '-');
  if (/[A-Z]/i.test(text)) return null;
  const marked = text.replaceAll(sign('group') ?? 'G', 'G').replaceAll(sign('decimal') ?? 'D', 'D');
  const grouped = /^-?\d{1,3}(?:G\d{2,3})*G\d{3}(?:D\d+)?$/.test(marked);
  const plain = grouped || /^-?\d*D\d+$/.test(marked) ? marked.replaceAll('G', '').replace('D', '.') : text;
  if (!/^-?(?:\d+(?:\.\d+)?|\.\d+)$/.test(plain)) return null;
  return /^u?int/.test(column?.type ?? '') && plain.includes('.') ? null : plain;
}

/** A filter in words, its value as the page shows such values: `amount is more than 1,000.00`. */
export function filterText({ column: name, op, value }: RowFilter, column: Column | undefined, locale: string): string {
  const shown =
    value !== undefined && column && valueKind(column, op) !== 'text'
      ? formatCell(value, column.type, locale).text
      : value;
  return [name, messages.ops[op], shown].filter((part) => part !== undefined).join(' ');
}
