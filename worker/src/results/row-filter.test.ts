import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ColumnInfo, RowFilter } from '@kalla/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Engine } from '../engine/engine.ts';
import { whereOf } from './row-filter.ts';

const columns = (
  [
    ['amount', 'decimal(12,2)'],
    ['wide', 'decimal(38,2)'],
    ['id', 'int64'],
    ['day', 'date'],
  ] as const
).map(([name, type]): ColumnInfo => ({ name, type, nullable: true }));

let engine: Engine;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kalla-filter-'));
  engine = await Engine.open({ memoryBytes: 256 << 20, threads: 1, tempDir: folder });
  await engine.run(`CREATE TABLE t AS SELECT * FROM (VALUES
    (1, 10.00::DECIMAL(12,2), 10.00::DECIMAL(38,2), 9007199254740993::BIGINT, DATE '2026-01-31'),
    (2, -20.50, 999999999999999999999999999999999999.99, -5, DATE '2026-02-01'),
    (3, NULL, NULL, NULL, NULL)) AS v(n, amount, wide, id, day)`);
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

async function found(column: string, op: RowFilter['op'], value: string): Promise<number[]> {
  const where = await whereOf(engine, columns, { filter: [{ column, op, value }] });
  return (await engine.rows(`SELECT n FROM t WHERE ${where} ORDER BY n`)).map(([n]) => Number(n));
}

describe('a number of any length is compared', () => {
  test.each<[string, RowFilter['op'], string, number[]]>([
    ['amount', 'eq', '10', [1]],
    ['amount', 'eq', '+010.000', [1]],
    ['amount', 'gt', '9.9999999999', [1]],
    ['amount', 'lt', '9'.repeat(38), [1, 2]],
    ['amount', 'lte', '9'.repeat(60), [1, 2]],
    ['amount', 'gt', '9'.repeat(38), []],
    ['amount', 'gte', `-${'9'.repeat(38)}`, [1, 2]],
    ['amount', 'lt', `-${'9'.repeat(38)}.5`, []],
    ['amount', 'eq', '9'.repeat(38), []],
    ['amount', 'ne', '9'.repeat(38), [1, 2]],
    ['wide', 'gt', '999999999999999999999999999999999999.98', [2]],
    ['wide', 'gt', '9'.repeat(38), []],
    ['id', 'eq', '9007199254740993', [1]],
    ['id', 'eq', '9007199254740992', []],
    ['id', 'lt', '0.5', [2]],
    ['id', 'lt', '9'.repeat(38), [1, 2]],
    ['day', 'gte', '2026-02-01', [2]],
  ])('%s %s %s', async (column, op, value, rows) => {
    expect(await found(column, op, value)).toEqual(rows);
  });
});

test.each([
  ['amount', ''],
  ['amount', '.'],
  ['amount', '1e1'],
  ['amount', '1,5'],
  ['wide', '1.001'],
  ['day', '2026-01-31 10:00'],
  ['day', '31.01.2026'],
])('%s is not compared with "%s"', async (column, value) => {
  await expect(found(column, 'eq', value)).rejects.toMatchObject({
    problem: { type: expect.stringContaining('validation') },
  });
});
