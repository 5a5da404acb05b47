import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { listProcesses, treeRss } from './process-tree.ts';

/** Milliseconds between two looks. `ps` starts a process each time, so it is asked less often. */
const INTERVAL = process.platform === 'linux' ? 50 : 200;

export interface RssSampler {
  /** The highest sum seen so far, in bytes. */
  peak(): number;
  /** Ends the sampling and gives the highest sum seen, in bytes. */
  stop(): Promise<number>;
}

/**
 * Watches the memory of a process and all that descend from it until it is stopped.
 *
 * @example
 * const sampler = sampleRss(child.pid);
 * await once(child, 'exit');
 * const peakBytes = await sampler.stop();
 */
export function sampleRss(pid: number): RssSampler {
  let peak = 0;
  const end = new AbortController();
  const loop = (async () => {
    while (!end.signal.aborted) {
      peak = Math.max(peak, treeRss(await listProcesses(), pid), highWaterMark(pid));
      // A pause that stop() ends at once; that it was cut short is no error.
      await setTimeout(INTERVAL, undefined, { signal: end.signal }).catch((error: unknown) => {
        if (!end.signal.aborted) throw error;
      });
    }
  })();
  // A failure is thrown by stop(); until then it must not count as unhandled.
  loop.catch(() => end.abort());
  return {
    peak: () => peak,
    async stop() {
      end.abort();
      await loop;
      return peak;
    },
  };
}

/** The kernel's own peak of the one process, which no sampling misses; 0 where the system does not tell. */
function highWaterMark(pid: number): number {
  if (process.platform !== 'linux') return 0;
  try {
    return Number(/^VmHWM:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return 0;
    throw error;
  }
}
