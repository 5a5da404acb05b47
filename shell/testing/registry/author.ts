import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { OURS } from '../../../scripts/parts/verdaccio.mjs';
import type { TestRegistryUser } from './test-registry.ts';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../../..');

/** Somebody who writes a connector: with a home and a cache of their own, and npm set to a registry. */
export interface Author {
  /** Runs npm in a folder; rejects with what it wrote. */
  npm(folder: string, ...args: string[]): Promise<string>;
}

/** @param home an empty folder outside of the repository */
export function authorAt(home: string, { url, token }: Pick<TestRegistryUser, 'url' | 'token'>): Author {
  mkdirSync(home, { recursive: true });
  const userconfig = join(home, '.npmrc');
  writeFileSync(
    userconfig,
    `registry=${url}/\n${url.replace(/^https?:/, '')}/:_authToken=${token}\naudit=false\nfund=false\nupdate-notifier=false\n`,
  );
  // What runs the tests is itself started by npm, whose settings are not the author's.
  const outside = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|INIT_CWD|NODE_ENV|NODE_OPTIONS|VITEST)/i.test(name),
  );
  const env = {
    ...Object.fromEntries(outside),
    HOME: home,
    npm_config_userconfig: userconfig,
    npm_config_cache: join(home, 'cache'),
  };
  return {
    npm: async (folder, ...args) => {
      try {
        const { stdout, stderr } = await run('npm', args, {
          cwd: folder,
          env,
          maxBuffer: 64 * 1024 ** 2,
          shell: process.platform === 'win32',
        });
        return stdout + stderr;
      } catch (error) {
        const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
        throw new Error(`npm ${args.join(' ')} failed:\n${stdout.slice(-4000)}\n${stderr.slice(-4000)}`, {
          cause: error,
        });
      }
    },
  };
}

/** Publishes what an author needs of ours, built as it is released. */
export async function publishOurs(author: Author): Promise<void> {
  for (const folder of OURS) await author.npm(ROOT, 'publish', `./${folder}`, '--ignore-scripts', '--access=public');
}
