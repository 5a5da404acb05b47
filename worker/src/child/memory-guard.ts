import { problem, type Problem } from '@kalla/core';

/** How often the size of the process is looked at while it works. */
const LOOK_MS = 100;
const GIB = 2 ** 30;

/**
 * What the whole process may take: the engine's own limit twice, since several engines may be open at once, and 1 GiB for
 * Node, batches on their way and texts that DuckDB makes outside of its limit.
 */
export function processLimit(engineBytes: number): number {
  return 2 * engineBytes + GIB;
}

/**
 * Calls `onTooLarge` once when this process has grown beyond `limitBytes`.
 *
 * DuckDB's `memory_limit` does not count the texts that functions make: `repeat('x', 2000000000)` took 6 GB under a limit of
 * 256 MB, and nothing interrupts it. Rules come from a model, so the process is watched from beside the engine's threads.
 */
export function guardMemory(limitBytes: number, onTooLarge: (told: Problem) => void): { stop(): void } {
  const timer = setInterval(() => {
    if (process.memoryUsage.rss() <= limitBytes) return;
    clearInterval(timer);
    const size = `${(limitBytes / GIB).toFixed(1)} GB`;
    onTooLarge(
      problem(
        'out-of-memory',
        `The work needed more than ${size} of memory and was stopped. Nothing was changed. Make the rule narrower (fewer pairs, ` +
          'shorter texts), or ask the operator for a higher KALLA_MEMORY_LIMIT.',
      ),
    );
  }, LOOK_MS);
  return { stop: () => clearInterval(timer) };
}
