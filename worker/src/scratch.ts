import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Holds the id of the process that a folder belongs to. */
const OWNER = 'owner';

/**
 * The scratch folders of one worker process, below a base that several workers may share: each life has a folder with its
 * process id in it, each task one inside.
 */
export class Scratch {
  private constructor(readonly folder: string) {}

  /** Makes this life's folder, and removes those of workers that are gone. */
  static async open(base: string): Promise<Scratch> {
    await mkdir(base, { recursive: true });
    for (const entry of await readdir(base, { withFileTypes: true })) {
      if (!entry.isDirectory() || !entry.name.startsWith('life-')) continue;
      const path = join(base, entry.name);
      if (!(await isOwned(path))) await rm(path, { recursive: true, force: true, maxRetries: 3 });
    }
    const folder = await mkdtemp(join(base, 'life-'));
    await writeFile(join(folder, OWNER), String(process.pid));
    return new Scratch(folder);
  }

  /** A new empty folder. The caller removes it. */
  make(): Promise<string> {
    return mkdtemp(join(this.folder, 'task-'));
  }

  async remove(path: string): Promise<void> {
    await rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
  }

  close(): Promise<void> {
    return this.remove(this.folder);
  }
}

async function isOwned(path: string): Promise<boolean> {
  let owner: number;
  try {
    owner = Number(await readFile(join(path, OWNER), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  // In a container every life has the same id: one that is ours is of an earlier life.
  if (!Number.isInteger(owner) || owner <= 0 || owner === process.pid) return false;
  try {
    process.kill(owner, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
