import { describe, expect, it } from 'vitest';
import { problemOf } from '@kalla/core';
import { EngineTimeout, translateEngineError } from './engine-error.ts';

const problem = (error: Error, signal?: AbortSignal) =>
  problemOf(translateEngineError(error, 'Matching "a" with "b"', signal));

describe('errors of the engine', () => {
  // The texts are DuckDB's own, taken down on a full tmpfs and with a small memory limit.
  it.each([
    ['IO Error: Could not write file "/x/matched.parquet": No space left on device', 507],
    [
      "Out of Memory Error: failed to offload data block of size 256.0 KiB (2.5 MiB/2.6 MiB used).\nThis limit was set by the 'max_temp_directory_size' setting.",
      507,
    ],
    ['Out of Memory Error: could not allocate block of size 256.0 KiB (10.9 MiB/11.0 MiB used)', 422],
  ])('%s', (text, status) => {
    const said = problem(new Error(text));
    expect(said.status).toBe(status);
    expect(said.detail).toMatch(/^Matching "a" with "b" .*\.$/);
    expect(said.detail).not.toContain('/x/');
  });

  it('sends nobody to the rule where none had part in it', () => {
    const error = new Error('Out of Memory Error: could not allocate block of size 256.0 KiB');
    expect(problemOf(translateEngineError(error, 'Staging "a"', undefined, false)).detail).toBe(
      'Staging "a" needs more memory than the worker allows. Ask the operator for a higher memory limit.',
    );
  });

  it('says that it was too slow, or cancelled, and leaves unknown errors as they are', () => {
    expect(problem(new EngineTimeout(60)).detail).toContain('60 seconds');
    expect(problem(new Error('INTERRUPT Error: Interrupted!'), AbortSignal.abort()).status).toBe(409);
    const other = new Error('something else');
    expect(translateEngineError(other, 'x')).toBe(other);
  });
});
