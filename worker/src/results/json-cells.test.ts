import { expect, it } from 'vitest';
import { Engine } from '../engine/engine.ts';
import { cellText } from './json-cells.ts';

it('writes a digit before the point of every decimal', async () => {
  await using engine = await Engine.open({ memoryBytes: 256 * 2 ** 20, threads: 1 });
  const text = async (value: string, type: string) =>
    (await engine.rows(`SELECT ${cellText(type, `CAST(${value} AS ${type})`)}`))[0]![0];
  expect(await text("'0.05'", 'decimal(2,2)')).toBe('0.05');
  expect(await text("'-0.00999'", 'decimal(5,5)')).toBe('-0.00999');
  expect(await text("'-10.50'", 'decimal(12,2)')).toBe('-10.50');
  expect(await text('NULL', 'decimal(2,2)')).toBe(null);
});
