import { describe, expect, it } from 'vitest';
import { decimalText } from './decimal-field.tsx';

describe('decimalText', () => {
  it.each([
    ['0,05', '0.05'],
    ['.5', '0.5'],
    ['007', '7'],
    ['12.', '12'],
    ['0.10', '0.10'],
    ['0,125', '0.125'],
    ['1,25', '1.25'],
    ['1000,125', '1000.125'],
  ])('reads %s as %s', (typed, text) => expect(decimalText(typed)).toBe(text));
  it.each(['', '-1', '1e5', '1.2.3', 'abc', '.', '0.1234567890', '1,000', '12,500', '1,000,000'])(
    'does not take %j',
    (typed) => expect(decimalText(typed)).toBeNull(),
  );
  it('takes whole numbers only where it is told', () => {
    expect(decimalText('1.5', true)).toBeNull();
    expect(decimalText('15', true)).toBe('15');
  });
});
