import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keep, readKept } from './kept-results.ts';
import type { ScenarioResult } from './result.ts';

it('gives back a result of the same commit and runs, and no failed one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kalla-kept-test-'));
  const subject = { ms: [1], medianMs: 1, peakBytes: null };
  const result: ScenarioResult = {
    name: 'one',
    commit: 'abc',
    runs: 5,
    finishedAt: '2026-11-24T12:00:00Z',
    measurement: { subject, limit: null, ratio: null, checked: 'x', notes: [] },
    error: null,
  };
  try {
    expect(await readKept('one', { commit: 'abc', runs: 5 }, folder)).toBeNull();
    await keep(result, folder);
    expect(await readKept('one', { commit: 'abc', runs: 5 }, folder)).toEqual(result);
    expect(await readKept('one', { commit: 'abd', runs: 5 }, folder)).toBeNull();
    expect(await readKept('one', { commit: 'abc', runs: 7 }, folder)).toBeNull();
    await keep({ ...result, commit: 'abc+changes' }, folder);
    expect(await readKept('one', { commit: 'abc+changes', runs: 5 }, folder)).toBeNull();
    await keep({ ...result, measurement: null, error: 'It broke.' }, folder);
    expect(await readKept('one', { commit: 'abc', runs: 5 }, folder)).toBeNull();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
