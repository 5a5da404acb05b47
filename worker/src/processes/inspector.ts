import { ProblemError } from '@kalla/core';
import type { Logger } from '../log.ts';
import type { Scratch } from '../scratch.ts';
import type { Task, TaskOutput } from './messages.ts';
import type { ProcessPool } from './process-pool.ts';
import { Slots } from './slots.ts';
import { ProcessLostError, type TaskProcess } from './task-process.ts';

/** A cancelled task has this long to stop by itself. */
const GRACE_MS = 1_000;
/** A process that did its task well waits this long for the next one: people browse tables in bursts. */
const KEEP_MS = 30_000;
/** Tasks that wait beyond this are turned away rather than kept waiting. */
const MAX_WAITING = 100;

export interface InspectOptions {
  signal: AbortSignal;
  /** The task is given up after this. */
  timeoutMs: number;
  onOutput?(output: TaskOutput): void | Promise<void>;
  /** In a process of its own that ends with the task: what was loaded in it must not meet other work. */
  alone?: boolean;
}

/** Does the short tasks (check, tables, describe, previews, validation, exports), each in a child process, `limit` at once. */
export class Inspector {
  readonly #pool: ProcessPool;
  readonly #scratch: Scratch;
  readonly #log: Logger;
  readonly #slots: Slots;
  #kept: { process: TaskProcess; timer: NodeJS.Timeout } | undefined;

  constructor(options: { pool: ProcessPool; scratch: Scratch; log: Logger; limit: number }) {
    this.#pool = options.pool;
    this.#scratch = options.scratch;
    this.#log = options.log;
    this.#slots = new Slots(options.limit);
  }

  async run(task: Task, options: InspectOptions): Promise<unknown> {
    if (this.#slots.waiting >= MAX_WAITING)
      throw new ProblemError('busy', 'The worker has too much to look at just now. Try again in a moment.');
    const release = await this.#slots.take(options.signal);
    try {
      return await this.#perform(task, options);
    } finally {
      release();
    }
  }

  async #perform(task: Task, options: InspectOptions): Promise<unknown> {
    const scratchDir = await this.#scratch.make();
    let process: TaskProcess | undefined;
    let clean = false;
    let timeout: NodeJS.Timeout | undefined;
    let grace: NodeJS.Timeout | undefined;
    let timedOut = false;
    let onAbort: (() => void) | undefined;
    try {
      process = (options.alone ? undefined : this.#reuse()) ?? (await this.#pool.take());
      options.signal.throwIfAborted();
      const owner = process;
      const call = owner.call(task, { scratchDir, onOutput: options.onOutput });
      const stop = () => {
        call.abort();
        grace ??= setTimeout(() => owner.kill(), GRACE_MS);
      };
      onAbort = stop;
      options.signal.addEventListener('abort', stop, { once: true });
      timeout = setTimeout(() => {
        timedOut = true;
        stop();
      }, options.timeoutMs);
      const result = await call.result;
      clean = !options.alone;
      return result;
    } catch (error) {
      if (timedOut) {
        throw new ProblemError(
          'timeout',
          `It took longer than ${Math.round(options.timeoutMs / 1000)} seconds and was given up.`,
          undefined,
          error,
        );
      }
      if (options.signal.aborted) throw new ProblemError('cancelled', 'The request was cancelled.', undefined, error);
      if (error instanceof ProcessLostError) throw lost(error);
      // A task that failed in good order leaves its process as good as one that succeeded.
      clean = !options.alone && error instanceof ProblemError && error.problem.status < 500;
      throw error;
    } finally {
      clearTimeout(timeout);
      clearTimeout(grace);
      if (onAbort) options.signal.removeEventListener('abort', onAbort);
      if (process) await this.#giveBack(process, clean);
      await this.#scratch.remove(scratchDir);
    }
  }

  #reuse(): TaskProcess | undefined {
    const kept = this.#kept;
    if (!kept) return undefined;
    clearTimeout(kept.timer);
    this.#kept = undefined;
    return kept.process.alive ? kept.process : undefined;
  }

  async #giveBack(process: TaskProcess, clean: boolean): Promise<void> {
    if (clean && process.alive && !this.#kept) {
      const timer = setTimeout(() => {
        if (this.#kept?.process === process) this.#kept = undefined;
        process.kill();
      }, KEEP_MS);
      timer.unref();
      this.#kept = { process, timer };
      return;
    }
    process.kill();
    const end = await process.ended;
    this.#log.debug({ end }, 'a process for inspection ended');
  }
}

function lost(error: ProcessLostError): ProblemError {
  const how = error.end.signal ? `signal ${error.end.signal}` : `exit code ${error.end.code}`;
  return new ProblemError(
    'worker-lost',
    `The worker's process for this request stopped unexpectedly (${how}). Nothing was changed; try again.`,
    undefined,
    error,
  );
}
