import { expect, it } from 'vitest';
import { visibleText } from './visible-text.ts';

it('shows what would not be seen, and leaves the rest', () => {
  expect(visibleText('due\ndate\t')).toBe('due␊date␉');
  expect(visibleText('a\u202eb')).toBe('ab');
  expect(visibleText('Bills 🧾 "<b>"; DROP TABLE x')).toBe('Bills 🧾 "<b>"; DROP TABLE x');
});
