import { randomUUID } from 'node:crypto';
import { constants, createWriteStream, mkdirSync, realpathSync } from 'node:fs';
import { link, lstat, mkdir, open, opendir, readdir, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  ObjectExistsError,
  ObjectNotFoundError,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
} from '@kalla/core';
import { assertKey, assertPrefix, isKey } from './key.ts';

/** Half-written objects lie here. `~` cannot be part of a key, so no object ever meets it. */
const TEMP_FOLDER = '~tmp';
/** How often a folder that others delete meanwhile is made again for one object. */
const MOST_TRIES = 50;
/** A half-written object this old belongs to a process that died. */
const STALE_MS = 24 * 60 * 60 * 1000;

/**
 * An object store in a folder of this machine: one file per object, under its key.
 *
 * A put writes to a temporary file, syncs it, and renames it, so that neither a reader nor a power cut sees half an object.
 * Symbolic links inside the folder are never followed: a key cannot lead out of it.
 *
 * @param root Folder; made when it is not there.
 */
export function localStore(root: string): ObjectStore {
  return new LocalStore(root);
}

class LocalStore implements ObjectStore {
  readonly scheme = 'file:';
  /** As given and as it really is: a URI may have been made through a symbolic link to the root. */
  readonly #roots: readonly string[];
  readonly #root: string;
  #temp: Promise<string> | undefined;

  constructor(root: string) {
    const given = resolve(root);
    mkdirSync(given, { recursive: true });
    this.#root = realpathSync(given);
    this.#roots = [...new Set([this.#root, given])];
  }

  uri(key: string): string {
    assertKey(key);
    return pathToFileURL(join(this.#root, key)).href;
  }

  keyOf(uri: string): string | null {
    const path = pathOf(uri);
    if (path === null) return null;
    for (const root of this.#roots) {
      const key = relative(root, path).split(sep).join('/');
      if (isKey(key)) return key;
    }
    return null;
  }

  async put(key: string, body: AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<ObjectInfo> {
    assertKey(key);
    const temp = join(await this.#tempFolder(), randomUUID());
    try {
      await pipeline(body, createWriteStream(temp, { flags: 'wx', flush: true }), { signal: options.signal });
      await this.#publish(temp, key, options.ifAbsent ?? false);
    } finally {
      await rm(temp, { force: true });
    }
    return this.#written(key);
  }

  async putFile(key: string, path: string, options: PutOptions = {}): Promise<ObjectInfo> {
    assertKey(key);
    options.signal?.throwIfAborted();
    // NOFOLLOW: moving a symbolic link would put the link into the store and not the bytes.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      if (!(await file.stat()).isFile()) throw new TypeError('Only a regular file can be put into the store.');
      await file.sync();
      try {
        await this.#publish(path, key, options.ifAbsent ?? false);
      } catch (error) {
        if (codeOf(error) !== 'EXDEV') throw error;
        // Another disk: a rename cannot cross it, so the bytes are copied.
        await this.put(key, file.createReadStream({ start: 0, autoClose: false }), options);
      }
    } finally {
      await file.close();
    }
    await rm(path, { force: true });
    return this.#written(key);
  }

  async *get(
    key: string,
    options: { signal?: AbortSignal; range?: { start: number; end?: number } } = {},
  ): AsyncGenerator<Uint8Array> {
    assertKey(key);
    const { start = 0, end } = options.range ?? {};
    if (!(start >= 0) || (end !== undefined && !(end >= start)))
      throw new RangeError(`No such range: ${start} to ${end}.`);
    const path = await this.#find(key);
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
      throw codeOf(error) === 'ENOENT' ? new ObjectNotFoundError(key) : error;
    });
    try {
      if (end === start) return;
      yield* file.createReadStream({
        start,
        ...(end === undefined ? {} : { end: end - 1 }),
        autoClose: false,
        signal: options.signal,
        highWaterMark: 256 * 1024,
      });
    } finally {
      await file.close();
    }
  }

  async localPath(key: string, _scratchDir: string, options: { signal?: AbortSignal } = {}): Promise<string> {
    assertKey(key);
    options.signal?.throwIfAborted();
    return this.#find(key);
  }

  async head(key: string): Promise<ObjectInfo | null> {
    assertKey(key);
    try {
      return await infoOf(key, await this.#find(key));
    } catch (error) {
      if (error instanceof ObjectNotFoundError) return null;
      throw error;
    }
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    const folder = assertPrefix(prefix);
    if (!(await this.#isOwnFolder(folder))) return;
    yield* this.#walk(folder);
  }

  async delete(key: string): Promise<void> {
    assertKey(key);
    try {
      await unlink(await this.#find(key));
    } catch (error) {
      if (error instanceof ObjectNotFoundError || codeOf(error) === 'ENOENT') return;
      throw error;
    }
    await this.#prune(dirname(join(this.#root, key)));
  }

  async deletePrefix(prefix: string): Promise<void> {
    const folder = assertPrefix(prefix);
    if (folder === '') throw new TypeError('deletePrefix needs a prefix: an empty one would delete every object.');
    if (!(await this.#isOwnFolder(folder))) return;
    const path = join(this.#root, folder);
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
    await this.#prune(dirname(path));
  }

  async close(): Promise<void> {
    await this.#temp;
  }

  /** Moves a finished file to its key. */
  async #publish(from: string, key: string, ifAbsent: boolean): Promise<void> {
    const to = join(this.#root, key);
    for (let tries = 0; ; tries++) {
      try {
        await this.#makeFolder(key);
        // link() fails where the name is taken, in one step; rename() replaces, in one step.
        if (ifAbsent) await link(from, to);
        else await rename(from, to);
        break;
      } catch (error) {
        const code = codeOf(error);
        if (code === 'EEXIST' && ifAbsent) throw new ObjectExistsError(key);
        if (code === 'EISDIR' || code === 'ENOTEMPTY' || code === 'EEXIST') throw clash(key, error);
        // A folder was pruned by a delete between two steps. Where much is deleted at once that happens several times on end.
        if (code !== 'ENOENT' || tries === MOST_TRIES) throw error;
      }
    }
    await syncFolder(dirname(to));
  }

  /** Makes the folders of a key one by one, so that a symbolic link on the way is noticed before anything is made behind it. */
  async #makeFolder(key: string): Promise<void> {
    let path = this.#root;
    for (const part of key.split('/').slice(0, -1)) {
      path = join(path, part);
      try {
        await mkdir(path);
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
        const found = await lstat(path);
        if (found.isSymbolicLink()) throw linkInside(key);
        if (!found.isDirectory()) throw clash(key, error);
      }
    }
  }

  /** The path of an object that is there, reached without a symbolic link. */
  async #find(key: string): Promise<string> {
    const parts = key.split('/');
    let path = this.#root;
    for (const [index, part] of parts.entries()) {
      path = join(path, part);
      const found = await lstat(path).catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') throw new ObjectNotFoundError(key);
        throw error;
      });
      if (found.isSymbolicLink()) throw linkInside(key);
      const last = index === parts.length - 1;
      if (last ? !found.isFile() : !found.isDirectory()) throw new ObjectNotFoundError(key);
    }
    return path;
  }

  /** False where the folder is absent. */
  async #isOwnFolder(folder: string): Promise<boolean> {
    let path = this.#root;
    for (const part of folder.split('/').filter(Boolean)) {
      path = join(path, part);
      const found = await lstat(path).catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
        throw error;
      });
      if (found?.isSymbolicLink()) throw linkInside(folder);
      if (!found?.isDirectory()) return false;
    }
    return true;
  }

  async *#walk(folder: string): AsyncGenerator<ObjectInfo> {
    const entries = await readdir(join(this.#root, folder), { withFileTypes: true }).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return []; // Deleted while listing.
      throw error;
    });
    // A folder sorts as its name with the slash: `a-b` comes before `a/x`, as in a list of whole keys.
    const names = entries
      .filter((entry) => isKey(entry.name) && (entry.isFile() || entry.isDirectory()))
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
      .sort((a, b) => (a < b ? -1 : 1));
    for (const name of names) {
      if (name.endsWith('/')) yield* this.#walk(folder + name);
      else {
        const info = await infoOf(folder + name, join(this.#root, folder, name)).catch((error: unknown) => {
          if (error instanceof ObjectNotFoundError) return null;
          throw error;
        });
        if (info) yield info;
      }
    }
  }

