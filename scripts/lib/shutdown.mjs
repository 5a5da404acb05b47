// @ts-check
/** A second Ctrl-C later than this after the first means "at once". npm passes the first one on a second time. */
const IMPATIENT_AFTER_MS = 1_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Calls `stop` once when we are asked to end: Ctrl-C, SIGTERM, a closed terminal, or the end of the npm that started us
 * (npm killed with -9 cannot tell us).
 *
 * @param {(now: boolean) => void} stop `now` is true for an impatient second Ctrl-C
 * @returns {() => void} ends the listening
 */
export function onShutdown(stop) {
  let asked = 0;
  const ask = () => {
    const first = asked === 0;
    if (first) asked = Date.now();
    else if (Date.now() - asked < IMPATIENT_AFTER_MS) return;
    stop(!first);
  };
  for (const signal of SIGNALS) process.on(signal, ask);
  /** @type {NodeJS.Timeout | undefined} */
  let watch;
  if (process.env.npm_lifecycle_event && process.platform !== 'win32') {
    const parent = process.ppid;
    watch = setInterval(() => {
      if (process.ppid !== parent && asked === 0) ask();
    }, 500).unref();
  }
  return () => {
    clearInterval(watch);
    for (const signal of SIGNALS) process.off(signal, ask);
  };
}
