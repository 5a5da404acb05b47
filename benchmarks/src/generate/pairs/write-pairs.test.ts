import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstRow, withDuckdb } from '../../duckdb.ts';
import { precisionOf, recallOf, scorePairs } from '../../score-pairs.ts';
import { matchFiles, sqlOfRule } from '../../test-support/match-files.ts';
import { kindNames, pairKinds, type KindName } from './kinds/index.ts';
import type { NoiseLevel } from './noise.ts';
import { writePairs, type PairsRequest } from './write-pairs.ts';

const ROWS = 500;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kalla-pairs-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const request = (kind: KindName, noise: NoiseLevel, seed = 5): PairsRequest => ({ kind, noise, rows: ROWS, seed });

async function scoreOfRule(asked: PairsRequest, leftOut?: number) {
  const files = await writePairs(asked, join(folder, 'scored'));
  const { expert } = pairKinds[asked.kind];
  if (!expert) throw new Error(`${asked.kind} has no rule.`);
  const conditions = expert.conditions.filter((_, index) => index !== leftOut);
  const { matched, recipe } = await matchFiles(asked.kind, files, sqlOfRule(asked.kind, { ...expert, conditions }));
  const score = await scorePairs(matched, recipe, files, asked);
  return { precision: precisionOf(score) ?? 0, recall: recallOf(score) ?? 0 };
}

const withRule = kindNames.filter((kind) => pairKinds[kind].expert);

describe.each(withRule)('%s', (kind) => {
  it.each([
    ['clean', 0.99],
    ['rough', 0.85],
  ] as const)('can be solved by the rule of somebody who knows it, %s', async (noise, recall) => {
    const found = await scoreOfRule(request(kind, noise));
    expect(found.precision).toBeGreaterThan(0.96);
    expect(found.recall).toBeGreaterThan(recall);
    // Noise has to cost something, else it is none.
    if (noise === 'rough') expect(found.recall).toBeLessThan(0.99);
  });
});

// The condition whose loss makes the rule clearly worse: what the kind is named after is really needed.
it.each([
  ...([
    ['opposite_signs', 1],
    ['tolerance', 1],
    ['date_lag', 0],
    ['date_lag', 2],
  ] as const),
  ...([
    ['no_reference', 0],
    ['composite_key', 0],
    ['composite_key', 1],
    ['composite_key', 2],
  ] as const),
  ...([
    ['no_key', 0],
    ['no_key', 1],
    ['no_key', 2],
    ['currencies', 0],
    ['currencies', 1],
  ] as const),
])('%s cannot do without condition %d', async (kind, index) => {
  const [whole, less] = [await scoreOfRule(request(kind, 'usual')), await scoreOfRule(request(kind, 'usual'), index)];
  expect(less.recall).toBeLessThan(whole.recall - 0.05);
});

describe('unrelated', () => {
  it('has no pair, though both sides have the same numbers', async () => {
    const files = await writePairs(request('unrelated', 'usual'), join(folder, 'unrelated'));
    expect(await readFile(files.truth, 'utf8')).toBe('left_row,right_row,case\n');
    expect(files.rows.right).toBeGreaterThan(ROWS * 0.8);
  });
});

describe('writePairs', () => {
  const texts = async (asked: PairsRequest) => {
    const { left, right, truth } = await writePairs(asked, join(folder, 'texts'));
    return Promise.all([left, right, truth].map((path) => readFile(path, 'utf8')));
  };

  it('writes the same bytes for the same seed and others for another', async () => {
    const one = await texts(request('tolerance', 'rough'));
    expect(await texts(request('tolerance', 'rough'))).toEqual(one);
    const other = await texts(request('tolerance', 'rough', 6));
    for (const index of one.keys()) expect(other[index]).not.toBe(one[index]);
  });

  it('leaves the two sides about as large as it is asked', async () => {
    for (const kind of kindNames.filter((name) => name !== 'partial_payments')) {
      const { rows } = await writePairs(request(kind, 'rough'), join(folder, 'sizes'));
      expect(rows.left).toBe(ROWS);
      expect(Math.abs(rows.right - ROWS)).toBeLessThan(ROWS * 0.15);
    }
  });

  it('gives a keyless side no column that tells its rows apart', async () => {
    for (const noise of ['clean', 'rough'] as const) {
      const { right } = await writePairs({ ...request('no_key', noise), rows: 2000 }, join(folder, 'keyless'));
      await withDuckdb({}, async (connection) => {
        const from = `read_csv('${right}', all_varchar = true, delim = ';')`;
        const counts = await firstRow(connection, `SELECT count(*) AS all, count(DISTINCT COLUMNS(*)) FROM ${from}`);
        const { all, ...distinct } = counts;
        for (const count of Object.values(distinct)) expect(Number(count)).toBeLessThan(Number(all));
      });
    }
  });

  it('exchanges rows that do not differ: their cases are one', async () => {
    const { truth } = await writePairs({ ...request('no_key', 'clean'), rows: 2000 }, join(folder, 'twins'));
    await withDuckdb({}, async (connection) => {
      const sql = `SELECT count(*) AS pairs, count(DISTINCT "case") AS cases FROM read_csv('${truth}')`;
      const { pairs, cases } = await firstRow(connection, sql);
      expect(Number(pairs)).toBeGreaterThan(Number(cases));
    });
  });
});