  /** Removes folders that have become empty, upwards. */
  async #prune(folder: string): Promise<void> {
    for (let path = folder; path !== this.#root && path.startsWith(this.#root + sep); path = dirname(path)) {
      try {
        await rmdir(path);
      } catch (error) {
        if (['ENOTEMPTY', 'EEXIST', 'ENOENT', 'EBUSY'].includes(codeOf(error) ?? '')) return;
        throw error;
      }
    }
  }

  async #written(key: string): Promise<ObjectInfo> {
    return infoOf(key, join(this.#root, key));
  }

  #tempFolder(): Promise<string> {
    this.#temp ??= prepareTemp(join(this.#root, TEMP_FOLDER)).catch((error: unknown) => {
      this.#temp = undefined; // The next put tries again.
      throw error;
    });
    return this.#temp;
  }
}

async function prepareTemp(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  if ((await lstat(folder)).isSymbolicLink()) throw linkInside(TEMP_FOLDER);
  for await (const entry of await opendir(folder)) {
    const path = join(folder, entry.name);
    const found = await lstat(path).catch(() => null); // Another process finished its put meanwhile.
    if (found && Date.now() - found.mtimeMs > STALE_MS) await rm(path, { force: true });
  }
  return folder;
}

async function infoOf(key: string, path: string): Promise<ObjectInfo> {
  try {
    const { size, mtime } = await lstat(path);
    return { key, bytes: size, modified: mtime };
  } catch (error) {
    throw codeOf(error) === 'ENOENT' ? new ObjectNotFoundError(key) : error;
  }
}

/** Without this a power cut may forget the name of an object whose bytes are safe. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function pathOf(uri: string): string | null {
  if (!uri.startsWith('file:')) return null;
  try {
    return fileURLToPath(uri);
  } catch {
    return null; // Another host's file, or an encoded slash: nothing of this store.
  }
}

function clash(key: string, cause: unknown): Error {
  return new Error(`Key "${key}" cannot be used: a part of it is an object, or it is a folder of objects.`, { cause });
}

function linkInside(key: string): Error {
  return new Error(`Key "${key}" is refused: a symbolic link lies on its way.`);
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}
