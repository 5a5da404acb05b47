import { readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CONNECTORS_LOCK,
  connectorsLockSchema,
  ProblemError,
  type ConnectorsLock,
  type LockedConnector,
} from '@kalla/core';
import { z } from 'zod';

/** What is installed; nothing where there is no lock file. Throws `conflict` where it is damaged: writing would lose what it holds. */
export function readLock(dataDir: string): ConnectorsLock {
  let text: string;
  try {
    text = readFileSync(join(dataDir, CONNECTORS_LOCK), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { connectors: [] };
    throw error;
  }
  try {
    return connectorsLockSchema.parse(JSON.parse(text));
  } catch (cause) {
    const where = cause instanceof z.ZodError ? cause.issues[0]?.path.join('.') : undefined;
    const what = where === undefined ? 'it is not whole JSON' : `what it says at "${where}" cannot be`;
    throw new ProblemError(
      'conflict',
      `${CONNECTORS_LOCK} in the data directory, which says what is installed, is damaged: ${what}. Until it is mended no installed connector can be used, and nothing can be installed or removed. Put back a copy from before; or delete it and install the connectors again: sources stay as they are.`,
      undefined,
      cause,
    );
  }
}

/** What is wrong with the lock file, and what to do; null where it is well. */
export function lockFault(dataDir: string): string | null {
  try {
    readLock(dataDir);
    return null;
  } catch (error) {
    if (error instanceof ProblemError) return error.problem.detail;
    throw error;
  }
}

/** Writes the lock file so that a reader, and a crash, sees either the old one or the new one whole. */
export async function writeLock(dataDir: string, lock: ConnectorsLock): Promise<void> {
  const temporary = join(dataDir, `${CONNECTORS_LOCK}.${process.pid}.new`);
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(`${JSON.stringify(lock, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(dataDir, CONNECTORS_LOCK));
  } finally {
    await rm(temporary, { force: true });
  }
}

/** The entry of a package, or undefined. */
export function lockedOf(lock: ConnectorsLock, name: string): LockedConnector | undefined {
  return lock.connectors.find((one) => one.name === name);
}

/** The installed build of a package as a job names it; null where it is not installed, or where the lock file does not tell. */
export function buildInUse(
  dataDir: string,
  name: string,
): { package: string; version: string; integrity?: string } | null {
  try {
    const locked = lockedOf(readLock(dataDir), name);
    if (!locked) return null;
    const { version, integrity } = locked;
    return { package: name, version, ...(integrity === undefined ? {} : { integrity }) };
  } catch (error) {
    // Sources of built-in connectors do not depend on it; those of others fail with the worker's own sentence.
    if (error instanceof ProblemError) return null;
    throw error;
  }
}

/** The lock with this entry in the place of the package's old one. */
export function withEntry(lock: ConnectorsLock, entry: LockedConnector): ConnectorsLock {
  const others = lock.connectors.filter((one) => one.name !== entry.name);
  return { ...lock, connectors: [...others, entry].sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** The lock without the package. */
export function withoutEntry(lock: ConnectorsLock, name: string): ConnectorsLock {
  return { ...lock, connectors: lock.connectors.filter((one) => one.name !== name) };
}
