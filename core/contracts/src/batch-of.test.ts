import { describe, expect, it } from 'vitest';
import { batchOf } from './batch-of.ts';
import type { ColumnType } from './column-type.ts';

const make = (type: ColumnType, cell: string | null) => batchOf([{ name: 'one', type }], [[cell]]);

describe('batchOf', () => {
  const taken: [ColumnType, string][] = [
    ['decimal(4,2)', '-99.99'],
    ['decimal(4,2)', '0012.5'],
    ['int64', '9223372036854775807'],
    ['uint8', '255'],
    ['date', '2024-02-29'],
    ['timestamptz', '2026-01-31T08:00:00.000001Z'],
    ['time', '23:59:59.5'],
    ['float64', '-1.5e3'],
    ['uuid', '0123e567-e89b-12d3-a456-426614174000'],
  ];
  it.each(taken)('takes %s %s', (type, cell) => {
    expect(make(type, cell).numRows).toBe(1);
  });

  const refused: [ColumnType, string][] = [
    ['decimal(4,2)', '1.005'],
    ['decimal(4,2)', '100'],
    ['decimal(4,2)', '1e1'],
    ['decimal(4,2)', ''],
    ['int8', '128'],
    ['uint16', '-1'],
    ['int64', '9223372036854775808'],
    ['int32', '1.0'],
    ['boolean', 'yes'],
    ['date', '2026-02-29'],
    ['timestamptz', '2026-01-31T08:00:00'],
    ['timestamp', '2026-01-31T25:00:00'],
    ['float64', 'twelve'],
    ['uuid', '0123'],
  ];
  it.each(refused)('refuses %s %s and names the cell', (type, cell) => {
    expect(() => make(type, cell)).toThrow(
      expect.objectContaining({ kind: 'type', message: `The column "one" cannot hold "${cell}" as ${type}.` }),
    );
  });
});
