import { expect, it } from 'vitest';
import { Engine } from './engine.ts';

it('waits for what still runs before it frees DuckDB, and takes no more work', async () => {
  const engine = await Engine.open({ memoryBytes: 256 * 2 ** 20, threads: 1 });
  let ended: unknown;
  // Minutes of work, as where the other half of a Promise.all failed and nobody waits for this one.
  void engine.rows('SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b').then(
    () => (ended = 'done'),
    (error: unknown) => (ended = error),
  );
  const closing = engine.close();
  await expect(engine.rows('SELECT 1')).rejects.toThrow('closed');
  await closing;
  expect(String(ended)).toMatch(/INTERRUPT|interrupted/i);
  await engine.close();
});
