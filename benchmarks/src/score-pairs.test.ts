import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writePairs, type PairFiles, type PairsRequest } from './generate/pairs/write-pairs.ts';
import { precisionOf, recallOf, scorePairs } from './score-pairs.ts';
import { matchFiles } from './test-support/match-files.ts';

const request: PairsRequest = { kind: 'renamed', noise: 'usual', rows: 400, seed: 3 };
let folder: string;
let files: PairFiles;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kalla-score-test-'));
  files = await writePairs(request, folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const truth = () => `read_csv('${files.truth}')`;
async function score(sql: string, keys?: { left: string[]; right: string[] }) {
  const { matched, recipe } = await matchFiles(request.kind, files, sql, keys);
  return scorePairs(matched, recipe, files, request);
}
const rows = 'SELECT left_row AS left__row, right_row AS right__row';

it('finds that the truth is right, and counts a row that is there twice once', async () => {
  const found = await score(`${rows} FROM ${truth()}`);
  // Something is booked twice among 400: more pairs belong together than rows can have partners.
  expect(found.found).toBeGreaterThan(found.expected);
  expect(found.right).toBe(found.expected);
  expect([precisionOf(found), recallOf(found)]).toEqual([found.expected / found.found, 1]);
  expect(found.wrongExample).toBeUndefined();
  expect(found.missedExample).toBeUndefined();
});

it('counts and shows what is wrong and what is missed', async () => {
  const found = await score(
    `${rows} FROM (SELECT * FROM ${truth()} ORDER BY left_row, right_row LIMIT 10)
     UNION ALL SELECT left_row, (SELECT max(right_row) FROM ${truth()}) FROM (SELECT * FROM ${truth()} ORDER BY left_row LIMIT 1)`,
  );
  expect(found.found).toBe(11);
  expect(precisionOf(found)).toBeLessThan(1);
  expect(recallOf(found)).toBeLessThan(0.04);
  expect(found.wrongExample).toMatch(/^row \d+ \| 310.* ↔ row \d+ \| 88/);
  expect(found.missedExample).toMatch(/^row \d+ \| 310.* ↔ row \d+ \| 88/);
});

it('knows the rows by whatever key the recipe has, dates and amounts in any style', async () => {
  const wanted = await score(`${rows} FROM ${truth()}`);
  const found = await score(
    `SELECT l.Volgnr, r.psp_reference FROM ${truth()} t JOIN l ON l._row = t.left_row JOIN r ON r._row = t.right_row`,
    { left: ['Volgnr'], right: ['psp_reference'] },
  );
  expect(found).toEqual(wanted);
  const composite = await score(
    `SELECT l.Factuurdatum AS "left_factuurdatum", l."Bedrag incl. btw", r.psp_reference
     FROM ${truth()} t JOIN l ON l._row = t.left_row JOIN r ON r._row = t.right_row`,
    { left: ['Factuurdatum', 'Bedrag incl. btw'], right: ['psp_reference'] },
  );
  expect(composite.right).toBe(wanted.right);
});

it('refuses keys that are in no row', async () => {
  await expect(score('SELECT 1 AS left__row, 999999 AS right__row')).rejects.toThrow(/1 pairs .* in no row/);
  await expect(score('SELECT 1 AS left__row')).rejects.toThrow(/no column for the key "_row" of the right side/);
});

it('has no share of nothing', async () => {
  const found = await score('SELECT 1 AS left__row, 1 AS right__row WHERE false');
  expect([precisionOf(found), recallOf(found)]).toEqual([null, 0]);
});
