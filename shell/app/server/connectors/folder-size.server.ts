import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const EVERY_MS = 200;

/** Bytes of all files below a folder. What goes away meanwhile does not count. */
export async function folderSize(folder: string): Promise<number> {
  let bytes = 0;
  const entries = await orGone(readdir(folder, { withFileTypes: true }), []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await folderSize(path);
    else if (entry.isFile())
      bytes += await orGone(
        lstat(path).then((info) => info.size),
        0,
      );
  }
  return bytes;
}

/** Looks again and again how large a folder is; `signal` aborts when there is more than `most` in it. */
export function watchSize(folder: string, most: number): { signal: AbortSignal; stop(): void } {
  const tooMuch = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const look = async (): Promise<void> => {
    if ((await folderSize(folder)) > most) tooMuch.abort();
    else if (!stopped) timer = setTimeout(again, EVERY_MS);
  };
  // A folder that cannot be measured is not filled any further.
  const again = () => void look().catch(() => tooMuch.abort());
  again();
  return {
    signal: tooMuch.signal,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

async function orGone<T>(work: Promise<T>, gone: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return gone;
    throw error;
  }
}
