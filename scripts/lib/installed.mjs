// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNpm } from './npm.mjs';
import { waitForPidLock } from './pid-lock.mjs';
import { ROOT } from './paths.mjs';
import { UserError } from './user-error.mjs';

/** Holds the hash of the lock file that node_modules was installed from. */
const STAMP = '.kalla-installed';

/**
 * Runs `npm ci` where node_modules is missing or belongs to another package-lock.json, else does nothing, in milliseconds.
 * @param {string} [root]
 */
export async function ensureInstalled(root = ROOT) {
  if (isInstalled(root)) return;
  const lock = await waitForPidLock(join(root, '.kalla-setup.lock'), () =>
    console.log('Waiting for another Kalla that installs or builds here…'),
  );
  try {
    if (isInstalled(root)) return;
    console.log('Installing packages (npm ci); this happens once…');
    if ((await runNpm(['ci', '--no-audit', '--no-fund'], { cwd: root })) !== 0) {
      throw new UserError('npm could not install the packages; its own message is above. Mend that and start again.');
    }
    writeFileSync(join(root, 'node_modules', STAMP), hashOf(root));
  } finally {
    lock.release();
  }
}

/** @param {string} root */
function hashOf(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/**
 * True where node_modules fits package-lock.json: our stamp says so, or npm's own record of what it installed does, which
 * is the case after someone's own `npm install`.
 *
 * @param {string} root
 */
export function isInstalled(root) {
  const modules = join(root, 'node_modules');
  const record = join(modules, '.package-lock.json');
  if (!existsSync(record)) return false;
  const hash = hashOf(root);
  const stamp = join(modules, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return true;
  if (!holdsAll(packagesOf(join(root, 'package-lock.json')), packagesOf(record))) return false;
  writeFileSync(stamp, hash);
  return true;
}

/**
 * @typedef {{ version?: string, resolved?: string, link?: boolean, optional?: boolean, devOptional?: boolean, peer?: boolean }} LockEntry
 * @param {string} file
 * @returns {Record<string, LockEntry>}
 */
function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
}

/**
 * @param {Record<string, LockEntry>} wanted
 * @param {Record<string, LockEntry>} present
 */
function holdsAll(wanted, present) {
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes('node_modules/')) return true; // The root and the workspaces themselves.
    const have = present[path];
    if (!have) return Boolean(entry.optional || entry.devOptional); // Made for another platform.
    return have.version === entry.version && have.resolved === entry.resolved;
  });
}
