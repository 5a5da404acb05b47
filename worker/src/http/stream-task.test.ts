import { expect, onTestFinished, test } from 'vitest';
import { streamTask } from './stream-task.ts';

const bytes = new TextEncoder().encode('data: 1\n\n');

/** What nobody caught until the test is over: in the worker it ends the process with all its runs. */
function uncaught(): unknown[] {
  const found: unknown[] = [];
  const note = (error: unknown) => void found.push(error);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  return found;
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

test('a task tells to its end, and the body ends with it', async () => {
  const response = await streamTask(async (emit) => emit(bytes), {}, new AbortController().signal);
  expect(await response.text()).toBe('data: 1\n\n');
});

test.each([
  ['ends well', () => Promise.resolve()],
  ['fails', () => Promise.reject(new Error('too late'))],
])('a client that hangs up before a task %s does no harm', async (_how, end) => {
  const found = uncaught();
  let finish = () => {};
  const held = new Promise<void>((resolve) => (finish = resolve));
  const response = await streamTask(
    async (emit) => {
      void emit(bytes);
      await held;
      return end();
    },
    {},
    new AbortController().signal,
    () => bytes,
  );
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  finish();
  await settled();
  expect(found).toEqual([]);
});
