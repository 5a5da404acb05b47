import { createRequire } from 'node:module';
import { copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Options } from 'tsup';

/** What every package builds with: ESM for Node 20, one file per entry, nothing of other packages bundled in. */
export function base(entry: string[], options: Options = {}): Options {
  return {
    entry,
    format: ['esm'],
    target: 'node20',
    platform: 'node',
    sourcemap: true,
    clean: true,
    dts: false,
    ...options,
  };
}

/**
 * Builds DuckDB's JavaScript, some sixty small files, into the file that uses it: that is loaded in 30 ms instead of 150, and each
 * run loads it two or three times, in its process and in the thread of each sink. The engine itself stays where it is.
 */
export const withDuckdb: Options = {
  noExternal: ['@duckdb/node-api'],
  external: ['@duckdb/node-bindings'],
  banner: {
    // It is CommonJS and asks for the engine with `require`, which a module has not.
    js: `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`,
  },
  async onSuccess() {
    const folder = dirname(createRequire(import.meta.url).resolve('@duckdb/node-api/package.json'));
    await copyFile(join(folder, 'LICENSE'), join('dist', 'LICENSE.duckdb-node-api'));
  },
};
