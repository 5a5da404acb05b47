import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { longestDelay, readWindows } from './probe-windows.ts';

it('sees a blocked event loop of another process, and how long it was blocked', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kalla-probe-test-'));
  try {
    const probe = pathToFileURL(resolve(import.meta.dirname, 'event-loop-probe.mjs')).href;
    const script = join(folder, 'blocks.mjs');
    await writeFile(
      script,
      `setTimeout(() => { const end = Date.now() + 300; while (Date.now() < end); }, 300); setTimeout(() => {}, 1200);`,
    );
    const start = Date.now();
    await promisify(execFile)(process.execPath, ['--import', probe, script], {
      env: { ...process.env, KALLA_BENCH_PROBE_DIR: folder },
    });
    const windows = await readWindows(folder);
    const longest = longestDelay(windows, 'blocks.mjs', start, Date.now());
    expect(longest).toBeGreaterThan(200);
    expect(longest).toBeLessThan(1000);
    expect(() => longestDelay(windows, 'blocks.mjs', 0, 1)).toThrow('No event loop was watched');
    expect(() => longestDelay(windows, 'other.js', start, Date.now())).toThrow('No event loop was watched');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
