import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calm } from '@kalla/testkit';
import { chooseSheet } from './choose-sheet.ts';
import plugin from './index.ts';
import { formatOnly, formattedOf, ledgerOf, writeBigWorkbook } from './testing/big-workbook.ts';
import { textRow } from './testing/make-workbook.ts';
import { openWorkbook } from './workbook.ts';

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
    await writeBigWorkbook(file('second.xlsx'), { ...ledgerOf(20_000), before: formatOnly(1, 200_000) });
    await writeBigWorkbook(file('last.xlsx'), { formats: ['0.00'], rows: lastRow(200_000) });
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

  it.each(['second', 'last'])(
    'says how far it is while it looks for the sheet that holds anything (%s)',
    { timeout: 300_000 },
    async (name) => {
      const scratchDir = await mkdtemp(join(folder, 'scratch-'));
      const host = {
        scratchDir,
        localFile: async (uri: string) => ({ path: uri, name: `${name}.xlsx`, bytes: 1 }),
        log: { debug() {}, warn() {} },
      };
      const shares: number[] = [];
      const operation = { ...calm(), onProgress: (share: number) => shares.push(share) };
      const workbook = await openWorkbook(file(`${name}.xlsx`), `${name}.xlsx`, calm());
      const { looked } = await chooseSheet(workbook, undefined, scratchDir, operation);
      await workbook.archive[Symbol.asyncDispose]();
      expect(shares.length).toBeGreaterThan(10);
      expect(shares.at(-1)).toBe(looked);
      expect(looked).toBeGreaterThan(0.3);

      shares.length = 0;
      await using connection = await plugin.open({ uri: file(`${name}.xlsx`) }, host);
      await connection.describe(undefined, operation);
      expect(shares).toEqual(shares.toSorted((one, other) => one - other));
      // No step is a leap: what was looked through is part of what is told.
      const steps = shares.map((share, at) => share - (shares[at - 1] ?? 0));
      expect(shares.length).toBeGreaterThan(20);
      expect(Math.max(...steps)).toBeLessThan(0.2);
      expect(shares.at(-1)).toBeLessThanOrEqual(1);
    },
  );

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

/** So many rows that hold nothing but a format, and one row that holds something. */
function* lastRow(rows: number): Generator<string> {
  yield* formatOnly(1, rows);
  yield textRow(rows + 1, ['reference', 'note']);
  yield textRow(rows + 2, ['R-1', 'paid']);
}
