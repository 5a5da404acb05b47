import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { previewRows } from './preview-rows.ts';
import { memorySource, table, testContext } from './testing/fixtures.ts';

type Context = Awaited<ReturnType<typeof testContext>>;

const WIDE = 5_000;
const names = Array.from({ length: WIDE }, (_, n) => `f${n}`);
const wide = () =>
  table(
    Object.fromEntries(names.map((name) => [name, 'text'])),
    Array.from({ length: 3 }, (_, row) => names.map((name) => `${name} of ${row}`)),
  );

describe('a preview of some columns', () => {
  let context: Context;
  beforeEach(async () => {
    context = await testContext();
  });
  afterEach(() => context.dispose());

  it('reads the first columns of a wide table, and tells what others there are', async () => {
    const source = memorySource('t', wide());
    const page = await previewRows(source, { offset: 0, limit: 2, max_columns: 100 }, context);
    expect(page.columns.map(({ name }) => name)).toEqual(names.slice(0, 100));
    expect(page.all_columns?.map(({ name }) => name)).toEqual(names);
    expect(page.rows.map(({ f99 }) => f99)).toEqual(['f99 of 0', 'f99 of 1']);
    expect(page.rows[0]).not.toHaveProperty('f100');
    // Not only left out of the answer: the source was not asked for them.
    expect(source.read).toEqual(names.slice(0, 100));
    expect(source.closed).toBe(source.opened);
  });

  it('reads the columns that are asked for', async () => {
    const source = memorySource('t', wide());
    const page = await previewRows(source, { offset: 1, limit: 5, columns: ['f4999', 'f3000'] }, context);
    expect(page.rows).toEqual([
      { f4999: 'f4999 of 1', f3000: 'f3000 of 1' },
      { f4999: 'f4999 of 2', f3000: 'f3000 of 2' },
    ]);
    expect(page.all_columns).toHaveLength(WIDE);
    expect([...source.read].sort()).toEqual(['f3000', 'f4999']);
  });

  it('numbers the rows of a file whichever columns are read', async () => {
    const file = memorySource('t', wide(), { filename: 'wide.csv' });
    const first = await previewRows(file, { offset: 1, limit: 1, max_columns: 2 }, context);
    expect(first.rows).toEqual([{ f0: 'f0 of 1', f1: 'f1 of 1', _row: '2' }]);
    expect(first.all_columns?.at(-1)).toMatchObject({ name: '_row', type: 'int64' });
    const asked = await previewRows(file, { offset: 1, limit: 1, columns: ['_row', 'f7'] }, context);
    expect(asked.rows).toEqual([{ f7: 'f7 of 1', _row: '2' }]);
    const number = await previewRows(file, { offset: 1, limit: 1, columns: ['_row'] }, context);
    expect(number.rows).toMatchObject([{ _row: '2' }]);

    // A file may have a column of this name itself, and then it is that.
    const own = memorySource('t', table({ a: 'text', _row: 'text' }, [['x', 'own']]), { filename: 'own.csv' });
    const page = await previewRows(own, { offset: 0, limit: 1, columns: ['_row'] }, context);
    expect(page.rows).toEqual([{ _row: 'own' }]);
  });

  it('reads a narrow table as it always did', async () => {
    const narrow = table({ a: 'text', b: 'int32' }, [['x', '1']]);
    const page = await previewRows(memorySource('t', narrow), { offset: 0, limit: 5, max_columns: 2 }, context);
    expect(page).toEqual({ columns: narrow.columns, rows: [{ a: 'x', b: 1 }], total: 1 });
  });
});
