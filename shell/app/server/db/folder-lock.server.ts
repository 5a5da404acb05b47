import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Another process holds the data folder. */
export class FolderLockedError extends Error {
  override readonly name = 'FolderLockedError';
}

/**
 * Takes the data folder for this process; returns what lets go of it. A lock left behind by a process that ended is taken
 * over. Throws `FolderLockedError` with a sentence that says what to do.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'shell.lock');
  const mine = `${process.pid} ${startOf(process.pid) ?? ''}`;
  for (let tries = 0; tries < 3; tries++) {
    try {
      writeFileSync(path, mine, { flag: 'wx', mode: 0o600 });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const [pid = '', start = ''] = readOrEmpty(path).split(' ');
    if (isRunning(Number(pid), start)) {
      throw new FolderLockedError(
        `Process ${pid} uses ${folder} already. End that Kalla first, or give this one its own KALLA_DATA_DIR.`,
      );
    }
    rmSync(path, { force: true });
  }
  throw new FolderLockedError(`${path} cannot be taken: another process creates it at the same time. Start again.`);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function isRunning(pid: number, start: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const now = startOf(pid);
  // A number is given out again after its process ended; the start time tells the two apart where the system knows it.
  return now === undefined || start === '' || now === start;
}

/** When a process started, in the system's own ticks; undefined where the system does not say. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
