import { quotedNames } from '@kalla/core';
import { typeInWords, visibleText } from '@kalla/ui';
import type { Columns } from './build-recipe.ts';
import { messages } from './messages.ts';

const text = messages.changes;
/** Columns of another type that are named; of a table that was made anew all may be. */
const MOST_RETYPED = 5;

/** What became of a side's columns between two readings. */
export interface ColumnChanges {
  gone: readonly string[];
  added: readonly string[];
  /** Of another type than before. */
  retyped: readonly { name: string; type: string }[];
}

/** What changed from one reading of the columns to the next; null where names and types are the same, in the same order. */
export function columnChanges(before: Columns, now: Columns): ColumnChanges | null {
  const typesOf = (columns: Columns) => new Map(columns.map(({ name, type }) => [name, type]));
  const [was, is] = [typesOf(before), typesOf(now)];
  const changes = {
    gone: before.map(({ name }) => name).filter((name) => !is.has(name)),
    added: now.map(({ name }) => name).filter((name) => !was.has(name)),
    retyped: now
      .filter(({ name, type }) => was.has(name) && was.get(name) !== type)
      .map(({ name, type }) => ({ name, type })),
  };
  const moved = before.some(({ name }, index) => now[index]?.name !== name);
  return moved || Object.values(changes).some((list) => list.length > 0) ? changes : null;
}

/**
 * @example
 * changesInWords('invoices', { gone: ['amount'], added: ['net'], retyped: [] })
 * // 'invoices has changed since it was read: the column "amount" is gone, the column "net" is new.'
 */
export function changesInWords(label: string, { gone, added, retyped }: ColumnChanges): string {
  const named = (names: readonly string[]) => quotedNames(names.map(visibleText));
  const parts = [
    ...(gone.length > 0 ? [text.gone(named(gone), gone.length)] : []),
    ...(added.length > 0 ? [text.added(named(added), added.length)] : []),
    ...retyped.slice(0, MOST_RETYPED).map(({ name, type }) => text.retyped(named([name]), typeInWords(type))),
    ...(retyped.length > MOST_RETYPED ? [text.moreRetyped(retyped.length - MOST_RETYPED)] : []),
  ];
  return text.since(visibleText(label), parts.length > 0 ? parts.join(', ') : text.moved);
}
