import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
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
