import { currencyColumnOf, decimalOf, quoteIdentifier, type CellRelation, type ColumnInfo } from '@kalla/core';

/** Columns of two tables that can be laid beside each other, by what they hold. Bounded, since wide tables multiply. */
export interface Comparable {
  /** Text and whole numbers: a reference may be in any of them. */
  references: ColumnInfo[];
  amounts: ColumnInfo[];
  dates: ColumnInfo[];
  currency: string | null;
}

const MOST_REFERENCES = 16;
const MOST_AMOUNTS = 4;
const MOST_DATES = 3;

export function comparableOf(columns: readonly ColumnInfo[]): Comparable {
  const currency = currencyColumnOf(columns);
  const decimals = columns.filter(({ type }) => (decimalOf(type)?.scale ?? 0) > 0);
  const amounts = decimals.length > 0 ? decimals : columns.filter(({ type }) => decimalOf(type));
  return {
    references: columns
      .filter(({ name, type }) => (type === 'text' || /^u?int/.test(type)) && name !== currency && name !== '_row')
      .slice(0, MOST_REFERENCES),
    amounts: amounts.slice(0, MOST_AMOUNTS),
    dates: columns.filter(({ type }) => /^(date|timestamp|timestamptz)$/.test(type)).slice(0, MOST_DATES),
    currency,
  };
}

/** A reference without case, punctuation and leading zeros: `inv-000/42` and `INV 42` are both `INV42`. */
export function plainReference(expression: string): string {
  return (
    `regexp_replace(regexp_replace(upper(CAST(${expression} AS VARCHAR)), '[^\\p{L}\\p{N}]+', '', 'g'), ` +
    `'(^|[^0-9])0+([0-9])', '\\1\\2', 'g')`
  );
}

/**
 * A condition: `part` stands in `text`, both of them plain, and is not the piece of a longer number (42 is not in 420).
 * Plain references hold letters and digits only, so they are safe inside of a pattern.
 */
export function stands(part: string, text: string): string {
  const guard = (edge: string, pattern: string) =>
    `CASE WHEN regexp_matches(${part}, '${edge}') THEN '${pattern}' ELSE '' END`;
  // CASE, since AND may be evaluated in any order, and a pattern that differs from row to row is dear.
  return (
    `CASE WHEN length(${part}) > 4 AND contains(${text}, ${part}) THEN regexp_matches(${part}, '[0-9]') AND ` +
    `regexp_matches(${text}, ${guard('^[0-9]', '(^|[^0-9])')} || ${part} || ${guard('[0-9]$', '($|[^0-9])')}) ELSE false END`
  );
}

/** Columns of the same name are compared with each other alone; where no name fits, each with each. */
export function pairsOf(own: readonly ColumnInfo[], other: readonly ColumnInfo[]): [ColumnInfo, ColumnInfo][] {
  const all = own.flatMap((a) => other.map((b): [ColumnInfo, ColumnInfo] => [a, b]));
  const named = all.filter(([a, b]) => a.name.toLowerCase() === b.name.toLowerCase());
  return named.length > 0 ? named : all;
}

const KINDS = { reference: 0, amount: 1, text: 2, currency: 3, date: 4 } as const;

/** What two rows have in common first, then where they part; within that, what weighs most first. */
export function sortRelations(relations: CellRelation[]): CellRelation[] {
  const weight = ({ kind, relation }: CellRelation) => (relation === 'different' ? 10 : 0) + KINDS[kind];
  return relations.toSorted((a, b) => weight(a) - weight(b));
}

export const cast = (name: string, type: string, table = '') => `CAST(${table}${quoteIdentifier(name)} AS ${type})`;
