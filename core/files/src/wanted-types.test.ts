import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ColumnType } from '@kalla/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Engine } from './engine.ts';
import { provingSelect } from './proving-select.ts';
import type { Parse, TextRows } from './types.ts';
import { withWantedTypes } from './wanted-types.ts';

const quiet = { signal: new AbortController().signal };
let folder: string;
let engine: Engine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kalla-types-'));
  engine = await Engine.start(folder);
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test.each<[string, (string | null)[], ColumnType, Parse, ColumnType, ColumnType, (string | null)[]]>([
  ['digits as the text they are', ['1', '20', null], 'int64', { kind: 'integer' }, 'text', 'text', ['1', '20', null]],
  ['grouped digits too', ['1,200', ' 7'], 'int64', { kind: 'number', decimal: '.' }, 'text', 'text', ['1,200', ' 7']],
  [
    'whole amounts',
    ['12', '(3)', ''],
    'int64',
    { kind: 'number', decimal: '.' },
    'decimal(12,2)',
    'decimal(12,2)',
    ['12.00', '-3.00', null],
  ],
  [
    'an amount with more decimals stays as found',
    ['1.005'],
    'decimal(12,3)',
    { kind: 'decimal' },
    'decimal(12,2)',
    'decimal(12,3)',
    ['1.005'],
  ],
  [
    'an amount that is too wide stays as found',
    ['12345678901'],
    'int64',
    { kind: 'integer' },
    'decimal(12,2)',
    'int64',
    ['12345678901'],
  ],
  ['a column without a value', [null, '', ' '], 'text', { kind: 'text' }, 'date', 'date', [null, null, null]],
  ['a text where numbers were', ['000123'], 'text', { kind: 'text' }, 'int64', 'text', ['000123']],
  ['a number that could be read in two ways', ['1,234'], 'text', { kind: 'text' }, 'decimal(12,2)', 'text', ['1,234']],
])('%s', async (_name, cells, type, parse, wanted, expected, values) => {
  const list = cells.map((cell) => (cell === null ? '(NULL)' : `('${cell}')`)).join(', ');
  const rows: TextRows = { sql: `(VALUES ${list}) AS t(c0)`, names: ['x'], bytes: 10 };
  const columns = await withWantedTypes(rows, [{ name: 'x', type, parse }], { x: wanted, gone: 'text' }, engine, quiet);
  expect(columns.map((column) => column.type)).toEqual([expected]);
  const read = await engine.rows(`SELECT CAST(x AS VARCHAR) AS x FROM (${provingSelect(rows, columns, ['x'])})`, quiet);
  expect(read.map(({ x }) => x)).toEqual(values);
});
