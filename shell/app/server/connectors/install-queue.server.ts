import { ProblemError } from '@kalla/core';

/** Lets one change of what is installed go at a time, in the order in which they came. */
export class InstallQueue {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** True where a change would have to wait now. */
  get busy(): boolean {
    return this.#waiting > 0;
  }

  /** Waits for its turn and does the work. Who has gone when the turn comes does nothing. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    this.#waiting += 1;
    const turn = this.#last.then(() => {
      if (signal?.aborted) throw new ProblemError('cancelled', 'The installation was cancelled. Nothing was changed.');
      return work();
    });
    this.#last = turn.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }
}
