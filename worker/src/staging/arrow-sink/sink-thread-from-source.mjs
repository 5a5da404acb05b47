// Starts the sink thread where the worker runs from TypeScript, in tests and in development; the built worker starts
// sink-thread.js directly and does not have this file. A worker thread does not take over the loader of its parent. To register
// its own and compile takes half a second of a processor, for every source of every run, so that a build that is newer than all
// the sources is taken instead.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const built = new URL('../../../dist/staging/arrow-sink/sink-thread.js', import.meta.url);

function isBuilt() {
  const made = statSync(built, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = fileURLToPath(new URL('../../', import.meta.url));
  return readdirSync(sources, { recursive: true }).every(
    (name) => (statSync(join(sources, name), { throwIfNoEntry: false })?.mtimeMs ?? 0) < made,
  );
}

if (isBuilt()) await import(built.href);
else {
  const { register } = await import('tsx/esm/api');
  register();
  await import('./sink-thread.ts');
}
