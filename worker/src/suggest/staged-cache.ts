import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkExpectedColumns, stageSource, type StagedSource } from '../staging/stage-source.ts';
import type { TaskContext, TaskSource } from '../task-contract.ts';

/** Sources that are kept, and the bytes on disk that they may have together. */
const MOST = 12;
const MOST_BYTES = 4 * 2 ** 30;
/** A table of a database may change at any moment; an upload never does. */
const LIVE_MS = 60_000;
/** Rows of a source that are looked at while a recipe is made. */
export const BENCH_ROWS = 5_000_000;

/** A staged source at the workbench. */
export interface BenchSource {
  staged: StagedSource;
  /** True where the source has more rows than are looked at. */
  cut: boolean;
  /** Names the content: equal for equal content of uploads. */
  key: string;
}

interface Entry {
  folder: string;
  staged: Promise<StagedSource>;
  /** Once it is staged. */
  path?: string;
  /** Stops the staging; only when nobody waits for it any more. */
  stop: AbortController;
  users: number;
  bytes: number;
  /** When it is read again, in milliseconds since the epoch. */
  expires: number;
}

/**
 * Sources as they were staged, the last used ones, so that a second look at the same data reads nothing again. An upload is
 * known by the hash of its content and its reading options, a file in a folder by its size and the time of its last change too;
 * any source but an upload is read again after a minute, or where another reading is asked for: who changes a table and looks
 * again wants to see what it is now.
 */
export class StagedCache {
  readonly #entries = new Map<string, Entry>();

  /** Runs `work` with both sources staged; they are not removed before it ends. `reading` as `readingSchema` has it. */
  async use<T>(
    sources: readonly [TaskSource, TaskSource],
    context: TaskContext,
    reading: string | undefined,
    work: (sides: [BenchSource, BenchSource]) => Promise<T>,
  ): Promise<T> {
    const held: { key: string; entry: Entry }[] = [];
    try {
      for (const source of sources) held.push(await this.#hold(source, reading, context));
      const outcomes = await Promise.allSettled(held.map(({ entry }) => waited(entry, context.signal)));
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed) throw failed.reason;
      const sides = outcomes.map((outcome, index): BenchSource => {
        const source = sources[index]!;
        const { value } = outcome as PromiseFulfilledResult<StagedSource>;
        checkExpectedColumns(source, value.columns);
        const cut = value.rows > BENCH_ROWS;
        return { staged: { ...value, alias: source.alias }, cut, key: held[index]!.key };
      }) as [BenchSource, BenchSource];
      return await work(sides);
    } finally {
      for (const { key, entry } of held) this.#release(key, entry);
      await this.#trim();
    }
  }

  async #hold(
    source: TaskSource,
    reading: string | undefined,
    context: TaskContext,
  ): Promise<{ key: string; entry: Entry }> {
    const key = keyOf(source, reading, await stateOf(source));
    const known = this.#entries.get(key);
    if (known) {
      known.users += 1; // Held while it is looked at: nobody else may clear it away meanwhile.
      if (known.expires > Date.now() && (await isThere(known))) {
        if (this.#forget(key, known)) this.#entries.set(key, known); // The last used stands last.
        return { key, entry: known };
      }
      this.#forget(key, known);
      this.#release(key, known);
    }
    const base = path.join(context.scratchDir, 'sides');
    await mkdir(base, { recursive: true });
    const folder = await mkdtemp(path.join(base, 'side-'));
    const stop = new AbortController();
    const staged = stageSource(
      source,
      path.join(folder, 'rows.parquet'),
      { ...context, scratchDir: folder, signal: stop.signal },
      { limit: BENCH_ROWS + 1 },
    );
    const expires = source.sha256 === undefined ? Date.now() + LIVE_MS : Infinity;
    const entry: Entry = { folder, staged, stop, users: 1, bytes: 0, expires };
    this.#entries.set(key, entry);
    staged.then(
      async (result) => {
        entry.path = result.path;
        // It may have been cleared away already.
        if (!result.inPlace) entry.bytes = (await stat(result.path).catch(() => ({ size: 0 }))).size;
      },
      () => this.#forget(key, entry),
    );
    return { key, entry };
  }

  /** Gives an entry to nobody any more. False where another one has its place, or none. */
  #forget(key: string, entry: Entry): boolean {
    return this.#entries.get(key) === entry && this.#entries.delete(key);
  }

  /**
   * Lets go of an entry. Where nobody waits for it any more, a staging that is under way is stopped, since reading on would only
   * hold a connection, and is forgotten at once: who asks next must not be given what is about to break off.
   */
  #release(key: string, entry: Entry): void {
    entry.users -= 1;
    if (entry.users > 0) return;
    if (entry.path === undefined) this.#forget(key, entry);
    entry.stop.abort();
    if (this.#entries.get(key) === entry) return;
    const remove = () => rm(entry.folder, { recursive: true, force: true });
    void entry.staged.then(remove, remove);
  }

  async #trim(): Promise<void> {
    let bytes = [...this.#entries.values()].reduce((sum, entry) => sum + entry.bytes, 0);
    for (const [key, entry] of [...this.#entries]) {
      const old = entry.expires <= Date.now();
      if (!old && this.#entries.size <= MOST && bytes <= MOST_BYTES) continue;
      if (entry.users > 0) continue;
      this.#entries.delete(key);
      bytes -= entry.bytes;
      await rm(entry.folder, { recursive: true, force: true });
    }
  }
}

/** The staged source, or the signal's reason when the caller gives up before. */
async function waited(entry: Entry, signal: AbortSignal): Promise<StagedSource> {
  signal.throwIfAborted();
  let leave: (() => void) | undefined;
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason as Error);
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([entry.staged, left]);
  } finally {
    signal.removeEventListener('abort', leave!);
  }
}

/** A file that is used where it lies may be gone: an upload was deleted. */
async function isThere(entry: Entry): Promise<boolean> {
  if (entry.path === undefined) return true; // Being staged; whoever waits hears how that ends.
  try {
    await access(entry.path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return false;
  }
}

/** What tells a file of a folder from what it was before it was written anew. */
async function stateOf({ config, readsFiles, sha256 }: TaskSource): Promise<string | null> {
  const uri = (config as { uri?: unknown } | null)?.uri;
  if (!readsFiles || sha256 !== undefined || typeof uri !== 'string' || !URL.canParse(uri)) return null;
  const url = new URL(uri);
  if (url.protocol !== 'file:' || url.host !== '') return null;
  try {
    const { size, mtimeMs, ino } = await stat(fileURLToPath(url));
    return `${size} ${mtimeMs} ${ino}`;
  } catch (error) {
    // What is wrong with the file is said by whoever reads it.
    if (error instanceof TypeError || (error as NodeJS.ErrnoException).code !== undefined) return null;
    throw error;
  }
}

/** Equal for sources that are read in the same way; the name that they go by does not matter. */
function keyOf(
  { type, connector, config, table, sha256, columnTypes }: TaskSource,
  reading: string | undefined,
  state: string | null,
): string {
  // An upload is the same in every reading.
  const live = sha256 === undefined ? [reading, state] : [];
  return createHash('sha256')
    .update(JSON.stringify([type, connector, config, table, sha256, columnTypes, live]))
    .digest('hex');
}

/** One for the process: its tasks share it. */
export const stagedCache = new StagedCache();
