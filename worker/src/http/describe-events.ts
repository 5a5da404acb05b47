import { problemOf, type DescribeEvent, type SourceRef } from '@kalla/core';
import type { Inspector } from '../processes/inspector.ts';
import { streamTask } from './stream-task.ts';

/**
 * Describes a source and tells, as server-sent events, how much of it is looked through: `progress` from 0 to 1, at last the
 * `description`, or an event named `problem` for a fault after the first event. Hanging up ends the task.
 */
export function describeEvents(
  inspector: Inspector,
  source: SourceRef,
  options: { signal: AbortSignal; timeoutMs: number },
): Promise<Response> {
  const text = new TextEncoder();
  const event = (value: DescribeEvent) => text.encode(`data: ${JSON.stringify(value)}\n\n`);
  return streamTask(
    async (emit, signal) => {
      let underWay = false;
      const description = await inspector.run(
        { kind: 'describe', source },
        {
          ...options,
          signal,
          async onOutput(output) {
            // A listener that is slow hears less; the task does not wait for it.
            if (!('share' in output) || underWay) return;
            underWay = true;
            await emit(event({ progress: output.share }));
            underWay = false;
          },
        },
      );
      await emit(event({ description: description as DescribeEvent['description'] }));
    },
    { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    options.signal,
    (error) => text.encode(`event: problem\ndata: ${JSON.stringify(problemOf(error))}\n\n`),
  );
}
