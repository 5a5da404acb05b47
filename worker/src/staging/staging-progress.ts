import type { Progress } from '@kalla/core';

const EVERY_MS = 250;

/** How much of the way a plan is that reads the whole source; what it read is then brought into Parquet many times faster. */
const PLAN_SHARE = 0.8;

/**
 * Reports the progress of staging one source, at most four times a second and always at the start and the end. It never goes
 * back: a reading that has to begin anew stands still until it is as far as before.
 */
export class StagingProgress {
  private estimate: number | null = null;
  /** What the plan took of the way: nothing where it did not tell. */
  private done = 0;
  private rows: number | undefined;
  private progress: number | null = 0;
  private timer: NodeJS.Timeout | undefined;
  private reported = '';

  constructor(
    private readonly source: string,
    private readonly onProgress: (progress: Progress) => void,
  ) {}

  start(): void {
    this.report();
    this.timer = setInterval(() => this.report(), EVERY_MS);
  }

  /** How much a connector has read that has to read the source before it can plan. */
  planning(share: number): void {
    this.done = Math.max(this.done, Math.min(share, 1) * PLAN_SHARE);
    this.progress = this.done;
  }

  /** The plan is there, with the number of rows that it expects. */
  planned(rows: number | null): void {
    this.estimate = rows;
  }

  /** What the engine says of a scan; null where it does not know. */
  fraction(fraction: number | null): void {
    if (fraction === null) return;
    const share = this.done + (1 - this.done) * fraction;
    this.progress = Math.max(this.progress ?? 0, Math.min(share, 0.99));
  }

  /** Rows delivered so far; against an estimate they make a fraction that stays below 1 until the end. */
  addRows(rows: number): void {
    this.rows = (this.rows ?? 0) + rows;
    if (this.estimate) this.fraction(this.rows / this.estimate);
    else this.progress = null;
  }

  finish(rows: number): void {
    this.rows = rows;
    this.progress = 1;
    this.report();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private report(): void {
    const state = JSON.stringify([this.progress, this.rows]);
    if (state === this.reported) return;
    this.reported = state;
    this.onProgress({
      stage: 'staging',
      source: this.source,
      progress: this.progress,
      ...(this.rows === undefined ? {} : { rows: this.rows }),
    });
  }
}
