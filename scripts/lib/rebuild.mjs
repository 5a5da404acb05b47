// @ts-check
import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import { run } from './npm.mjs';
import { ROOT } from './paths.mjs';

/** An editor saves several files, or one in several steps: they are one change. */
const SETTLE_MS = 200;
const IGNORED = /(^|[\\/])(dist|build|node_modules|\.[^\\/]+)([\\/]|$)|\.test\.tsx?$|~$/;

/**
 * Watches folders or files; after a change builds what is stale and then calls `restart`. A build that fails is shown by
 * its own messages, and what runs keeps running.
 *
 * @param {string[]} sources relative to the root
 * @param {string} packageName what a change is for; all connectors are built too, because the worker loads them
 * @param {() => Promise<void>} restart
 */
export function rebuildOnChange(sources, packageName, restart) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  let work = Promise.resolve();
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      work = work.then(rebuild).catch((error) => console.error(error instanceof Error ? error.message : error));
    }, SETTLE_MS);
  };
  const rebuild = async () => {
    // tsup builds the package of its working folder; turbo finds the packages from the root.
    const cwd = packageName === '@kalla/shell' ? join(ROOT, 'shell') : ROOT;
    if ((await run(process.execPath, command(packageName), { cwd })) === 0) await restart();
  };
  for (const source of sources.map((path) => join(ROOT, path)).filter(existsSync)) {
    watch(source, { recursive: true }, (_event, name) => {
      if (!name || !IGNORED.test(name)) changed();
    });
  }
}

/** @param {string} packageName */
function command(packageName) {
  if (packageName === '@kalla/shell') {
    // Its pages come from Vite in development; only the server is built.
    return [join(ROOT, 'node_modules/tsup/dist/cli-default.js'), '--silent'];
  }
  const filters = [packageName, './plugins/connectors/*'].map((filter) => `--filter=${filter}`);
  return [join(ROOT, 'node_modules/turbo/bin/turbo'), 'run', 'build', '--output-logs=errors-only', ...filters];
}
