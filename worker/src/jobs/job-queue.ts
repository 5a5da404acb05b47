import {
  problemOf,
  ProblemError,
  problem,
  type JobPayload,
  type Problem,
  type Progress,
  type ResultManifest,
} from '@kalla/core';
import { RunReporter } from '../callbacks.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { ProcessPool } from '../processes/process-pool.ts';
import { ProcessLostError, type TaskProcess } from '../processes/task-process.ts';
import type { Scratch } from '../scratch.ts';

/** A cancelled run has this long to stop by itself; with the kill after it, cancelling takes less than two seconds. */
const GRACE_MS = 1_500;
/** Runs that may wait. */
const MAX_QUEUED = 1_000;
/** Finished runs that are remembered, so that the same job does not run twice. */
const REMEMBERED = 1_000;

export type JobState = 'queued' | 'running' | 'finished';
export type JobOutcome = 'completed' | 'failed' | 'cancelled';

interface Job {
  runId: string;
  attempt: number;
  /** Absent once finished: it may hold secrets. */
  payload: JobPayload | undefined;
  state: JobState;
  reporter: RunReporter | undefined;
  cancel: AbortController;
  /** A later attempt took its place: nothing more is told about it. */
  superseded: boolean;
  /** Settles when its process is gone. */
  over: Promise<void>;
}

/** Runs jobs, `limit` at once and the others in the order in which they came, each in a process of its own. */
export class JobQueue {
  readonly #pool: ProcessPool;
  readonly #scratch: Scratch;
  readonly #log: Logger;
  readonly #metrics: Metrics;
  readonly #limit: number;
  readonly #jobs = new Map<string, Job>();
  readonly #queue: Job[] = [];
  readonly #telling = new Set<Promise<void>>();
  #running = 0;
  #closing = false;

  constructor(options: { pool: ProcessPool; scratch: Scratch; log: Logger; metrics: Metrics; limit: number }) {
    this.#pool = options.pool;
    this.#scratch = options.scratch;
    this.#log = options.log;
    this.#metrics = options.metrics;
    this.#limit = options.limit;
  }

  get depth(): number {
    return this.#queue.length;
  }

  get running(): number {
    return this.#running;
  }

