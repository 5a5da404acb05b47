// @ts-check
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './alive.mjs';
import { codeOf } from './user-error.mjs';

/** A lock is renewed this often; one that was not renewed for `STALE_MS` belongs to nobody, whatever its process id says. */
const RENEW_MS = 5_000;
const STALE_MS = 20_000;

/**
 * @typedef {{ release: () => void }} PidLock
 */

/**
 * Takes a lock file that holds our process id, or says who has it. A lock whose process is gone is taken over: process ids
 * are used again (always, in containers), so a lock counts only while its file is renewed too.
 *
 * @param {string} file
 * @returns {PidLock | { heldBy: number }}
 */
export function tryPidLock(file) {
  mkdirSync(dirname(file), { recursive: true });
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const handle = openSync(file, 'wx');
      writeSync(handle, `${process.pid}\n`);
      closeSync(handle);
      return held(file);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const owner = ownerOf(file);
    if (owner !== null) return { heldBy: owner };
    rmSync(file, { force: true });
  }
  return { heldBy: ownerOf(file) ?? 0 };
}

/**
 * Takes the lock, waiting for as long as another process has it.
 * @param {string} file
 * @param {() => void} onWait called once when waiting begins
 * @returns {Promise<PidLock>}
 */
export async function waitForPidLock(file, onWait) {
  for (let first = true; ; first = false) {
    const lock = tryPidLock(file);
    if ('release' in lock) return lock;
    if (first) onWait();
    await sleep(200);
  }
}

/** @param {string} file @returns {PidLock} */
function held(file) {
  const renew = setInterval(() => {
    try {
      const now = new Date();
      utimesSync(file, now, now);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      clearInterval(renew); // Someone deleted the folder; nothing is left to protect.
    }
  }, RENEW_MS);
  renew.unref();
  const release = () => {
    clearInterval(renew);
    process.off('exit', release);
    rmSync(file, { force: true });
  };
  process.on('exit', release);
  return { release };
}

/** The process that has the lock, or null where none does. @param {string} file @returns {number | null} */
export function ownerOf(file) {
  try {
    const age = Date.now() - statSync(file).mtimeMs;
    const pid = parseInt(readFileSync(file, 'utf8'), 10);
    if (Number.isNaN(pid)) return age < 1_000 ? 0 : null; // Just created, its id not yet written.
    return pid !== process.pid && age < STALE_MS && isAlive(pid) ? pid : null;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
