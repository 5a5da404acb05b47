import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calm } from '@kalla/testkit';
import plugin from './index.ts';
import { formattedOf, ledgerOf, writeBigWorkbook } from './testing/big-workbook.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'testing/measure-reading.ts');
/** The heap of the process that reads, MiB. One that held the rows, or their texts, would end with an error. */
const HEAP = 64;

describe('a workbook of many rows', () => {
  let folder: string;
  const file = (name: string) => join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kalla-excel-big-'));
    await writeBigWorkbook(file('small.xlsx'), ledgerOf(20_000));
    await writeBigWorkbook(file('large.xlsx'), ledgerOf(120_000));
    await writeBigWorkbook(file('formatted.xlsx'), formattedOf(1_000_000));
  }, 240_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function measure(what: 'describe' | 'plan', name: string) {
    const { stdout } = await run(process.execPath, [
      `--max-old-space-size=${HEAP}`,
      ...['--import', 'tsx', '--conditions', 'kalla-source', script, what, file(name)],
    ]);
    return JSON.parse(stdout) as { rows: number; mebibytes: number };
  }

  it('takes the same memory for six times the rows, each with texts of its own', { timeout: 600_000 }, async () => {
    const sizes = { small: 20_000, large: 120_000 };
    const taken: number[] = [];
    for (const [name, rows] of Object.entries(sizes)) {
      expect((await measure('describe', `${name}.xlsx`)).rows).toBe(rows);
      const plan = await measure('plan', `${name}.xlsx`);
      expect(plan.rows).toBe(rows);
      taken.push(plan.mebibytes);
    }
    // 100,000 rows of eight cells and 200,000 texts more: 14 MB as they are written, and several times that as values.
    expect((taken[1] ?? Infinity) - (taken[0] ?? 0)).toBeLessThan(40);
  });

  it('reads a million rows that hold nothing but a format', { timeout: 600_000 }, async () => {
    const { rows, mebibytes } = await measure('describe', 'formatted.xlsx');
    expect(rows).toBe(1);
    expect(mebibytes).toBeLessThan(200);
  });

  it('says how much of it is read, and stops when it is told to', { timeout: 300_000 }, async () => {
    const scratchDir = await mkdtemp(join(folder, 'scratch-'));
    const host = {
      scratchDir,
      localFile: async (uri: string) => ({ path: uri, name: 'large.xlsx', bytes: 1 }),
      log: { debug() {}, warn() {} },
    };
    const config = { uri: file('large.xlsx') };
    const sharesOf = async (work: 'plan' | 'describe') => {
      const shares: number[] = [];
      const operation = { ...calm(), onProgress: (share: number) => shares.push(share) };
      await using connection = await plugin.open(config, host);
      await (work === 'plan' ? connection.plan({}, operation) : connection.describe(undefined, operation));
      expect(shares.length).toBeGreaterThan(20);
      expect(shares).toEqual(shares.toSorted((one, other) => one - other));
      return shares;
    };
    expect((await sharesOf('plan')).at(-1)).toBe(1);
    expect((await sharesOf('describe')).at(-1)).toBeLessThanOrEqual(1);

    const before = (await readdir(scratchDir)).length;
    const stop = new AbortController();
    await using other = await plugin.open(config, host);
    const told: number[] = [];
    const reading = other.plan(
      {},
      {
        signal: stop.signal,
        onProgress: (share) => {
          told.push(share);
          if (share > 0.3) stop.abort();
        },
      },
    );
    await expect(reading).rejects.toMatchObject({ kind: 'cancelled' });
    expect(told.at(-1)).toBeLessThan(0.5);
    expect((await readdir(scratchDir)).length).toBe(before);
  });
});
