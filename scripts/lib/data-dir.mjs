// @ts-check
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { tryPidLock } from './pid-lock.mjs';
import { UserError, codeOf } from './user-error.mjs';

/**
 * Makes the data folder and locks it, so that two Kallas never write into the same embedded database.
 *
 * @param {string} given KALLA_DATA_DIR
 * @returns {{ path: string, release: () => void }}
 */
export function openDataDir(given) {
  const path = resolve(given);
  try {
    mkdirSync(path, { recursive: true });
    const probe = join(path, `.write-probe-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw new UserError(
      `Kalla cannot write into its data folder ${path} (${codeOf(error) ?? 'unknown reason'}). Give this user the right to write there, or set KALLA_DATA_DIR to another folder.`,
    );
  }
  const lock = tryPidLock(join(path, 'kalla.lock'));
  if ('release' in lock) return { path, release: lock.release };
  throw new UserError(
    `The data folder ${path} is in use by another Kalla (process ${lock.heldBy}). Stop that one first, or set KALLA_DATA_DIR and PORT to run a second one beside it.`,
  );
}
