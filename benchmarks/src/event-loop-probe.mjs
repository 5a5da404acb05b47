// @ts-check
/**
 * Loaded into each Node process of a measured Kalla by `NODE_OPTIONS=--import`. Four times a second it writes the longest
 * delay of the event loop since the last time into `KALLA_BENCH_PROBE_DIR/PID.jsonl`.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const RESOLUTION_MS = 10;
const folder = process.env['KALLA_BENCH_PROBE_DIR'];

if (folder && isMainThread) {
  const file = join(folder, `${process.pid}.jsonl`);
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  setInterval(() => {
    // A sample is the time between two ticks of a timer, so the timer's own interval is in it.
    const delay = Math.max(0, histogram.max / 1e6 - RESOLUTION_MS);
    if (histogram.count > 0)
      appendFileSync(file, `${JSON.stringify({ at: Date.now(), delay, main: process.argv[1] })}\n`);
    histogram.reset();
  }, 250).unref();
}
