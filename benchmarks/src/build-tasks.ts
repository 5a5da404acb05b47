import { join, resolve } from 'node:path';
import { build } from 'tsup';
import { withDuckdb } from '../../tsup.base.ts';
import { DATA } from './cache.ts';

const WORKER = resolve(import.meta.dirname, '../../worker/src');
const OUT = join(DATA, 'build');

/** The built `tasks/task.ts`. */
export const TASK = join(OUT, 'task.js');

/**
 * Builds the tasks with the worker's code in them, in the way the worker is built. A measured process then runs plain
 * JavaScript, as a worker does: a loader for TypeScript would add 40 MB to it, and as much again to its sink thread.
 */
export async function buildTasks(): Promise<void> {
  await build({
    config: false,
    silent: true,
    clean: true,
    entry: {
      task: join(import.meta.dirname, 'tasks/task.ts'),
      // The sink looks for its thread under this name beside its own chunk, as in the worker's dist.
      'staging/arrow-sink/sink-thread': join(WORKER, 'staging/arrow-sink/sink-thread.ts'),
    },
    outDir: OUT,
    format: ['esm'],
    target: 'node20',
    platform: 'node',
    splitting: true,
    external: [/^[^./]/],
    noExternal: withDuckdb.noExternal,
    banner: withDuckdb.banner,
  });
}
