import type { ColumnType } from '@kalla/core';
import { classNames } from './class-names.ts';
import { formatCell, formatCount, formatDateTime } from './format.ts';
import { useLocale, useTimeZone } from './locale.tsx';

/**
 * An amount, given as exact decimal text. Its title and what is copied (`data-exact`) hold the text unchanged; below zero
 * it has a minus sign and the colour of negatives.
 *
 * @example <Amount value="-1204.50" />
 */
export function Amount({ value, type = 'decimal(38,2)' }: { value: string; type?: ColumnType }) {
  const cell = formatCell(value, type, useLocale());
  return (
    <data
      className={classNames('k-number', cell.negative && 'k-negative')}
      value={cell.exact}
      title={cell.exact}
      suppressHydrationWarning
    >
      {cell.text}
    </data>
  );
}

/** A count of rows, grouped as the reader's locale does. */
export function Count({ value }: { value: number }) {
  return (
    <data className="k-number" value={value} suppressHydrationWarning>
      {formatCount(value, useLocale())}
    </data>
  );
}

/** An instant (ISO 8601) in the reader's zone; the title holds it exactly. */
export function DateTime({ iso }: { iso: string }) {
  return (
    <time dateTime={iso} title={iso} suppressHydrationWarning>
      {formatDateTime(iso, useLocale(), useTimeZone())}
    </time>
  );
}
