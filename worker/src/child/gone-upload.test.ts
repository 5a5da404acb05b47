import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { testContext } from '../testing/fixtures.ts';
import { goneUpload } from './gone-upload.ts';

test('a failure over an upload that was deleted is that, and over any other file is not', async () => {
  const { store, dispose } = await testContext();
  try {
    for (const key of ['uploads/1/bank.csv', 'uploads/2/ledger.csv'])
      await store.put(key, Readable.from([Buffer.from('id\n1\n')]));
    const uri = (key: string) => store.uri(key);
    const task = {
      kind: 'counts',
      request: { sources: [{ uri: uri('uploads/1/bank.csv') }, { uri: uri('uploads/2/ledger.csv'), alias: 'l' }] },
    };
    const failure = new Error('No files found');
    expect(await goneUpload(task, store, failure)).toBeNull();
    await store.delete('uploads/2/ledger.csv');
    expect(await goneUpload(task, store, failure)).toMatchObject({
      kind: 'not-found',
      message: 'The uploaded file "ledger.csv" is not there any more. Upload it again.',
      cause: failure,
    });
    const others = [{ uri: 'postgres://h/d?table=t' }, { uri: uri('results/1/matched.parquet') }, { uri: null }];
    expect(await goneUpload({ request: { sources: others } }, store, failure)).toBeNull();
  } finally {
    await dispose();
  }
});
