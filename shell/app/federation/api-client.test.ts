import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@kalla/core/panel';
import { panelApi, request } from './api-client.ts';

afterEach(() => vi.unstubAllGlobals());

describe('the API client', () => {
  it('writes the address of a download with its sort, filters and search', () => {
    const filter = [{ column: 'a&b', op: 'gte' as const, value: '1=2' }];
    const url = new URL(
      panelApi.downloadUrl('r/1', 'unmatched_left', 'xlsx', { sort: '-amount', filter, q: 'fee' }),
      'http://x',
    );
    expect(url.pathname).toBe('/api/runs/r%2F1/results/unmatched_left');
    expect(JSON.parse(url.searchParams.get('filter') ?? '')).toEqual(filter);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ format: 'xlsx', sort: '-amount', q: 'fee' });
  });

  it('throws the sentence of a problem', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('{"detail":"Mend the cell."}', { status: 422 })));
    await expect(request('GET', '/api/x')).rejects.toEqual(
      new ApiError(422, 'Mend the cell.', { detail: 'Mend the cell.' }),
    );
  });

  it('says something where the answer is no problem body, or none comes', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('<html>', { status: 502, statusText: 'Bad Gateway' })));
    await expect(request('GET', '/api/x')).rejects.toMatchObject({ detail: '502 Bad Gateway' });
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed to fetch')));
    await expect(request('GET', '/api/x')).rejects.toMatchObject({
      status: 0,
      detail: expect.stringContaining('does not answer') as string,
    });
  });

  it('passes an abort on as it is', async () => {
    const signal = AbortSignal.abort(new DOMException('gone', 'AbortError'));
    vi.stubGlobal('fetch', () => Promise.reject(signal.reason as Error));
    await expect(request('GET', '/api/x', undefined, signal)).rejects.toBe(signal.reason);
  });
});

describe('an event stream', () => {
  const answer = (text: string, status = 200) =>
    vi.stubGlobal('fetch', () => Promise.resolve(new Response(text, { status })));

  it('gives each event as it comes, and a fault in the middle as an error with its sentence', async () => {
    answer('data: {"step":"reach"}\n\n: heartbeat\n\nevent: problem\ndata: {"status":500,"detail":"It broke."}\n\n');
    const seen: unknown[] = [];
    const listening = panelApi.events('/api/x', {}, (event) => seen.push(event));
    await expect(listening).rejects.toMatchObject({ status: 500, detail: 'It broke.' });
    expect(seen).toEqual([{ step: 'reach' }]);
  });
  it('is an ordinary error where it does not begin', async () => {
    answer('{"detail":"There is no source named \\"x\\"."}', 404);
    await expect(panelApi.events('/api/x', {}, () => undefined)).rejects.toBeInstanceOf(ApiError);
  });
});
