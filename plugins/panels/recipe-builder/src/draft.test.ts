import type { Recipe, Upload } from '@kalla/core';
import { describe, expect, it } from 'vitest';
import { aliasOf, draftOfRecipe, isAlias, withUpload } from './draft.ts';

const upload = (filename: string, ...names: string[]) =>
  ({ upload_id: 'u_2', filename, columns: names.map((name) => ({ name, type: 'text' })) }) as Upload;

const recipe: Recipe = {
  recipe_id: 'r',
  name: 'R',
  description: '',
  sources: {
    left: { alias: 'bank', type: 'file', schema: ['ref', 'amount'], primary_key: ['ref'], options: { decimal: ',' } },
    right: { alias: 'invoices' },
  },
  match_sql: 'SELECT 1',
  match_description: 'by hand',
};

describe('aliasOf', () => {
  it.each([
    ['Kontoauszug März 2026.csv', 'kontoauszug_marz_2026'],
    ['2026-01.csv.gz', 'file_2026_01'],
    ['"; DROP TABLE x --.csv', 'drop_table_x'],
    ['🙂.csv', 'file'],
    ['', 'file'],
    ['a'.repeat(200), 'a'.repeat(40)],
  ])('makes of %j a name that a table may have', (filename, alias) => {
    expect(aliasOf(filename)).toBe(alias);
    expect(isAlias(alias)).toBe(true);
  });
  it('avoids the name of the other side', () => expect(aliasOf('bank.csv', 'bank')).toBe('bank_2'));
});

describe('draftOfRecipe', () => {
  it('takes the file of a side where there is one, and says where there is none', () => {
    expect(draftOfRecipe(recipe).sides.left?.ref).toEqual({ kind: 'stored', source: recipe.sources.left });
    const draft = draftOfRecipe(recipe, { bank: { uploadId: 'u_1', filename: 'bank.csv' } });
    expect(draft.sides.left?.ref).toEqual({ kind: 'upload', uploadId: 'u_1', filename: 'bank.csv' });
    expect(draft.sides.right?.ref).toEqual({ kind: 'source', alias: 'invoices' });
    expect(draft.sql).toBe('SELECT 1');
  });
});

describe('withUpload', () => {
  const before = draftOfRecipe(recipe).sides.left;
  it('keeps what is known where the file has all columns, and more', () => {
    expect(withUpload(before, upload('feb.csv', 'x', 'amount', 'ref'), 'invoices')).toEqual({
      ...before,
      ref: { kind: 'upload', uploadId: 'u_2', filename: 'feb.csv' },
    });
  });
  it('keeps the name and forgets the columns of a file that does not fit', () => {
    expect(withUpload(before, upload('feb.csv', 'amount'), 'invoices')).toMatchObject({
      alias: 'bank',
      schema: null,
      primaryKey: null,
    });
  });
  it('names a new side by its file', () =>
    expect(withUpload(null, upload('invoices.csv', 'a'), 'invoices').alias).toBe('invoices_2'));
});
