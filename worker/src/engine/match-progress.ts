import type { Progress } from '@kalla/core';

/** Progress of one match over its phases; never goes back. */
export class MatchProgress {
  private fraction = 0;
  private found: number | undefined;

  constructor(
    private readonly totalLeft: number,
    private readonly onProgress: (progress: Progress) => void,
  ) {}

  /** Reports a fraction of the whole. */
  at(fraction: number): void {
    this.fraction = Math.max(this.fraction, fraction);
    this.onProgress({
      stage: 'matching',
      progress: this.fraction,
      total_left: this.totalLeft,
      ...(this.found === undefined ? {} : { matched: this.found }),
    });
  }

  matched(rows: number): void {
    this.found = rows;
    this.at(this.fraction);
  }

  /** A listener for the engine that maps its 0 to 1 into a part of the whole. */
  phase(from: number, to: number): (fraction: number | null) => void {
    return (fraction) => {
      if (fraction !== null) this.at(from + (to - from) * fraction);
    };
  }
}
