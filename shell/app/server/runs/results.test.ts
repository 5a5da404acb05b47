import { describe, expect, it } from 'vitest';
import { assertColumns } from '../recipes/recipe-sources.server.ts';
import { readFilter } from './results.server.ts';

describe('readFilter', () => {
  it.each([
    [undefined, []],
    ['', []],
    ['amount:gte:100', [{ column: 'amount', op: 'gte', value: '100' }]],
    ['time:eq:08:00:00', [{ column: 'time', op: 'eq', value: '08:00:00' }]],
    ['a:b:is_null', [{ column: 'a:b', op: 'is_null' }]],
    ['{"column":"a","op":"eq","value":"x"}', [{ column: 'a', op: 'eq', value: 'x' }]],
    ['[{"column":"a","op":"not_null"}]', [{ column: 'a', op: 'not_null' }]],
  ])('reads %s', (text, filter) => expect(readFilter(text)).toEqual(filter));

  it.each(['amount>5', 'amount:like:x', '[{"column":"a"}]', '[oops'])('refuses %s', (text) => {
    expect(() => readFilter(text)).toThrow(
      expect.objectContaining({
        problem: expect.objectContaining({ status: expect.toSatisfy((one) => one === 400 || one === 422) }),
      }),
    );
  });
});

describe('assertColumns', () => {
  const columns = [
    { name: 'id', type: 'int64' },
    { name: 'Amount ', type: 'text' },
  ];

  it('names every absent column, and the one that was probably meant', () => {
    expect(() => assertColumns('bank.csv', 'payments', ['id', 'amount', 'date'], columns)).toThrow(
      'bank.csv does not fit "payments": the columns "amount", "date" are missing. The file has "Amount ", which differs in capitals or spaces only.',
    );
    expect(() => assertColumns('bank.csv', 'payments', ['id'], columns)).not.toThrow();
  });
});
