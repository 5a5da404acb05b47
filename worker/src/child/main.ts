import type { Problem } from '@kalla/core';
import { openStore } from '@kalla/object-store';
import { parseEnv } from '../env.ts';
import { redact } from '../redact.ts';
import { CHUNK_WINDOW, type FromChild, type ToChild } from '../processes/messages.ts';
import type { EngineTasks } from './engine-tasks.ts';
import { failureOf } from './failure.ts';
import { guardMemory, processLimit } from './memory-guard.ts';
import { performTask, type ChildServices } from './perform-task.ts';

interface Running {
  abort: AbortController;
  /** Chunks that may still be sent. */
  window: number;
  wake: (() => void) | undefined;
}

/**
 * The life of a child process: it says `ready`, does the tasks that it is given, and ends when its parent is gone.
 *
 * @param warmUp Loads what the first task will need. Called at once, so that an idle child has it in memory when work comes.
 */
export function serveTasks(engine: EngineTasks, warmUp: () => Promise<unknown>): void {
  const send = (message: FromChild) => {
    if (process.connected) process.send?.(message);
  };
  const log =
    (level: 'debug' | 'warn') =>
    (message: string, fields: Record<string, unknown> = {}) =>
      send({ type: 'log', level, message: redact(message), fields });
  const services: ChildServices = {
    env: parseEnv(process.env),
    store: openStore(process.env),
    log: { debug: log('debug'), warn: log('warn') },
    engine,
  };
  const running = new Map<number, Running>();
  let guard: { stop(): void } | undefined;

  /** The engine cannot be stopped in the middle of a function: the process says why, for each of its tasks, and goes. */
  function giveUp(told: Problem): void {
    const messages = [...running.keys()].map((id): FromChild => ({ type: 'failed', id, problem: told, ends: true }));
    const die = () => process.kill(process.pid, 'SIGKILL');
    if (!process.connected || messages.length === 0) return void die();
    let left = messages.length;
    for (const message of messages) process.send!(message, () => --left === 0 && die());
  }

  // Without its parent nobody hears the result; going on would only hold files and database connections.
  process.on('disconnect', () => process.exit(0));
  // It may be gone already: nobody listened while this program was loaded.
  if (!process.connected) process.exit(0);
  // Ctrl-C reaches the whole process group; the parent decides what becomes of the work.
  process.on('SIGINT', () => {});
  process.on('message', (message: ToChild) => {
    if (message.type === 'task') void perform(message);
    else if (message.type === 'abort') running.get(message.id)?.abort.abort(new Error('cancelled'));
    else grant(running.get(message.id));
  });

  async function perform({ id, task, scratchDir }: Extract<ToChild, { type: 'task' }>): Promise<void> {
    const state: Running = { abort: new AbortController(), window: CHUNK_WINDOW, wake: undefined };
    running.set(id, state);
    guard ??= guardMemory(processLimit(services.env.memoryBytes), giveUp);
    const { signal } = state.abort;
    signal.addEventListener('abort', () => grant(state));
    try {
      const result = await performTask(
        {
          task,
          scratchDir,
          signal,
          async output(output) {
            signal.throwIfAborted();
            send({ type: 'output', id, output });
            if (!('chunk' in output)) return;
            state.window -= 1;
            while (state.window <= 0 && !signal.aborted) await new Promise<void>((resolve) => (state.wake = resolve));
          },
        },
        services,
      );
      send({ type: 'done', id, result });
    } catch (error) {
      send({ type: 'failed', id, ...failureOf(error, signal) });
    } finally {
      running.delete(id);
      if (running.size === 0) {
        guard?.stop();
        guard = undefined;
      }
    }
  }

  warmUp().then(
    () => send({ type: 'ready' }),
    (error: unknown) => {
      log('warn')('the engine does not load', { fault: redact(String(error)) });
      send({ type: 'ready' }); // The first task that needs it fails with the reason.
    },
  );
}

function grant(state: Running | undefined): void {
  if (!state) return;
  state.window += 1;
  state.wake?.();
  state.wake = undefined;
}
