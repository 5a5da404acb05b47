import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { LockedVersion } from '@kalla/core';
import { linkProvided } from './provided.server.ts';
import { readLock } from './lock-file.server.ts';

/** Folder of the data directory that holds everything that was installed; `staging` in it what is not yet. */
const CONNECTORS = 'connectors';
const STAGING = '.staging';

/** A new empty folder for one installation. It lies beside its final place, so that it gets there by a rename. */
export async function makeStaging(dataDir: string): Promise<string> {
  const parent = join(dataDir, CONNECTORS, STAGING);
  await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent, 'install-'));
}

/** Path of a package in a tree of npm's, relative to the data directory, with slashes as the lock file has it. */
export function packagePath(tree: string, name: string): string {
  return posix.join(tree, 'node_modules', name);
}

/** The tree that one version of a package gets, relative to the data directory. Two contents of one version are two trees. */
export function treeOf(name: string, version: string, integrity: string): string {
  const mark = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64')
    .toString('hex')
    .slice(0, 12);
  return posix.join(CONNECTORS, name.replace('/', '+'), `${version}-${mark}`);
}

/** The tree that a locked version lies in, or null where it is not one of ours. */
export function treeOfLocked(name: string, { path }: LockedVersion): string | null {
  const inside = posix.join('/', 'node_modules', name);
  return path.startsWith(`${CONNECTORS}/`) && path.endsWith(inside) ? path.slice(0, -inside.length) : null;
}

/**
 * At the start: removes what an installation left that did not get to its end, and links anew what Kalla brings along, since this
 * may be another installation of Kalla than the one that linked it.
 */
export async function prepareFolders(dataDir: string): Promise<void> {
  await rm(join(dataDir, CONNECTORS, STAGING), { recursive: true, force: true });
  for (const tree of lockedTrees(dataDir)) if (existsSync(join(dataDir, tree))) await linkProvided(join(dataDir, tree));
}

/** Deletes every version that the lock file does not name. */
export async function tidyFolders(dataDir: string): Promise<void> {
  const base = join(dataDir, CONNECTORS);
  const kept = lockedTrees(dataDir);
  for (const name of await namesIn(base)) {
    if (name === STAGING) continue;
    const versions = await namesIn(join(base, name));
    const gone = versions.filter((version) => !kept.has(posix.join(CONNECTORS, name, version)));
    for (const version of gone) await rm(join(base, name, version), { recursive: true, force: true });
    if (gone.length === versions.length) await rm(join(base, name), { recursive: true, force: true });
  }
}

/** Of the present versions and of those before them. */
function lockedTrees(dataDir: string): Set<string> {
  const versions = readLock(dataDir).connectors.flatMap((entry) =>
    [entry, entry.previous].map((one) => (one ? treeOfLocked(entry.name, one) : null)),
  );
  return new Set(versions.filter((tree) => tree !== null));
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder, { withFileTypes: true })).filter((one) => one.isDirectory()).map((one) => one.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
