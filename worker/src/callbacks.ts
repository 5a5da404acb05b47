import { callbackUrls, type JobPayload, type Problem, type Progress, type ResultManifest } from '@kalla/core';
import pRetry, { AbortError } from 'p-retry';
import type { Logger } from './log.ts';

const REQUEST_MS = 10_000;
const HEARTBEAT_MS = 5_000;
/** Progress is for people: four times a second is live. */
const PROGRESS_MS = 250;
/** Retries of the final callback: 0.5 s, 1 s, 2 s … at most 60 s apart, about ten minutes in all. */
const RETRY = {
  retries: 16,
  minTimeout: 500,
  factor: 2,
  maxTimeout: 60_000,
  randomize: true,
  maxRetryTime: 10 * 60_000,
};

type RetryOptions = Partial<typeof RETRY>;
type JobIdentity = Pick<JobPayload, 'run_id' | 'attempt' | 'callback_url' | 'callback_token'>;
type Body = Record<string, unknown>;

/**
 * Tells the shell how one run goes. `seq` grows with every message, so that the receiver can ignore what comes late.
 *
 * Progress is told at most every quarter of a second, one message at a time, the latest wins, and a failure to tell it
 * never stops the run. The end is told again and again until it is taken, refused (4xx other than 408 and 429), or ten
 * minutes have gone.
 */
export class RunReporter {
  readonly #job: JobIdentity;
  readonly #log: Logger;
  readonly #urls: ReturnType<typeof callbackUrls>;
  readonly #retry: RetryOptions;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #latest = new Map<string, Progress>();
  readonly #stop = new AbortController();
  #seq = 0;
  #sending = false;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(job: JobIdentity, log: Logger, retry: RetryOptions = {}) {
    this.#job = job;
    this.#log = log;
    this.#retry = { ...RETRY, ...retry };
    this.#urls = callbackUrls(job.callback_url);
    this.#heartbeat = setInterval(() => void this.#tell({ stage: 'heartbeat' }), HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  /** Notes progress; the latest of each stage and source is sent soon. */
  progress(progress: Progress): void {
    if (this.#ended) return;
    this.#latest.set(progress.stage === 'staging' ? `staging ${progress.source}` : progress.stage, progress);
    this.#schedule(0);
  }

  complete(outputPath: string, manifest: ResultManifest): Promise<void> {
    return this.#end(this.#urls.complete, { output_path: outputPath, manifest });
  }

  fail(problem: Problem, status: 'failed' | 'cancelled' = 'failed'): Promise<void> {
    return this.#end(this.#urls.error, { status, error: problem });
  }

  /** Stops progress and heartbeats, and gives up telling the end. */
  close(): void {
    this.#quiet();
    this.#stop.abort(new Error('The worker stops.'));
  }

  #quiet(): void {
    this.#ended = true;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#timer);
  }

  #schedule(wait: number): void {
    if (this.#sending || this.#timer || this.#ended) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#flush();
    }, wait);
  }

  async #flush(): Promise<void> {
    this.#sending = true;
    const waiting = [...this.#latest.values()];
    this.#latest.clear();
    for (const progress of waiting) {
      if (!this.#ended) await this.#tell(progress);
    }
    this.#sending = false;
    if (this.#ended) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#latest.size > 0) void this.#flush();
    }, PROGRESS_MS);
  }

  /** Sends one progress message; what goes wrong is logged and no more. */
  async #tell(progress: Progress | { stage: 'heartbeat' }): Promise<void> {
    try {
      await this.#post(this.#urls.progress, progress);
    } catch (error) {
      this.#log.debug({ err: error, run_id: this.#job.run_id }, 'a progress callback failed');
    }
  }

  async #end(url: string, body: Body): Promise<void> {
    this.#quiet();
    try {
      await pRetry(() => this.#post(url, body), {
        ...this.#retry,
        signal: this.#stop.signal,
        onFailedAttempt: ({ error, attemptNumber, retriesLeft }) => {
          const about = { err: error, run_id: this.#job.run_id, attemptNumber, retriesLeft };
          this.#log.warn(about, 'the final callback of a run failed');
        },
      });
    } catch (error) {
      this.#log.error({ err: error, run_id: this.#job.run_id }, 'the end of a run could not be told');
    }
  }

  async #post(url: string, body: Body): Promise<void> {
    const { run_id, attempt, callback_token } = this.#job;
    let response: Response;
    try {
      response = await fetch(url, {
        method: 'POST',
        redirect: 'manual', // A bearer token must not travel to an address that nobody gave.
        headers: {
          'content-type': 'application/json',
          ...(callback_token === undefined ? {} : { authorization: `Bearer ${callback_token}` }),
        },
        body: JSON.stringify({ run_id, attempt, seq: ++this.#seq, ...body }),
        signal: AbortSignal.any([AbortSignal.timeout(REQUEST_MS), this.#stop.signal]),
      });
    } catch (error) {
      // p-retry takes a TypeError of fetch for a programmer's fault unless it knows its text.
      throw new Error('The receiver of the callback cannot be reached.', { cause: error });
    }
    await response.body?.cancel();
    if (response.ok) return;
    const answer = new Error(`The receiver answered ${response.status}.`);
    const mayPass = response.status >= 500 || response.status === 408 || response.status === 429;
    throw mayPass ? answer : new AbortError(answer);
  }
}
