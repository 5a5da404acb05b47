import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from './paths.mjs';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kalla-parent-'));
  writeFileSync(join(folder, 'slow.mjs'), 'await new Promise((resolve) => setTimeout(resolve, 500));');
  writeFileSync(join(folder, 'idle.mjs'), 'setInterval(() => {}, 1000);');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a process whose parent goes while it is loaded ends too', async () => {
  const loaded = (path: string) => ['--import', pathToFileURL(path).href];
  const child = fork(join(folder, 'idle.mjs'), [], {
    execArgv: [...loaded(join(folder, 'slow.mjs')), ...loaded(join(ROOT, 'scripts/lib/end-with-parent.mjs'))],
  });
  try {
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
  }
});
