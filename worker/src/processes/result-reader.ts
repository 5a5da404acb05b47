import { ProblemError } from '@kalla/core';
import type { Logger } from '../log.ts';
import type { Scratch } from '../scratch.ts';
import type { Task } from './messages.ts';
import type { ProcessPool } from './process-pool.ts';
import { Slots } from './slots.ts';
import { ProcessLostError, type TaskProcess } from './task-process.ts';

/** Pages under way at once: more would only wait inside of the engine. */
const AT_ONCE = 8;

/**
 * Reads pages of results in one process that stays, so that a page takes milliseconds. When the process is lost, the next
 * page starts another; a page that was under way is tried once more.
 */
export class ResultReader {
  readonly #pool: ProcessPool;
  readonly #scratch: Scratch;
  readonly #log: Logger;
  readonly #slots = new Slots(AT_ONCE);
  #process: Promise<TaskProcess> | undefined;

  constructor(options: { pool: ProcessPool; scratch: Scratch; log: Logger }) {
    this.#pool = options.pool;
    this.#scratch = options.scratch;
    this.#log = options.log;
  }

  async run(
    task: Extract<Task, { kind: 'rows' | 'summary' }>,
    options: { signal: AbortSignal; timeoutMs: number },
  ): Promise<unknown> {
    const release = await this.#slots.take(options.signal);
    const scratchDir = await this.#scratch.make();
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.#read(task, scratchDir, options);
        } catch (error) {
          if (!(error instanceof ProcessLostError)) throw error;
          this.#log.warn({ end: error.end, attempt }, 'the process that reads results was lost');
          if (attempt === 2)
            throw new ProblemError(
              'worker-lost',
              'The process that reads results stopped twice. Try again.',
              undefined,
              error,
            );
        }
      }
    } finally {
      release();
      await this.#scratch.remove(scratchDir);
    }
  }

  async #read(task: Task, scratchDir: string, options: { signal: AbortSignal; timeoutMs: number }): Promise<unknown> {
    const process = await this.#current();
    options.signal.throwIfAborted();
    const call = process.call(task, { scratchDir });
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        call.abort();
        // Whatever holds it up would hold up the pages after it too.
        this.#process = undefined;
        process.kill();
        reject(
          new ProblemError(
            'timeout',
            `The page took longer than ${Math.round(options.timeoutMs / 1000)} seconds and was given up.`,
          ),
        );
      }, options.timeoutMs);
    });
    options.signal.addEventListener('abort', call.abort, { once: true });
    try {
      return await Promise.race([call.result, timeout]);
    } finally {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', call.abort);
    }
  }

  #current(): Promise<TaskProcess> {
    if (!this.#process) {
      const taken = this.#pool.take();
      this.#process = taken;
      // By then another one may have taken its place.
      const forget = () => {
        if (this.#process === taken) this.#process = undefined;
      };
      void taken.then((process) => process.ended).then(forget, forget);
    }
    return this.#process;
  }
}
