import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quoteLiteral } from '@kalla/core';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cellReader } from './cell-sql.ts';
import { Engine } from './engine.ts';

const quiet = { signal: new AbortController().signal };
let folder: string;
let engine: Engine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kalla-cells-'));
  engine = await Engine.start(folder);
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Texts that are points in time, or nearly: some characters of a right one are others. */
const nearly = (right: readonly string[]) =>
  fc
    .tuple(
      fc.constantFrom(...right),
      fc.array(fc.tuple(fc.nat(31), fc.constantFrom(...' 0123456789:.+-/TZabé(')), { maxLength: 3 }),
    )
    .map(([text, changes]) => {
      const characters = [...text];
      for (const [at, character] of changes) if (at < characters.length) characters[at] = character;
      return characters.join('');
    });

const CLOCK = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?';
const MOMENT = `[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]${CLOCK}`;
const ZONE = ' ?(Z|[-+][0-9]{2}(:?[0-9]{2})?)';

test.each([
  [
    'timestamp',
    'iso-timestamp',
    MOMENT,
    ['2026-01-31 23:59:59', '2026-01-31T08:00:00.123456', '2026-01-31 08:00:00.123456'],
  ],
  [
    'timestamptz',
    'iso-timestamptz',
    MOMENT + ZONE,
    [
      '2026-01-31 08:00:00.123456+01',
      '2026-01-31T08:00:00Z',
      '2026-01-31T08:00:00.123Z',
      '2026-01-31 08:00:00.5+01:30',
    ],
  ],
] as const)('a %s is read from the spellings of ISO 8601 and from no other', async (type, kind, pattern, right) => {
  await fc.assert(
    fc.asyncProperty(fc.array(nearly(right), { minLength: 200, maxLength: 400 }), async (cells) => {
      const list = [...right, ...cells].map((cell) => `(${quoteLiteral(cell)})`).join(', ');
      const { value } = cellReader('c', type, { kind });
      const strict = `CASE WHEN regexp_full_match(c, ${quoteLiteral(pattern)}) THEN TRY_CAST(c AS ${type}) END`;
      const found = await engine.rows(
        `SELECT c, (${value})::VARCHAR AS is, (${strict})::VARCHAR AS was FROM (VALUES ${list}) AS t(c)`,
        quiet,
      );
      expect(found.filter((row) => row['is'] !== row['was'])).toEqual([]);
      expect(found.slice(0, right.length).every((row) => row['is'] !== null)).toBe(true);
    }),
    { numRuns: 25 },
  );
});