  /**
   * Takes a job. The same run and attempt again changes nothing. A later attempt takes the place of an earlier one, which
   * is stopped first: both would write to the same place.
   */
  submit(payload: JobPayload): void {
    if (this.#closing) throw new ProblemError('busy', 'The worker is about to stop. Try again in a moment.');
    const known = this.#jobs.get(payload.run_id);
    if (known && known.attempt === payload.attempt) return;
    if (known && known.attempt > payload.attempt) {
      const detail = `Run ${payload.run_id} is already at attempt ${known.attempt}; attempt ${payload.attempt} comes too late.`;
      throw new ProblemError('conflict', detail);
    }
    if (this.#queue.length >= MAX_QUEUED)
      throw new ProblemError('busy', `${MAX_QUEUED} runs are waiting already. Try again later.`);
    const before = known && this.#supersede(known);
    const job: Job = {
      runId: payload.run_id,
      attempt: payload.attempt,
      payload,
      state: 'queued',
      reporter: new RunReporter(payload, this.#log),
      cancel: new AbortController(),
      superseded: false,
      over: before ?? Promise.resolve(),
    };
    this.#jobs.delete(job.runId); // The map is in order of arrival; the oldest finished are forgotten first.
    this.#jobs.set(job.runId, job);
    this.#forget();
    this.#queue.push(job);
    this.#next();
  }

  status(runId: string): { run_id: string; attempt: number; state: JobState } | undefined {
    const job = this.#jobs.get(runId);
    return job && { run_id: job.runId, attempt: job.attempt, state: job.state };
  }

  /** Cancels a run that waits or runs; false where there is no such run. One that is finished stays as it is. */
  cancel(runId: string): boolean {
    const job = this.#jobs.get(runId);
    if (!job) return false;
    if (job.state === 'queued') {
      this.#queue.splice(this.#queue.indexOf(job), 1);
      this.#finish(job, 'cancelled');
      this.#tell(job, (reporter) => reporter.fail(cancelled(), 'cancelled'));
    } else if (job.state === 'running') job.cancel.abort();
    return true;
  }

  /** Tells of every run that did not end, waits for what is told until `deadlineMs`, and gives up the rest. */
  async close(deadlineMs: number): Promise<void> {
    this.#closing = true;
    this.#queue.length = 0;
    const stopped = problem(
      'worker-lost',
      'The worker was stopped before this run was finished. Nothing was changed; run it again.',
    );
    const reporters: RunReporter[] = [];
    for (const job of this.#jobs.values()) {
      if (job.reporter) reporters.push(job.reporter);
      if (job.state === 'finished') continue;
      job.superseded = true;
      job.state = 'finished';
      this.#metrics.runFinished('failed');
      this.#tell(job, (reporter) => reporter.fail(stopped));
    }
    await Promise.race([
      Promise.allSettled([...this.#telling]),
      new Promise((resolve) => setTimeout(resolve, deadlineMs)),
    ]);
    for (const reporter of reporters) reporter.close();
  }

  #supersede(job: Job): Promise<void> {
    job.superseded = true;
    if (job.state === 'queued') this.#queue.splice(this.#queue.indexOf(job), 1);
    job.cancel.abort();
    job.reporter?.close();
    job.reporter = undefined;
    job.payload = job.state === 'queued' ? undefined : job.payload;
    return job.over;
  }

  #next(): void {
    while (this.#running < this.#limit && !this.#closing) {
      const job = this.#queue.shift();
      if (!job) return;
      this.#running += 1;
      job.state = 'running';
      job.over = this.#run(job, job.over).finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }

  async #run(job: Job, before: Promise<void>): Promise<void> {
    const { payload } = job;
    if (!payload) return;
    const stopClock = this.#metrics.runStarted();
    const rows = new Map<string, number>();
    let outcome: JobOutcome = 'failed';
    let told: (reporter: RunReporter) => Promise<void>;
    try {
      await before;
      const manifest = await this.#perform(job, payload, (progress) => {
        if (progress.stage === 'staging' && progress.rows !== undefined) rows.set(progress.source, progress.rows);
        job.reporter?.progress(progress);
      });
      rows.set(manifest.left.alias, manifest.left.rows);
      rows.set(manifest.right.alias, manifest.right.rows);
      outcome = 'completed';
      told = (reporter) => reporter.complete(payload.output_path, manifest);
    } catch (error) {
      outcome = job.cancel.signal.aborted ? 'cancelled' : 'failed';
      const fault = outcome === 'cancelled' ? cancelled() : this.#problemOf(job, error);
      told = (reporter) => reporter.fail(fault, outcome === 'cancelled' ? 'cancelled' : 'failed');
    }
    stopClock(outcome);
    this.#metrics.rowsStaged([...rows.values()].reduce((sum, count) => sum + count, 0));
    this.#log.info({ run_id: job.runId, attempt: job.attempt, outcome }, 'a run ended');
    if (job.superseded) {
      job.state = 'finished';
      job.payload = undefined;
      return;
    }
    this.#finish(job, outcome);
    this.#tell(job, told);
  }

  async #perform(job: Job, payload: JobPayload, onProgress: (progress: Progress) => void): Promise<ResultManifest> {
    const { signal } = job.cancel;
    signal.throwIfAborted();
    const scratchDir = await this.#scratch.make();
    let process: TaskProcess | undefined;
    let grace: NodeJS.Timeout | undefined;
    let stop: (() => void) | undefined;
    try {
      process = await this.#pool.take();
      signal.throwIfAborted();
      const owner = process;
      this.#log.info({ run_id: job.runId, attempt: job.attempt, pid: owner.pid }, 'a run starts');
      const call = owner.call(
        { kind: 'run', payload },
        { scratchDir, onOutput: (output) => ('progress' in output ? onProgress(output.progress) : undefined) },
      );
      stop = () => {
        call.abort();
        grace = setTimeout(() => owner.kill(), GRACE_MS);
      };
      signal.addEventListener('abort', stop, { once: true });
      const result = (await call.result) as ResultManifest;
      return result;
    } finally {
      clearTimeout(grace);
      if (stop) signal.removeEventListener('abort', stop);
      process?.kill();
      await process?.ended;
      await this.#scratch.remove(scratchDir);
    }
  }

  #problemOf(job: Job, error: unknown): Problem {
    if (error instanceof ProcessLostError) {
      const how = error.end.signal ? `signal ${error.end.signal}` : `exit code ${error.end.code}`;
      this.#log.error({ run_id: job.runId, end: error.end }, 'the process of a run was lost');
      return problem(
        'worker-lost',
        `The worker's process for this run stopped unexpectedly (${how}). Nothing was changed; run it again.`,
      );
    }
    if (!(error instanceof ProblemError))
      this.#log.error({ err: error, run_id: job.runId }, 'a run failed by a fault of the worker');
    return problemOf(error);
  }

  #finish(job: Job, outcome: JobOutcome): void {
    job.state = 'finished';
    job.payload = undefined;
    this.#metrics.runFinished(outcome);
  }

  #tell(job: Job, how: (reporter: RunReporter) => Promise<void>): void {
    const { reporter } = job;
    if (!reporter) return;
    const telling = how(reporter).finally(() => {
      job.reporter = undefined;
      this.#telling.delete(telling);
    });
    this.#telling.add(telling);
  }

  #forget(): void {
    let over = this.#jobs.size - REMEMBERED - this.#queue.length - this.#running;
    for (const job of this.#jobs.values()) {
      if (over <= 0) return;
      if (job.state !== 'finished' || job.reporter) continue;
      this.#jobs.delete(job.runId);
      over -= 1;
    }
  }
}

function cancelled(): Problem {
  return problem('cancelled', 'The run was cancelled. Nothing was changed.');
}
