import type { ColumnInfo } from '@kalla/core';
import { expect, it } from 'vitest';
import { changesInWords, columnChanges } from './column-changes.ts';

const columns = (text: string): ColumnInfo[] =>
  text.split(' ').map((each) => {
    const [name = '', type = 'text'] = each.split(':');
    return { name, type };
  });
const words = (before: string, now: string) => {
  const changes = columnChanges(columns(before), columns(now));
  return changes && changesInWords('invoices', changes);
};

it('says nothing where nothing changed', () => {
  expect(words('id amount:decimal(12,2)', 'id amount:decimal(12,2)')).toBeNull();
});

it('names what is gone, what is new and what is of another kind', () => {
  expect(words('id amount:int64', 'id net:int64')).toBe(
    'invoices has changed since it was read: the column "amount" is gone, the column "net" is new.',
  );
  expect(words('id a b', 'id:int64')).toBe(
    'invoices has changed since it was read: the columns "a", "b" are gone, "id" is read as whole number now.',
  );
  expect(words('id a', 'a id')).toBe('invoices has changed since it was read: its columns stand in another order.');
});

it('counts what would be too many names', () => {
  const many = (type: string) => Array.from({ length: 300 }, (_, index) => `c${index}:${type}`).join(' ');
  const said = words(many('text'), many('date'));
  expect(said).toMatch(/"c4" is read as date now, 295 more are read in another way now\.$/);
  expect(words(many('text'), 'id')).toContain('and 290 more are gone');
});
