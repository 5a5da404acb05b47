import type { CellRelation, ColumnInfo } from '@kalla/core';
import { expect, it } from 'vitest';
import { alignCandidate } from './align-candidate.ts';

const columns = (text: string): ColumnInfo[] => text.split(' ').map((name) => ({ name, type: 'text' }));
const lines = (...all: Parameters<typeof alignCandidate>) =>
  alignCandidate(...all).map(
    ({ own, other, relation }) => `${own?.name ?? ''}|${other?.name ?? ''}${relation ? ` ${relation.relation}` : ''}`,
  );
const relation = (own: string, other: string): CellRelation => ({ kind: 'text', own, other, relation: 'same' });

it('lays what the rule compares beside each other first, and never two columns that only stand in the same place', () => {
  const [own, other] = [columns('id memo net customer note'), columns('line iban text paid note')];
  const compared = [
    ['memo', 'text'],
    ['net', 'paid'],
  ] as const;
  expect(lines(own, other, [relation('net', 'paid'), relation('customer', 'iban')], compared)).toEqual([
    'memo|text',
    'net|paid same',
    'customer|iban same',
    'note|note',
    'id|',
    '|line',
  ]);
  expect(lines(own, other, [], [])).toEqual([
    'note|note',
    'id|',
    'memo|',
    'net|',
    'customer|',
    '|line',
    '|iban',
    '|text',
    '|paid',
  ]);
});

it('says nothing of columns that are not there', () => {
  expect(lines(columns('a'), columns('b'), [], [['a', 'gone']])).toEqual(['a|', '|b']);
});
