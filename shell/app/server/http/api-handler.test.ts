import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { api } from './api-handler.server.ts';

/** A download that nobody has begun to read; `given` says whether it was given up. */
function download() {
  const state = { given: false };
  const body = new ReadableStream<Uint8Array>({ cancel: () => void (state.given = true) }, { highWaterMark: 0 });
  return { state, response: new Response(body) };
}

const call = (response: Response, signal: AbortSignal) =>
  api({ GET: () => response }).loader({ request: new Request('http://kalla/api/x', { signal }), params: {} });

test('an answer whose client had hung up is given up, for nobody will read it', async () => {
  const { state, response } = download();
  await call(response, AbortSignal.abort());
  expect(state.given).toBe(true);
});

test('so is one whose client hangs up before it is read', async () => {
  const { state, response } = download();
  const gone = new AbortController();
  await call(response, gone.signal);
  expect(state.given).toBe(false);
  gone.abort();
  expect(state.given).toBe(true);
});

test('a handler hears of its client however many copies of the request were made and collected', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const gone = new AbortController();
  let heard: AbortSignal | undefined;
  const handlers = api({
    GET: async ({ request: { signal } }) => {
      heard = signal;
      await Promise.resolve();
      return new Response(null);
    },
  });
  const copyOf = (request: Request) => new Request(request.url, { signal: request.signal });
  const request = () => copyOf(copyOf(new Request('http://kalla/api/x', { signal: gone.signal })));
  await handlers.loader({ request: request(), params: {}, context: { gone: gone.signal } });
  await new Promise((resolve) => setTimeout(resolve, 10));
  collect();
  gone.abort();
  expect(heard?.aborted).toBe(true);
});

test('an answer that is read is its reader’s to end', async () => {
  const { state, response } = download();
  const gone = new AbortController();
  const answer = await call(response, gone.signal);
  const reader = answer.body!.getReader();
  gone.abort();
  expect(state.given).toBe(false);
  await reader.cancel();
  expect(state.given).toBe(true);
});
