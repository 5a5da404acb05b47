import type { ColumnType } from '@kalla/core';
import { messages } from './messages.ts';

/**
 * A column's type as a person reads it.
 *
 * @example typeInWords('decimal(12,2)') === 'money, 2 decimals'
 * @example typeInWords('timestamptz') === 'date and time, with zone'
 */
export function typeInWords(type: ColumnType): string {
  const scale = /^decimal\(\d+,(\d+)\)$/.exec(type)?.[1];
  // Amounts have two decimals nearly everywhere; other scales are rates, quantities and the like.
  if (scale !== undefined) return scale === '2' ? messages.typeMoney : messages.typeDecimal(Number(scale));
  if (/^u?int/.test(type)) return messages.typeWhole;
  return (messages.types as Record<string, string>)[type] ?? type;
}
