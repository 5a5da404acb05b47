import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { until } from '../test-support/until.ts';
import { memorySource, table, testContext } from '../testing/fixtures.ts';
import { StagedCache } from './staged-cache.ts';

test('a file that is written anew is read again, and one that is not is not', async () => {
  const context = await testContext();
  try {
    const file = path.join(context.scratchDir, 'bank.csv');
    await writeFile(file, 'id\n1\n');
    const rows = table({ id: 'text' }, [['1']]);
    const extra = { readsFiles: true, config: { uri: pathToFileURL(file).href } };
    const onDisk = memorySource('bank', rows, extra);
    const upload = memorySource('books', rows, { ...extra, sha256: 'a'.repeat(64) });
    const cache = new StagedCache();
    const look = () => cache.use([onDisk, upload], context, undefined, async ([{ staged }]) => staged.rows);
    expect(await look()).toBe(1);
    await look();
    expect(onDisk.opened).toBe(1);
    await writeFile(file, 'ident\n1\n');
    await look();
    expect(onDisk.opened).toBe(2);
    // An upload never changes, wherever it lies.
    expect(upload.opened).toBe(1);
  } finally {
    await context.dispose();
  }
});

test('a table is read again where another reading is asked for, and kept within one', async () => {
  const context = await testContext();
  try {
    const rows = table({ id: 'text' }, [['1']]);
    const database = memorySource('books', rows);
    const upload = memorySource('bank', rows, { sha256: 'b'.repeat(64) });
    const cache = new StagedCache();
    const look = (reading?: string) => cache.use([database, upload], context, reading, async () => database.opened);
    expect([await look(), await look()]).toEqual([1, 1]);
    expect([await look('page-1'), await look('page-1')]).toEqual([2, 2]);
    expect([await look('page-2'), await look('page-1')]).toEqual([3, 3]);
    expect(upload.opened).toBe(1);
  } finally {
    await context.dispose();
  }
});

test('who asks while a reading that nobody wants any more is being stopped gets one that is whole', async () => {
  const context = await testContext();
  try {
    const rows = table({ id: 'text' }, [['1'], ['2']]);
    const cache = new StagedCache();
    let looked = 0;
    for (const moment of [0, 1, 2, 5, 10, 20]) {
      const sources = [memorySource('books', rows), memorySource('bank', rows, { config: { side: 2 } })] as const;
      const look = (signal: AbortSignal) =>
        cache.use(sources, { ...context, signal }, `page ${moment}`, async (sides) =>
          sides.map(({ staged }) => staged.rows),
        );
      const leaving = new AbortController();
      const gone = look(leaving.signal).catch((error: unknown) => error);
      for (let turn = 0; turn < moment || sources[1].opened === 0; turn++)
        await new Promise((resolve) => setImmediate(resolve));
      leaving.abort(new Error('left'));
      expect(await gone).toMatchObject({ message: 'left' });
      expect(await look(new AbortController().signal)).toEqual([2, 2]);
      looked += 1;
      // What was stopped is cleared away once it has ended; both sources of each look are kept.
      await until(async () => (await readdir(path.join(context.scratchDir, 'sides'))).length === 2 * looked, 20_000);
    }
  } finally {
    await context.dispose();
  }
});
