import type { ResultManifest } from '@kalla/core';
import { afterEach, describe, expect, it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './test-support/until.ts';
import { RunReporter } from './callbacks.ts';
import { createLog } from './log.ts';
import { startReceiver, type Received } from './test-support/callback-receiver.ts';

const log = createLog('silent');
const manifest = { kalla: 1 } as unknown as ResultManifest;
const fast = { minTimeout: 10, maxTimeout: 50, randomize: false };

describe('RunReporter', () => {
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  afterEach(() => receiver.stop());
  const open = async (answer?: (received: Received, count: number) => number) => {
    receiver = await startReceiver(answer);
    return new RunReporter(
      { run_id: 'r', attempt: 3, callback_url: receiver.callbackUrl, callback_token: 'secret' },
      log,
      fast,
    );
  };
  const ends = () => receiver.all.filter((one) => !one.path.endsWith('/progress'));

  it('tells the end again until it is taken, with growing numbers', async () => {
    const statuses = [500, 503, 429, 408, 200];
    const reporter = await open((_, count) => statuses[count - 1] ?? 200);
    await reporter.complete('file:///out/', manifest);
    expect(ends().map((one) => one.path)).toEqual(Array(5).fill('/api/worker/complete'));
    expect(ends().map((one) => one.body.seq)).toEqual([1, 2, 3, 4, 5]);
    expect(ends()[4]).toMatchObject({
      body: { run_id: 'r', attempt: 3, output_path: 'file:///out/', manifest: { kalla: 1 } },
      headers: { authorization: 'Bearer secret' },
    });
  });

  it('goes on when the receiver is away at first', async () => {
    const gone = await startReceiver();
    await gone.stop();
    receiver = await startReceiver();
    const reporter = new RunReporter({ run_id: 'r', attempt: 1, callback_url: gone.callbackUrl }, log, {
      ...fast,
      retries: 3,
    });
    await reporter.complete('x', manifest); // Gives up after three more tries without throwing.
    expect(receiver.all).toEqual([]);
  });

  it('stops at once where the receiver refuses, and follows no redirect', async () => {
    for (const status of [400, 401, 404, 409, 422, 302, 307]) {
      const reporter = await open(() => status);
      await reporter.fail({ type: 't', title: 't', status: 500, detail: 'd' });
      expect(
        receiver.all.map((one) => one.path),
        String(status),
      ).toEqual(['/api/worker/error']);
      await receiver.stop();
    }
    receiver = await startReceiver();
  });

  it('lets the latest progress win, one message at a time, and does not mind failures', async () => {
    const reporter = await open((received) => (received.path.endsWith('/progress') ? 500 : 200));
    for (let n = 0; n <= 1000; n++) reporter.progress({ stage: 'staging', source: 'a', progress: n / 1000 });
    await until(() => receiver.all.some((one) => one.body.progress === 1));
    expect(receiver.all.length).toBeLessThan(5);
    await reporter.complete('x', manifest);
    expect(ends()).toHaveLength(1);
  });

  it('keeps the progress of both sources', async () => {
    const reporter = await open();
    reporter.progress({ stage: 'staging', source: 'a', progress: 0.1 });
    reporter.progress({ stage: 'staging', source: 'b', progress: 0.2 });
    await until(() => receiver.all.length === 2);
    expect(receiver.all.map((one) => one.body.source).sort()).toEqual(['a', 'b']);
    reporter.close();
  });

  it('sends no progress after the end, and gives up when it is closed', async () => {
    const reporter = await open((received) => (received.path.endsWith('/complete') ? 500 : 200));
    const telling = reporter.complete('x', manifest);
    reporter.progress({ stage: 'matching', matched: 1 });
    await until(() => receiver.all.length > 2);
    reporter.close();
    await telling;
    const count = receiver.all.length;
    await sleep(200);
    expect(receiver.all.length).toBe(count);
    expect(receiver.all.every((one) => one.path.endsWith('/complete'))).toBe(true);
  });
});
