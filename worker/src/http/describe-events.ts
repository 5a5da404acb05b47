import type { DescribeEvent, SourceRef } from '@kalla/core';
import type { Inspector } from '../processes/inspector.ts';
import { streamEvents } from './stream-events.ts';

/**
 * Describes a source and tells, as server-sent events, how much of it is looked through: `progress` from 0 to 1, at last the
 * `description`, or an event named `problem` for a fault after the first event. Hanging up ends the task.
 */
export function describeEvents(
  inspector: Inspector,
  source: SourceRef,
  options: { signal: AbortSignal; timeoutMs: number },
): Promise<Response> {
  return streamEvents<DescribeEvent>(async (emit, signal) => {
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
          await emit({ progress: output.share });
          underWay = false;
        },
      },
    );
    await emit({ description: description as DescribeEvent['description'] });
  }, options.signal);
}
