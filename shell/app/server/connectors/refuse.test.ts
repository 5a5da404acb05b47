import { expect, it } from 'vitest';
import { InstallQueue } from './install-queue.server.ts';
import { sizeInWords, withoutSecrets } from './refuse.server.ts';

it('takes out of what npm says all that could be a secret', () => {
  const told = [
    'GET https://ada:s3cret@npm.acme.example/x?token=s3cret 401',
    '//npm.acme.example/:_authToken=s3cret',
    '"_auth": "s3cret", next',
    'authorization: Bearer s3cret',
    'Basic s3cret=',
    'npm_s3cretS3cretS3cretS3cret in .npmrc',
    '_password=s3cret; otp: s3cret',
  ].join('\n');
  expect(withoutSecrets(told)).not.toMatch(/s3cret/i);
  expect(withoutSecrets(told)).toContain('GET https://npm.acme.example/x 401');
});

it('says sizes as a person does', () => {
  expect([999, 4 * 1024 ** 2, 2 * 1024 ** 3, 1536].map(sizeInWords)).toEqual([
    '999 bytes',
    '4 MiB',
    '2 GiB',
    '1.5 KiB',
  ]);
});

it('lets one change go at a time, also after one that failed, and none whose asker has gone', async () => {
  const queue = new InstallQueue();
  const order: string[] = [];
  const gone = new AbortController();
  let open!: () => void;
  const first = queue.run(async () => {
    await new Promise<void>((resolve) => (open = resolve));
    order.push('first');
    throw new Error('no');
  });
  const second = queue.run(async () => void order.push('second'));
  const third = queue.run(async () => void order.push('third'), gone.signal);
  expect(queue.busy).toBe(true);
  gone.abort();
  await expect.poll(() => open).toBeDefined();
  open();
  await expect(first).rejects.toThrow('no');
  await second;
  await expect(third).rejects.toThrow('The installation was cancelled');
  expect(order).toEqual(['first', 'second']);
  expect(queue.busy).toBe(false);
});
