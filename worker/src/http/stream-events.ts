import { problemOf } from '@kalla/core';
import { streamTask } from './stream-task.ts';

/**
 * Answers with what a task tells as server-sent events, as it comes. A fault before the first is an ordinary problem response; one
 * after it is told as an event named `problem`, since the status has gone out.
 *
 * @param start Starts the task; `emit` passes an event on and resolves when there is room for more.
 */
export function streamEvents<Event>(
  start: (emit: (event: Event) => Promise<void>, signal: AbortSignal) => Promise<unknown>,
  signal: AbortSignal,
): Promise<Response> {
  const text = new TextEncoder();
  return streamTask(
    (emit, both) => start((event) => emit(text.encode(`data: ${JSON.stringify(event)}\n\n`)), both),
    { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    signal,
    (error) => text.encode(`event: problem\ndata: ${JSON.stringify(problemOf(error))}\n\n`),
  );
}
