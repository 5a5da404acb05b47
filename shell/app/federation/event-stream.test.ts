import { describe, expect, it } from 'vitest';
import { eventOf, readEvents } from './event-stream.ts';

const streamOf = (...chunks: string[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });

describe('readEvents', () => {
  it('gives each event once, wherever the chunks are cut', async () => {
    const found = [];
    for await (const event of readEvents(
      streamOf('data: {"a"', ':1}\n', '\nevent: problem\ndata: é', '\n\n: still here\n\n'),
    ))
      found.push(event);
    expect(found).toEqual([
      { name: 'message', data: '{"a":1}' },
      { name: 'problem', data: 'é' },
    ]);
  });
  it('ends the work that sends when nobody listens any more', async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('data: 1\n\n')),
      cancel: () => void (cancelled = true),
    });
    for await (const event of readEvents(body)) {
      expect(event.data).toBe('1');
      break;
    }
    expect(cancelled).toBe(true);
  });
});

describe('eventOf', () => {
  it('joins lines of data and takes a comment for none', () => {
    expect(eventOf('data: a\r\ndata:b')).toEqual({ name: 'message', data: 'a\nb' });
    expect(eventOf(': hello')).toBeNull();
  });
});
