import type { RowsPage } from '@kalla/core';
import { describe, expect, it, vi } from 'vitest';
import { keptPages, RowCache } from './row-cache.ts';

const page = (n: number): RowsPage => ({ columns: [{ name: 'n', type: 'int32' }], rows: [{ n }], total: 1_000_000 });

describe('RowCache', () => {
  it('fetches a page once and tells when it is there', async () => {
    const changed = vi.fn();
    const fetch = vi.fn((n: number) => Promise.resolve(page(n)));
    const cache = new RowCache(fetch, changed);
    cache.want([3]);
    expect(cache.get(3)).toBe('loading');
    cache.want([3]);
    await vi.waitFor(() => expect(cache.get(3)).toEqual({ numbers: [], rows: [{ n: 3 }] }));
    cache.want([3]);
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(changed).toHaveBeenCalledTimes(1);
    expect(cache.head?.total).toBe(1_000_000);
  });

  it('aborts what is no longer on screen, and fetches it anew when it is again', async () => {
    const signals: AbortSignal[] = [];
    const cache = new RowCache(
      (n, signal) => {
        signals.push(signal);
        return signals.length === 1
          ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
          : Promise.resolve(page(n));
      },
      () => {},
    );
    cache.want([1]);
    cache.want([2]);
    expect(signals[0]?.aborted).toBe(true);
    expect(cache.get(1)).toBeUndefined();
    cache.want([1]);
    await vi.waitFor(() => expect(cache.get(1)).toEqual({ numbers: [], rows: [{ n: 1 }] }));
  });

  it('keeps a failure until it is retried', async () => {
    let broken = true;
    const cache = new RowCache(
      (n) => (broken ? Promise.reject(new Error('no')) : Promise.resolve(page(n))),
      () => {},
    );
    cache.want([0]);
    await vi.waitFor(() => expect(cache.get(0)).toEqual({ error: new Error('no') }));
    broken = false;
    cache.retry();
    cache.want([0]);
    await vi.waitFor(() => expect(cache.get(0)).toEqual({ numbers: [], rows: [{ n: 0 }] }));
  });

  it('keeps a bounded number of pages, the latest seen', async () => {
    const cache = new RowCache(
      (n) => Promise.resolve(page(n)),
      () => {},
    );
    for (let n = 0; n < keptPages + 20; n++) {
      cache.want([n]);
      await vi.waitFor(() => expect(cache.get(n)).toEqual({ numbers: [], rows: [{ n }] }), { interval: 1 });
    }
    cache.want([keptPages + 19]);
    const kept = Array.from({ length: keptPages + 20 }, (_, n) => n).filter((n) => cache.get(n) !== undefined);
    expect(kept).toHaveLength(keptPages);
    expect(kept[0]).toBe(20);
  });
});
