import path from 'node:path';
import { quoteLiteral } from '@kalla/core';
import { expect, test } from 'vitest';
import { Engine } from '../engine/engine.ts';
import { testContext } from '../testing/fixtures.ts';
import { Bench } from './bench.ts';
import { columnFacts } from './column-facts.ts';
import { proposeKeys } from './propose-keys.ts';
import { takeSamples } from './take-sample.ts';

const ROWS = 200_000;

/** Keys of a side of many rows, made by the engine. */
async function keysOf(columns: string) {
  const context = await testContext();
  try {
    const file = path.join(context.scratchDir, 'rows.parquet');
    await using engine = await Engine.open({ memoryBytes: 256 * 2 ** 20, threads: 1 });
    await engine.run(`COPY (SELECT ${columns} FROM range(${ROWS}) t(i)) TO ${quoteLiteral(file)} (FORMAT parquet)`);
    const names = columns.split(', ').map((column) => column.split(' AS ')[1]!);
    const staged = {
      alias: 'books',
      path: file,
      columns: names.map((name) => ({ name, type: 'int64' })),
      rows: ROWS,
      notes: [],
      inPlace: true,
    };
    await using bench = await Bench.open({ left: staged, right: { ...staged, alias: 'bank' } }, context);
    const { left } = await takeSamples(bench);
    return (await proposeKeys(bench, left, await columnFacts(bench, left), undefined)).map((key) => key.columns);
  } finally {
    await context.dispose();
  }
}

test('a key of two columns in many rows', async () => {
  expect(await keysOf('i % 100000 AS ref, i // 100000 AS line, i % 100000 % 7 AS shop')).toEqual([['ref', 'line']]);
});

test('two rows that are alike, of many, are enough for no key', async () => {
  // The last row is written as the one before it: a sample would hardly ever show it.
  const ref = `CASE WHEN i = ${ROWS - 1} THEN i - 1 ELSE i END`;
  expect(await keysOf(`${ref} % 100000 AS ref, i // 100000 AS line, i % 1 AS shop`)).toEqual([['_row']]);
});

test('what repeats often is not counted over all rows, and what does not is found', async () => {
  expect(await keysOf('i % 50000 AS a, i % 20000 AS b, i // 50000 AS c')).toEqual([['a', 'c']]);
});
