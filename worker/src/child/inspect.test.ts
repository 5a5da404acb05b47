import { describe, expect, it } from 'vitest';
import { Engine } from '../engine/engine.ts';
import { memorySource, table, testContext } from '../testing/fixtures.ts';
import type { TaskSource } from '../task-contract.ts';
import { checkSource, describeSource } from './inspect.ts';

/** A file whose connector fails as its own engine, or the disk, does. */
function failing(fail: () => Promise<never>): TaskSource {
  const source = memorySource('bank', table({ id: 'int64' }, []), { filename: 'bank.csv' });
  const { open } = source.plugin;
  return {
    ...source,
    plugin: {
      ...source.plugin,
      async open(config, host) {
        return Object.assign(await open(config, host), {
          describe: fail,
          check: () => ({ [Symbol.asyncIterator]: () => ({ next: fail }) }),
        });
      },
    },
  };
}

async function outOfMemory(): Promise<never> {
  await using engine = await Engine.open({ memoryBytes: 32 * 2 ** 20, threads: 1 });
  await engine.rows('SELECT len(list(range)) FROM range(50_000_000)');
  throw new Error('There was memory enough.');
}
const diskFull = () =>
  Promise.reject(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }));

describe('what this machine lacks to look through a file is said in words', () => {
  it.each([
    [
      'disk',
      diskFull,
      'disk-full',
      "bank.csv could not be read: the worker's disk is full. Free some space and try again.",
    ],
    ['memory', outOfMemory, 'out-of-memory', 'bank.csv needs more memory to be looked through than the worker allows.'],
  ])('%s', async (_what, fail, kind, sentence) => {
    const own = await testContext();
    const fault: unknown = await describeSource(failing(fail), own.host, { signal: own.signal }).catch(
      (error: unknown) => error,
    );
    expect(fault).toMatchObject({
      problem: { type: `https://kalla.dev/problems/${kind}`, detail: expect.stringContaining(sentence) as string },
    });
    await own.dispose();
  });

  it('in a check too', async () => {
    const own = await testContext();
    const options = { allowPrivateUrls: false, maxBytes: 1 };
    const steps = [];
    for await (const step of checkSource(failing(outOfMemory), own.host, options, { signal: own.signal }))
      steps.push(step);
    expect(steps).toMatchObject([
      { step: 'reach', ok: false, message: expect.stringContaining('bank.csv needs more') as string },
    ]);
    await own.dispose();
  });
});
