import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { risingShare } from './rising-share.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

it('tells what rises, four times a second at most, and never more than all', () => {
  const told: number[] = [];
  const onProgress = risingShare((share) => told.push(share));
  for (const share of [0, 0.1, 0.2]) onProgress(share);
  expect(told).toEqual([0]);
  for (const share of [0.3, 0.05, 0.3, Number.NaN, 0.6, 1.2, 1.3]) {
    vi.advanceTimersByTime(250);
    onProgress(share);
  }
  expect(told).toEqual([0, 0.3, 0.6, 1]);
});
