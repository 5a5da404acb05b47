// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from './npm.mjs';
import { ROOT } from './paths.mjs';
import { waitForPidLock } from './pid-lock.mjs';
import { UserError } from './user-error.mjs';

/** Holds a fingerprint of the sources that the last successful build saw. */
const STAMP = '.kalla-built';
const OUTPUT_NAMES = new Set(['node_modules', 'dist', 'build', 'coverage']);
/** Written by a build and committed. */
const OUTPUT_PATHS = new Set([join('core', 'contracts', 'schemas')]);
const ROOT_FILES = ['package-lock.json', 'tsconfig.base.json', 'tsup.base.ts', 'turbo.json'];
const ROOT_FOLDERS = ['core', 'plugins', 'shell', 'worker', 'scripts'];

/**
 * Builds what is stale. Where no source file changed since the last build it only looks at names, sizes and times
 * (milliseconds); else turbo builds the packages whose content changed, and those that use them.
 * @param {string} [root]
 */
export async function ensureBuilt(root = ROOT) {
  if (isBuilt(root)) return;
  const lock = await waitForPidLock(join(root, '.kalla-setup.lock'), () =>
    console.log('Waiting for another Kalla that installs or builds here…'),
  );
  try {
    if (isBuilt(root)) return;
    console.log('Building what has changed…');
    const seen = fingerprint(root);
    const turbo = join(root, 'node_modules', 'turbo', 'bin', 'turbo');
    const args = ['run', 'build', '--output-logs=errors-only', '--no-update-notifier'];
    const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
    if ((await run(process.execPath, [turbo, ...args], { cwd: root, env })) !== 0) {
      throw new UserError('The build failed; its own messages are above.');
    }
    writeFileSync(join(root, 'node_modules', STAMP), seen);
  } finally {
    lock.release();
  }
}

/** @param {string} root */
export function isBuilt(root) {
  const stamp = join(root, 'node_modules', STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(root) && outputs(root).every(existsSync);
}

/**
 * A hash over path, size and time of each file that a build reads. Tests and documents are not among them.
 * @param {string} root
 */
export function fingerprint(root) {
  const hash = createHash('sha256');
  for (const name of ROOT_FILES) add(join(root, name));
  for (const name of ROOT_FOLDERS) if (existsSync(join(root, name))) walk(join(root, name));
  return hash.digest('hex');

  /** @param {string} folder */
  function walk(folder) {
    const entries = readdirSync(folder, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.name.startsWith('.') || OUTPUT_NAMES.has(entry.name)) continue;
      if (OUTPUT_PATHS.has(relative(root, path))) continue;
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile() && !/\.(test\.tsx?|md)$/.test(entry.name)) add(path);
    }
  }

  /** @param {string} file */
  function add(file) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(root, file)}\0${size}\0${mtimeMs}\n`);
  }
}

/** The output folder of every package that has a build step. @param {string} root */
function outputs(root) {
  return packageFolders(root)
    .filter((folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).scripts?.build)
    .map((folder) => join(folder, 'dist'));
}

/** @param {string} root */
function packageFolders(root) {
  const parents = ['core', 'plugins/connectors', 'plugins/panels'].map((name) => join(root, name));
  const nested = parents.filter(existsSync).flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)));
  return [...nested, join(root, 'shell'), join(root, 'worker')].filter((folder) =>
    existsSync(join(folder, 'package.json')),
  );
}
