import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeInSql, sqlTokens } from './sql-tokens.ts';

describe('sqlTokens', () => {
  it('loses nothing of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (sql) => {
        expect(
          sqlTokens(sql)
            .map(({ text }) => text)
            .join(''),
        ).toBe(sql);
      }),
    );
    expect(
      sqlTokens(`'a''b /*`)
        .map(({ text }) => text)
        .join(''),
    ).toBe(`'a''b /*`);
  });
  it('tells keywords, names, texts, numbers and comments apart', () => {
    expect(
      sqlTokens(`SELECT "or""der", 'it''s' FROM t -- all\nWHERE a<1.50`).filter(({ kind }) => kind !== 'other'),
    ).toEqual([
      { kind: 'keyword', text: 'SELECT' },
      { kind: 'name', text: '"or""der"' },
      { kind: 'text', text: `'it''s'` },
      { kind: 'keyword', text: 'FROM' },
      { kind: 'comment', text: '-- all' },
      { kind: 'keyword', text: 'WHERE' },
      { kind: 'number', text: '1.50' },
    ]);
  });
});

describe('placeInSql', () => {
  it('counts from one', () => {
    expect(placeInSql('ab\ncd', 0)).toEqual({ line: 1, column: 1 });
    expect(placeInSql('ab\ncd', 4)).toEqual({ line: 2, column: 2 });
  });
});
