import type { Logger } from '../log.ts';
import { TaskProcess } from './task-process.ts';

/** The next idle process starts this long after the last was taken, so that it does not slow down the one that works. */
const REFILL_MS = 250;

/**
 * Starts child processes, and keeps one idle: a process takes some hundred milliseconds to start, and a small run should
 * not wait for it.
 */
export class ProcessPool {
  readonly #all = new Set<TaskProcess>();
  readonly #entry: string;
  readonly #variables: NodeJS.ProcessEnv;
  readonly #log: Logger;
  #idle: TaskProcess | undefined;
  #refill: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: { entry: string; variables: NodeJS.ProcessEnv; log: Logger }) {
    this.#entry = options.entry;
    this.#variables = options.variables;
    this.#log = options.log;
    this.#fill();
  }

  /** A process of the caller's own, ready for work. The caller ends it. */
  async take(): Promise<TaskProcess> {
    const idle = this.#idle?.alive ? this.#idle : undefined;
    this.#idle = undefined;
    const process = idle ?? this.#start();
    this.#fillLater();
    await process.ready;
    return process;
  }

  /** Ends every process, at once. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#refill);
    for (const process of this.#all) process.kill();
    await Promise.all([...this.#all].map((process) => process.ended));
  }

  get size(): number {
    return this.#all.size;
  }

  #fillLater(): void {
    if (this.#closed || this.#refill) return;
    this.#refill = setTimeout(() => {
      this.#refill = undefined;
      this.#fill();
    }, REFILL_MS);
    this.#refill.unref();
  }

  /** One that dies while idle is not replaced before the next is taken: it would die in a circle. */
  #fill(): void {
    if (this.#closed || this.#idle?.alive) return;
    this.#idle = this.#start();
  }

  #start(): TaskProcess {
    if (this.#closed) throw new Error('The worker stops.');
    const process = new TaskProcess(this.#entry, this.#variables, this.#log);
    this.#all.add(process);
    void process.ended.then(() => this.#all.delete(process));
    return process;
  }
}
