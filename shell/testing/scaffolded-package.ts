import { execFile } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');

/**
 * Makes a connector's package as `npm create @kalla/connector` does, with the tools that are installed here, and builds it.
 *
 * @param parent folder in which it is made
 * @param change is given the folder before it is built
 * @returns its folder
 */
export async function scaffoldedPackage(
  parent: string,
  id: string,
  flags: readonly string[] = [],
  change: (folder: string) => void = () => undefined,
): Promise<string> {
  const maker = join(ROOT, 'plugins', 'create-connector', 'dist', 'index.js');
  await run(process.execPath, [maker, id, '--yes', ...flags], { cwd: parent });
  const folder = join(parent, id);
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  change(folder);
  await run('npm', ['run', 'build'], { cwd: folder, shell: process.platform === 'win32' });
  return folder;
}
