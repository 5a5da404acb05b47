import { ProblemError } from '@kalla/core';
import type { Logger } from '../log.ts';
import type { Scratch } from '../scratch.ts';
import type { Task } from './messages.ts';
import type { ProcessPool } from './process-pool.ts';
import { Slots } from './slots.ts';
import { ProcessLostError, type TaskProcess } from './task-process.ts';

/** Two at once: a count for one person need not wait for the suggestions of another. */
const AT_ONCE = 2;
/** More than these wait for nothing: whoever asked has gone on clicking. */
const MAX_WAITING = 50;
/** A task that was given up has this long to stop by itself before the process, and with it what is at hand, goes. */
const GRACE_MS = 2_000;
/** With nobody at the bench for this long, its memory and files are given back. */
const IDLE_MS = 15 * 60_000;

export interface BenchOptions {
  signal: AbortSignal;
  /** The task is given up after this. */
  timeoutMs: number;
  /** The start of the sentence that says so: `Counting the matches`. */
  what: string;
}

interface Bench {
  process: TaskProcess;
  /** Where staged sources stay between tasks. */
  folder: string;
}

/**
 * The process that recipes are made at. It stays, and keeps the sources that were staged, so that a second suggestion or a
 * changed tolerance reads nothing again. When it is lost, the next task starts another.
 */
export class Workbench {
  readonly #pool: ProcessPool;
  readonly #scratch: Scratch;
  readonly #log: Logger;
  readonly #slots = new Slots(AT_ONCE);
  #bench: Promise<Bench> | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: { pool: ProcessPool; scratch: Scratch; log: Logger }) {
    this.#pool = options.pool;
    this.#scratch = options.scratch;
    this.#log = options.log;
  }

  async run(task: Extract<Task, { kind: 'counts' | 'suggest' }>, options: BenchOptions): Promise<unknown> {
    if (this.#slots.waiting >= MAX_WAITING)
      throw new ProblemError('busy', 'The worker has too much to look at just now. Try again in a moment.');
    const release = await this.#slots.take(options.signal);
    clearTimeout(this.#idle);
    try {
      return await this.#perform(task, options);
    } finally {
      release();
      if (this.#slots.taken === 0) this.#restLater();
    }
  }

  /**
   * Two tasks share the process: one that loses it may only have had a bad neighbour. It is done once more, in a process of its
   * own, where it neither harms another nor is harmed.
   */
  async #perform(task: Task, options: BenchOptions): Promise<unknown> {
    const lost = (error: unknown) => {
      if (!(error instanceof ProcessLostError)) throw error;
      this.#log.warn({ end: error.end }, 'the workbench was lost');
      return error;
    };
    try {
      return await this.#attempt(task, await this.#current(), options);
    } catch (error) {
      lost(error);
    }
    let alone: Bench | undefined;
    try {
      alone = await this.#open();
      return await this.#attempt(task, alone, options);
    } catch (error) {
      throw new ProblemError(
        'worker-lost',
        `${options.what} stopped: the worker's process for it ended unexpectedly. Nothing was changed; try again.`,
        undefined,
        lost(error),
      );
    } finally {
      alone?.process.kill();
    }
  }

  async #attempt(task: Task, { process, folder }: Bench, { signal, timeoutMs, what }: BenchOptions): Promise<unknown> {
    signal.throwIfAborted();
    const call = process.call(task, { scratchDir: folder });
    let grace: NodeJS.Timeout | undefined;
    let timedOut = false;
    const stop = () => {
      call.abort();
      grace ??= setTimeout(() => process.kill(), GRACE_MS);
    };
    signal.addEventListener('abort', stop, { once: true });
    const timeout = setTimeout(() => {
      timedOut = true;
      stop();
    }, timeoutMs);
    try {
      return await call.result;
    } catch (error) {
      if (timedOut) {
        throw new ProblemError(
          'timeout',
          `${what} took longer than ${Math.round(timeoutMs / 1000)} seconds and was given up. ` +
            'Use fewer rows, or a rule with more equal columns.',
          undefined,
          error,
        );
      }
      if (signal.aborted) throw new ProblemError('cancelled', 'The request was cancelled.', undefined, error);
      throw error;
    } finally {
      clearTimeout(timeout);
      clearTimeout(grace);
      signal.removeEventListener('abort', stop);
    }
  }

  /** The bench at hand, or another one where its process is about to end. */
  async #current(): Promise<Bench> {
    for (;;) {
      const opening = (this.#bench ??= this.#open());
      const bench = await opening.catch((error: unknown) => {
        if (this.#bench === opening) this.#bench = undefined;
        throw error;
      });
      if (bench.process.alive) return bench;
      if (this.#bench === opening) this.#bench = undefined;
    }
  }

  async #open(): Promise<Bench> {
    const folder = await this.#scratch.make();
    try {
      const process = await this.#pool.take();
      void process.ended.then(async () => {
        await this.#scratch.remove(folder);
      });
      return { process, folder };
    } catch (error) {
      await this.#scratch.remove(folder);
      throw error;
    }
  }

  #restLater(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      const bench = this.#bench;
      this.#bench = undefined;
      void bench?.then(
        ({ process }) => process.kill(),
        () => undefined, // It never opened; whoever asked for it was told.
      );
    }, IDLE_MS);
    this.#idle.unref();
  }
}
