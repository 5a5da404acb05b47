import type { TaskOutput } from '../processes/messages.ts';
import { ClientGoneError } from './client-gone.ts';

/** A pull-driven pipe from callbacks to a response body. */
interface Pipe {
  body: ReadableStream<Uint8Array>;
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
}

/**
 * Answers with the output of a task as it comes. The answer begins with the first output, so that an error before it is an
 * ordinary problem response.
 *
 * @param start Starts the task; `emit` passes bytes on and resolves when there is room for more.
 * @param onLateError What to do with an error after the first output: bytes to add, or nothing to break the connection off.
 */
export async function streamTask(
  start: (emit: (bytes: Uint8Array) => Promise<void>, signal: AbortSignal) => Promise<unknown>,
  headers: Record<string, string>,
  signal: AbortSignal,
  onLateError?: (error: unknown) => Uint8Array | undefined,
): Promise<Response> {
  const cancel = new AbortController();
  const both = AbortSignal.any([signal, cancel.signal]);
  let begun: (() => void) | undefined;
  const first = new Promise<void>((resolve) => (begun = resolve));
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  let room: (() => void) | undefined;
  const pipe: Pipe = {
    body: new ReadableStream<Uint8Array>(
      {
        start: (one) => void (controller = one),
        pull: () => room?.(),
        cancel: () => {
          cancel.abort(new ClientGoneError());
          room?.();
        },
      },
      { highWaterMark: 1 },
    ),
    async write(bytes) {
      both.throwIfAborted();
      controller.enqueue(bytes);
      begun?.();
      if ((controller.desiredSize ?? 1) > 0) return;
      await new Promise<void>((resolve) => (room = resolve));
    },
  };
  const work = start((bytes) => pipe.write(bytes), both);
  // The client that hangs up frees the writer as well.
  both.addEventListener('abort', () => room?.(), { once: true });
  const whole = work.then(
    () => {
      // A body that was cancelled is closed. To close it again throws where nobody catches, which would end the worker.
      if (!cancel.signal.aborted) controller.close();
    },
    (error: unknown) => {
      if (cancel.signal.aborted) return;
      // Nobody reads on. An error would only be printed by the server that has begun to read.
      if (signal.aborted) return controller.close();
      const last = onLateError?.(error);
      if (last) {
        controller.enqueue(last);
        controller.close();
      } else controller.error(error);
    },
  );
  await Promise.race([first, work]);
  void whole;
  return new Response(pipe.body, { headers });
}

/** The chunk of an output, if it is one. */
export function chunkOf(output: TaskOutput): Uint8Array | undefined {
  return 'chunk' in output ? output.chunk : undefined;
}
