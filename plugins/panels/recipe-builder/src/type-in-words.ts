import { decimalOf, type ColumnType } from '@kalla/core';

export function typeInWords(type: ColumnType): string {
  const decimal = decimalOf(type);
  return decimal ? `money, ${decimal.scale} decimals` : type;
}
