import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { CHUNK, inspectBytes } from './encoding.ts';

const folder = mkdtempSync(join(tmpdir(), 'kalla-encoding-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { signal } = new AbortController();

function inspect(...parts: (Buffer | string)[]) {
  const path = join(folder, 'rows.csv');
  const bytes = Buffer.concat(parts.map((part) => Buffer.from(part)));
  writeFileSync(path, bytes);
  return inspectBytes(path, bytes.subarray(0, 65_536), signal);
}

describe('the bytes of a file', () => {
  test.for(['é', '€', '😀'])('are UTF-8 wherever between two chunks %s stands', async (character) => {
    const { length } = Buffer.from(character);
    for (let before = 0; before <= length; before++) {
      const report = await inspect('a'.repeat(CHUNK - before), character, 'b'.repeat(100));
      expect([before, report]).toEqual([before, { encoding: 'utf-8', broken: false, nul: false }]);
    }
  });

  test.for(['é', '€', '😀'])('are not UTF-8 where %s is cut between two chunks, or at the end', async (character) => {
    const bytes = Buffer.from(character);
    for (let kept = 1; kept < bytes.length; kept++) {
      const cut = bytes.subarray(0, kept);
      for (const after of ['b'.repeat(100), '']) {
        const report = await inspect('a'.repeat(CHUNK - kept), cut, after);
        expect([kept, after.length, report.encoding]).toEqual([kept, after.length, 'windows-1252']);
      }
    }
  });

  test('are read to the last: an accent and a NUL far down are seen', async () => {
    const filler = 'a'.repeat(2 * CHUNK + 17);
    expect(await inspect(filler, Buffer.from([0xe9]), ',1\n')).toEqual({
      encoding: 'windows-1252',
      broken: false,
      nul: false,
    });
    expect(await inspect(filler, 'a\0b\n')).toEqual({ encoding: 'utf-8', broken: false, nul: true });
    expect(await inspect(filler, 'é'.repeat(20), Buffer.from([0xe9]), ',1\n')).toMatchObject({ broken: true });
  });

  test('are none in an empty file', async () => {
    expect(await inspect('')).toEqual({ encoding: 'utf-8', broken: false, nul: false });
  });

  test('are not read to the end once nobody waits', async () => {
    const stopped = AbortSignal.abort();
    const path = join(folder, 'rows.csv');
    writeFileSync(path, 'a'.repeat(100));
    await expect(inspectBytes(path, Buffer.from('aaaa'), stopped)).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
