// @ts-check
/**
 * Loaded with `--import` into every process that `npm start` starts, and through it into theirs: when the channel to the
 * parent closes, because the parent asked for it or because it was killed, the process ends as on SIGTERM. This is the
 * same on Windows, where there is no SIGTERM.
 */
import { isMainThread } from 'node:worker_threads';

/** A process that has not ended by itself after this long is ended. Less than the 10 s that Ctrl-C may take. */
const GRACE_MS = 7_000;

// The parent may be gone already: nobody listened while this was loaded.
if (isMainThread && process.send && !process.connected) process.exit(0);
if (isMainThread && process.channel) {
  process.once('disconnect', () => {
    if (process.listenerCount('SIGTERM') === 0) process.exit(0);
    process.emit('SIGTERM', 'SIGTERM');
    setTimeout(() => process.exit(1), GRACE_MS).unref();
  });
  // A listener counts as a reason to stay. This one must not keep a process that has nothing else to do, and must not
  // change the count for the process's own listeners, as `channel.unref()` would. Where Node lacks it, the process stays.
  const channel = /** @type {{ unrefCounted?: () => void }} */ (process.channel);
  channel.unrefCounted?.();
}
