import type { TableInfo } from '@kalla/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memorySource, table, testContext, type Cell, type TestTable } from '../testing/fixtures.ts';
import type { TaskSource } from '../task-contract.ts';
import { proveKey } from './prove-key.ts';

type Context = Awaited<ReturnType<typeof testContext>>;

/** A source in memory whose catalog says more than its rows. */
function declaring(content: TestTable, said: Partial<TableInfo>, extra: Partial<TaskSource> = {}): TaskSource {
  const source = memorySource('t', content, extra);
  const { open } = source.plugin;
  const plugin: TaskSource['plugin'] = {
    ...source.plugin,
    async open(config, host) {
      const connection = await open(config, host);
      return { ...connection, describe: async (...call) => ({ ...(await connection.describe(...call)), ...said }) };
    },
  };
  return { ...source, plugin };
}

const rows = (count: number, row: (index: number) => Cell[]) => Array.from({ length: count }, (_, index) => row(index));

describe('the proof of a key', () => {
  let context: Context;
  beforeEach(async () => {
    context = await testContext();
  });
  afterEach(() => context.dispose());

  it('counts what is asked for: rows, different values, empty ones, and shows what appears twice', async () => {
    const content = table({ ref: 'text', amount: 'decimal(12,2)' }, [
      ['A', '1.00'],
      ['A', '2.00'],
      ['A', '3.00'],
      ['B', '1.00'],
      ['B', '1.00'],
      ['C', '5.00'],
      [null, '6.00'],
    ]);
    expect(await proveKey(memorySource('t', content), ['ref'], context)).toMatchObject({
      columns: ['ref'],
      origin: 'asked',
      unique: false,
      rows: 7,
      distinct: 3,
      null_rows: 1,
      duplicate_rows: 5,
      examples: [
        { values: { ref: 'A' }, rows: 3 },
        { values: { ref: 'B' }, rows: 2 },
      ],
      complete: true,
    });
    expect(await proveKey(memorySource('t', content), ['ref', 'amount'], context)).toMatchObject({
      unique: false,
      distinct: 5,
      duplicate_rows: 2,
      examples: [{ values: { ref: 'B', amount: '1.00' }, rows: 2 }],
    });
  });

  it('proposes what the source declares, and counts it all the same', async () => {
    const content = table(
      { a: 'int64', b: 'int64' },
      rows(50, (i) => [String(i), String(i)]),
    );
    expect(await proveKey(declaring(content, { primaryKey: ['b'] }), undefined, context)).toMatchObject({
      columns: ['b'],
      origin: 'declared',
      unique: true,
      rows: 50,
      distinct: 50,
    });
    expect(await proveKey(declaring(content, { keyCandidates: [['b']] }), undefined, context)).toMatchObject({
      columns: ['b'],
      origin: 'index',
    });
  });

  it('does not believe a declaration that the rows do not bear out', async () => {
    const content = table(
      { a: 'int64', invoice_id: 'text' },
      rows(20, (i) => [String(i % 3), `I-${i}`]),
    );
    expect(await proveKey(declaring(content, { primaryKey: ['a'] }), undefined, context)).toMatchObject({
      columns: ['invoice_id'],
      origin: 'data',
      unique: true,
    });
  });

  it('finds a column in the data by its values, and of several takes the one that is named as a key', async () => {
    const content = table(
      { amount: 'decimal(12,2)', label: 'text', at: 'timestamp', 'Invoice No': 'text' },
      rows(200, (i) => [`${i}.10`, `x${i}`, `2026-01-01 00:00:${String(i % 60).padStart(2, '0')}`, `I-${i}`]),
    );
    expect(await proveKey(memorySource('t', content), undefined, context)).toMatchObject({
      columns: ['Invoice No'],
      origin: 'data',
      unique: true,
      rows: 200,
    });
  });

  it('finds two columns where one is not enough', async () => {
    const content = table(
      { note: 'text', batch: 'int32', line: 'int32' },
      rows(100, (i) => ['n', String(i >> 3), String(i % 8)]),
    );
    const found = await proveKey(memorySource('t', content), undefined, context);
    expect(found).toMatchObject({ unique: true, rows: 100, distinct: 100 });
    expect([...found.columns].sort()).toEqual(['batch', 'line']);
  });

  it('proves on all rows what the first ones suggest', async () => {
    // Different in the first 5,000 rows, and the same twice at the very end.
    const content = table(
      { id: 'text', code: 'text' },
      rows(6_000, (i) => [i === 5_999 ? 'i5998' : `i${i}`, `c${i}`]),
    );
    expect(await proveKey(memorySource('t', content), undefined, context)).toMatchObject({
      columns: ['code'],
      unique: true,
      rows: 6_000,
    });
  });

  it('shows the closest where nothing holds, and takes the row number of a file', async () => {
    const content = table(
      { ref: 'text', paid: 'decimal(12,2)' },
      rows(30, (i) => [`r${i >> 1}`, '1.00']),
    );
    expect(await proveKey(memorySource('t', content), undefined, context)).toMatchObject({
      columns: ['ref'],
      unique: false,
      rows: 30,
      distinct: 15,
    });
    const file = memorySource('t', content, { config: { uri: 'file:///x.csv' } });
    expect(await proveKey(file, undefined, context)).toMatchObject({
      columns: ['_row'],
      origin: 'row-number',
      unique: true,
      rows: 30,
    });
  });

  it('has no proof of an empty table and no proposal without a column', async () => {
    const empty = table({ id: 'int64' }, []);
    expect(await proveKey(memorySource('t', empty), undefined, context)).toMatchObject({ columns: ['id'], rows: 0 });
    const amounts = table({ amount: 'decimal(12,2)' }, [['1.00']]);
    expect(await proveKey(memorySource('t', amounts), undefined, context)).toMatchObject({
      columns: [],
      unique: false,
    });
  });

  it('takes names with quotes, line breaks and SQL in them', async () => {
    const names = ['a "q"', 'b\nc', "'; DROP TABLE t; --", 'rows', '💶'];
    const content = table(Object.fromEntries(names.map((name) => [name, 'text'])), [
      ['1', '1', '1', '1', '1'],
      ['1', '1', '1', '1', '1'],
    ]);
    expect(await proveKey(memorySource('t', content), names, context)).toMatchObject({
      unique: false,
      examples: [{ values: Object.fromEntries(names.map((name) => [name, '1'])), rows: 2 }],
    });
  });
});
