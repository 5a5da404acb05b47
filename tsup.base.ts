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
