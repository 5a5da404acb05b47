import { fork, type ChildProcess } from 'node:child_process';
import { constants, getPriority, setPriority } from 'node:os';
import { ProblemError, type Problem } from '@kalla/core';
import type { Logger } from '../log.ts';
import { redact } from '../redact.ts';
import { CHILD_FLAGS } from './child-flags.ts';
import type { FromChild, Task, TaskOutput, ToChild } from './messages.ts';

/** How a child process ended. */
export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** The process went away in the middle of a task: killed, crashed, out of memory. */
export class ProcessLostError extends Error {
  override readonly name = 'ProcessLostError';
  constructor(readonly end: ProcessEnd) {
    super(`The process stopped (${end.signal ? `signal ${end.signal}` : `exit code ${end.code}`}).`);
  }
}

export interface CallOptions {
  scratchDir: string;
  /** Called for what the task puts out. A promise holds back further chunks. */
  onOutput?(output: TaskOutput): void | Promise<void>;
}

interface Call {
  resolve(result: unknown): void;
  reject(error: unknown): void;
  onOutput: CallOptions['onOutput'];
}

/** How far a child's priority is behind the worker's own, in steps of `nice`. */
const BEHIND = constants.priority.PRIORITY_BELOW_NORMAL;

/** Settings that no connector or engine needs; they do not reach the children. */
const WITHHELD = ['WORKER_TOKEN', 'DATABASE_URL', 'KALLA_SECRET_KEY', 'ANTHROPIC_API_KEY', 'NATS_URL'];

/** A child process that does tasks, one or several at a time. */
export class TaskProcess {
  readonly #child: ChildProcess;
  readonly #log: Logger;
  readonly #calls = new Map<number, Call>();
  #nextId = 1;
  #end: ProcessEnd | undefined;
  #ending = false;
  /** Resolves when it can take work; rejects with `ProcessLostError` when it ends before that. */
  readonly ready: Promise<void>;
  /** Resolves when the process is gone. */
  readonly ended: Promise<ProcessEnd>;

  constructor(entry: string, variables: NodeJS.ProcessEnv, log: Logger) {
    this.#log = log;
    const env = { ...variables };
    for (const name of WITHHELD) delete env[name];
    this.#child = fork(entry, [], {
      env,
      execArgv: [...process.execArgv, ...CHILD_FLAGS],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#yieldToOthers();
    this.#watchOutput();
    let isReady!: () => void;
    let isLost!: (error: Error) => void;
    this.ready = new Promise<void>((resolve, reject) => {
      isReady = resolve;
      isLost = reject;
    });
    this.ready.catch(() => undefined); // Whoever waits for it hears of it; nobody may be waiting.
    this.ended = new Promise((resolve) => {
      const finish = (end: ProcessEnd) => {
        if (this.#end) return;
        this.#end = end;
        const error = new ProcessLostError(end);
        isLost(error);
        for (const call of this.#calls.values()) call.reject(error);
        this.#calls.clear();
        resolve(end);
      };
      this.#child.once('exit', (code, signal) => finish({ code, signal }));
      this.#child.on('error', (error) => {
        this.#log.error({ err: error }, 'a child process failed');
        if (this.#child.pid === undefined) finish({ code: null, signal: null });
      });
    });
    this.#child.on('message', (message: FromChild) => {
      if (message.type === 'ready') isReady();
      else this.#receive(message);
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get alive(): boolean {
    return this.#end === undefined && !this.#ending;
  }

  get busy(): number {
    return this.#calls.size;
  }

  /** Starts a task. `abort` asks it to stop; whether it does is the caller's to watch. */
  call(task: Task, options: CallOptions): { result: Promise<unknown>; abort: () => void } {
    const id = this.#nextId++;
    const result = new Promise<unknown>((resolve, reject) => {
      if (this.#end) return reject(new ProcessLostError(this.#end));
      this.#calls.set(id, { resolve, reject, onOutput: options.onOutput });
    });
    this.#send({ type: 'task', id, task, scratchDir: options.scratchDir });
    return { result, abort: () => this.#send({ type: 'abort', id }) };
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #send(message: ToChild): void {
    if (!this.#child.connected) return;
    this.#child.send(message, (error) => {
      // The process ended meanwhile; `ended` tells everyone.
      if (error) this.#log.debug({ err: error }, 'a message to a child process was lost');
    });
  }

  #receive(message: Exclude<FromChild, { type: 'ready' }>): void {
    if (message.type === 'log') {
      this.#log[message.level]({ fields: message.fields, pid: this.pid }, message.message);
      return;
    }
    const call = this.#calls.get(message.id);
    if (!call) return;
    if (message.type === 'output') {
      void this.#deliver(message.id, call, message.output);
      return;
    }
    this.#calls.delete(message.id);
    if (message.type === 'done') return call.resolve(message.result);
    this.#ending ||= message.ends === true;
    const about = { pid: this.pid, problem: message.problem.type };
    if (message.fault !== undefined) this.#log.error({ ...about, fault: message.fault }, 'a task failed');
    else this.#log.info({ ...about, cause: message.cause }, 'a task ended with what its user can mend');
    call.reject(new ProblemError(message.problem as Problem));
  }

  async #deliver(id: number, call: Call, output: TaskOutput): Promise<void> {
    try {
      await call.onOutput?.(output);
    } catch (error) {
      this.#calls.delete(id);
      this.#send({ type: 'abort', id });
      call.reject(error);
      return;
    }
    if ('chunk' in output) this.#send({ type: 'more', id });
  }

  /** Whoever answers people goes first: four runs keep every core busy for minutes, and shell and worker need one for milliseconds. */
  #yieldToOthers(): void {
    if (this.#child.pid === undefined) return;
    try {
      setPriority(this.#child.pid, Math.min(getPriority() + BEHIND, constants.priority.PRIORITY_LOW));
    } catch (error) {
      // It may have ended already, or the system may not allow it; the work is the same.
      this.#log.debug({ err: error, pid: this.pid }, 'the priority of a child process stays as it is');
    }
  }

  /** What a child prints is not for users: native crash reports, mostly. */
  #watchOutput(): void {
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log.warn({ pid: this.pid, text: redact(text.slice(0, 2000)) }, 'a child process printed');
      });
    }
  }
}
