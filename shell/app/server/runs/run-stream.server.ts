import { isFinished } from '@kalla/core';
import { services } from '../services.server.ts';
import { findRun } from './run-repository.server.ts';
import type { RunEvent } from './run-events.server.ts';
import { runNotFound } from './runs.server.ts';

const HEARTBEAT_MS = 15_000;
const encoder = new TextEncoder();

/**
 * The states of a run as server-sent events: the present one first, then each change, until it has finished. Every event is
 * the whole run, so that a lost connection loses nothing, and a reader that is slow skips to the newest.
 *
 * A browser reconnects after the end of a stream; to one that has seen the final state the answer is 204, which ends that.
 */
export async function runEventStream(
  runId: string,
  lastEventId: string | null,
  signal: AbortSignal,
): Promise<Response> {
  const { db, events } = services();
  // The newest state that is not yet sent. Older ones are of no use to anyone.
  let pending: RunEvent | undefined;
  let sent = -1;
  let wake = () => {};
  let ended = false;
  const end = () => {
    ended = true;
    wake();
  };
  const unsubscribe = events.subscribe(
    runId,
    (event) => {
      if (event.revision > Math.max(sent, pending?.revision ?? -1)) pending = event;
      wake();
    },
    end,
  );
  signal.addEventListener('abort', end, { once: true });
  const close = () => {
    unsubscribe();
    signal.removeEventListener('abort', end);
  };

  // Subscribed before it is read: a change in between is in one of the two.
  const found = await findRun(db, runId).catch((error: unknown) => {
    close();
    throw error;
  });
  if (!found) {
    close();
    throw runNotFound(runId);
  }
  const present: RunEvent = { revision: found.row.revision, run: found.run };
  if (lastEventId === String(present.revision) && isFinished(present.run.status)) {
    close();
    return new Response(null, { status: 204 });
  }
  if (present.revision > (pending?.revision ?? -1)) pending = present;

  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        while (!ended && !pending) {
          const beat = await waitOr(HEARTBEAT_MS, (resolve) => (wake = resolve));
          if (beat) return controller.enqueue(encoder.encode(': here\n\n'));
        }
        if (ended || !pending) {
          close();
          return controller.close();
        }
        const { revision, run } = pending;
        pending = undefined;
        sent = revision;
        controller.enqueue(encoder.encode(`id: ${revision}\ndata: ${JSON.stringify(run)}\n\n`));
        if (isFinished(run.status)) end();
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    },
  });
}

/** True when the time is up, false when `arm`'s function was called before. */
function waitOr(ms: number, arm: (resolve: () => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), ms);
    arm(() => {
      clearTimeout(timer);
      resolve(false);
    });
  });
}
