import type { ColumnInfo } from '@kalla/core';
import { describe, expect, it } from 'vitest';
import { alignColumns, suggestDifferences } from './pair-columns.ts';

const columns = (text: string): ColumnInfo[] =>
  text.split(' ').map((each) => {
    const [name = '', type = 'text'] = each.split(':');
    return { name, type };
  });
const ledger = {
  alias: 'ledger',
  columns: columns('entry_id booking_date:date customer invoice_number amount:decimal(12,2) currency'),
  primary_key: ['entry_id'],
};
const bank = {
  alias: 'bank',
  columns: columns('statement_id value_date:date reference amount:decimal(12,2) currency memo'),
  primary_key: ['statement_id'],
};
const lines = (text: string) =>
  alignColumns(columns(text), ledger, bank).map((field) =>
    field.kind === 'pair' ? `${field.left.name}|${field.right.name}` : `${field.kind}:${field.column.name}`,
  );

describe('alignColumns', () => {
  it('lays the columns of a rule beside each other', () => {
    expect(
      lines(
        'entry_id statement_id invoice_number reference customer booking_date:date value_date:date currency ledger_amount:decimal(14,2) bank_amount:decimal(14,2) bank_fee:decimal(14,2)',
      ),
    ).toEqual([
      'entry_id|statement_id',
      'invoice_number|reference',
      'left:customer',
      'booking_date|value_date',
      'both:currency',
      'ledger_amount|bank_amount',
      'rule:bank_fee',
    ]);
  });
  it('goes by left_ and right_ too, in any order, and pairs what is left alone', () => {
    expect(
      lines(
        'right_amount:decimal(12,2) customer left_amount:decimal(12,2) memo booking_date:date score value_date:date',
      ),
    ).toEqual(['left_amount|right_amount', 'left:customer', 'right:memo', 'booking_date|value_date', 'rule:score']);
  });
});

describe('suggestDifferences', () => {
  it('takes amounts left minus right and days right minus left, and no keys', () => {
    expect(
      suggestDifferences(
        columns(
          'left_amount:decimal(12,2) right_amount:decimal(12,2) booking_date:date value_date:date invoice_number reference',
        ),
        ledger,
        bank,
      ),
    ).toEqual([
      ['left_amount', 'right_amount'],
      ['value_date', 'booking_date'],
    ]);
    // As clicks name what they compare, here "net" and "paid", "day" and "booked".
    const net = { ...ledger, columns: columns('entry_id day:date net:decimal(12,2)') };
    const paid = { ...bank, columns: columns('statement_id booked:date paid:decimal(12,2)') };
    const result = columns(
      'entry_id statement_id left_amount:decimal(12,2) right_amount:decimal(12,2) left_date:date right_date:date',
    );
    expect(suggestDifferences(result, net, paid)).toEqual([
      ['left_amount', 'right_amount'],
      ['right_date', 'left_date'],
    ]);
    expect(alignColumns(result, net, paid).map(({ kind }) => kind)).toEqual(['pair', 'pair', 'pair']);
    const keyed = { alias: 'a', primary_key: ['id'], columns: columns('id:int64') };
    expect(suggestDifferences(columns('left_id:int64 right_id:int64'), keyed, { ...keyed, alias: 'b' })).toEqual([]);
  });

  it('suggests those of what stands first where there are hundreds', () => {
    const names = Array.from({ length: 300 }, (_, index) => `c${index}:decimal(12,2)`).join(' ');
    const many = { alias: 'a', columns: columns(names), primary_key: ['id'] };
    const result = columns(names.replace(/(c\d+)(:\S+)/g, 'left_$1$2 right_$1$2'));
    const suggested = suggestDifferences(result, many, { ...many, alias: 'b' });
    expect(suggested).toHaveLength(6);
    expect(suggested[0]).toEqual(['left_c0', 'right_c0']);
  });
});
