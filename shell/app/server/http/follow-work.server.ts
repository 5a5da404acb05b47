import type { Problem } from '@kalla/core';
import { services } from '../services.server.ts';
import { eventStream } from './api-handler.server.ts';
import { hungUp } from './hung-up.server.ts';
import { isInternal, problemOfAny } from './problems.server.ts';

/** A proxy that hears nothing for so long may end a connection that is only waiting; ms. */
const HEARTBEAT_MS = 15_000;

/** True where the client asks to follow the work instead of waiting for its end. */
export function wantsEvents(request: Request): boolean {
  return request.headers.get('accept')?.includes('text/event-stream') ?? false;
}

/**
 * Tells of work as server-sent events while it goes on: what it emits, at last what it returns, or its fault as an event named
 * `problem`. Who stops listening cancels the work.
 *
 * @param fault What the log says where the fault is our own, for example `an installation failed`.
 */
export function followWork<Event>(
  gone: AbortSignal,
  fault: string,
  work: (tell: (event: Event) => void, signal: AbortSignal) => Promise<Event>,
): Response {
  const left = new AbortController();
  const text = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (lines: string) => {
        if (!left.signal.aborted) controller.enqueue(text.encode(lines));
      };
      const tell = (event: Event) => write(`data: ${JSON.stringify(event)}\n\n`);
      const heart = setInterval(() => write(': here\n\n'), HEARTBEAT_MS);
      const signal = AbortSignal.any([gone, left.signal]);
      void work(tell, signal)
        .then(tell)
        .catch((error: unknown) => write(`event: problem\ndata: ${JSON.stringify(toldOf(error, fault, signal))}\n\n`))
        .finally(() => clearInterval(heart))
        .then(() => {
          if (!left.signal.aborted) controller.close();
        });
    },
    cancel: () => left.abort(),
  });
  return eventStream(body);
}

function toldOf(error: unknown, fault: string, signal: AbortSignal): Problem {
  const found = problemOfAny(error);
  if (isInternal(found) && !hungUp(error, signal)) services().log.error({ error }, fault);
  return found;
}
