import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../scripts/lib/paths.mjs';

test('counts passes, failures, skips, and files that cannot be loaded', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kalla-counts-'));
  try {
    writeFileSync(
      join(folder, 'mixed.test.ts'),
      `test('a', () => {}); test('b', () => {}); test('c', () => { throw new Error('c'); });
       test.skip('d', () => {}); describe.skip('e', () => { test('f', () => {}); });`,
    );
    writeFileSync(join(folder, 'broken.test.ts'), `throw new Error('cannot be loaded');`);
    writeFileSync(join(folder, 'stray.test.ts'), `test('g', () => { Promise.reject(new Error('nobody waits')); });`);
    const counts = join(folder, 'counts.json');
    const result = spawnSync(
      process.execPath,
      [
        join(ROOT, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--globals',
        `--root=${folder}`,
        `--reporter=${join(ROOT, 'testing/count-reporter.ts')}`,
      ],
      { cwd: ROOT, env: { ...process.env, KALLA_TEST_COUNTS: counts }, encoding: 'utf8' },
    );
    expect(result.status, result.stderr).toBe(1);
    expect(JSON.parse(readFileSync(counts, 'utf8'))).toEqual({ passed: 3, failed: 3, skipped: 2 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
