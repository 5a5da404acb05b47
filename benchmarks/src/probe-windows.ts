import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const windowSchema = z.object({
  /** End of the window, milliseconds since the epoch. */
  at: z.number(),
  /** Longest delay of the event loop in it, in milliseconds. */
  delay: z.number().nonnegative(),
  /** The program. */
  main: z.string(),
});
export type ProbeWindow = z.infer<typeof windowSchema>;

/** Reads what the probes of `event-loop-probe.mjs` wrote. The last line of a file may be in the making and is left out. */
export async function readWindows(folder: string): Promise<ProbeWindow[]> {
  const found: ProbeWindow[] = [];
  for (const name of (await readdir(folder)).filter((one) => one.endsWith('.jsonl'))) {
    const lines = (await readFile(join(folder, name), 'utf8')).split('\n').slice(0, -1);
    found.push(...lines.map((line) => windowSchema.parse(JSON.parse(line))));
  }
  return found;
}

/**
 * The longest delay of a program whose path has `part` in it, in windows that end between two moments.
 *
 * @throws Error where there is no window: then nothing was measured, which is not the same as no delay.
 */
export function longestDelay(windows: readonly ProbeWindow[], part: string, from: number, to: number): number {
  const own = windows.filter(({ main, at }) => main.replaceAll('\\', '/').includes(part) && at >= from && at <= to);
  if (own.length === 0) throw new Error(`No event loop was watched in ${part}.`);
  return Math.max(...own.map(({ delay }) => delay));
}
