import type { Progress } from '@kalla/core';

const EVERY_MS = 250;

/** Reports the progress of staging one source, at most four times a second and always at the start and the end. */
export class StagingProgress {
  private rows: number | undefined;
  private progress: number | null = 0;
  private timer: NodeJS.Timeout | undefined;
  private reported = '';

  constructor(
    private readonly source: string,
    private readonly estimate: number | null,
    private readonly onProgress: (progress: Progress) => void,
  ) {}

  start(): void {
    this.report();
    this.timer = setInterval(() => this.report(), EVERY_MS);
  }

  /** What the engine says of a scan; null where it does not know. It never goes back. */
  fraction(fraction: number | null): void {
    if (fraction === null) return;
    this.progress = Math.max(this.progress ?? 0, Math.min(fraction, 0.99));
  }

  /** Rows delivered so far; against an estimate they make a fraction that stays below 1 until the end. */
  addRows(rows: number): void {
    this.rows = (this.rows ?? 0) + rows;
    this.progress = this.estimate ? Math.min(this.rows / this.estimate, 0.99) : null;
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
