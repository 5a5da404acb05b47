import { decimalOf, type Batch, type ColumnType } from '@kalla/core';
import type { Vector } from 'apache-arrow';
import type { Cell } from './subject.ts';

/**
 * Every row of the batches as exact text, from the bytes of the Arrow vectors: no getter of the library rounds anything on the
 * way. Decimals keep the zeros of their scale, timestamps are `2026-01-31T08:00:00.000001` with `Z` for an instant.
 */
export function spellRows(batches: readonly Batch[], types: readonly ColumnType[]): Cell[][] {
  return batches.flatMap((batch) => {
    const vectors = types.map((_, index) => batch.getChildAt(index) as Vector);
    return Array.from({ length: batch.numRows }, (_, row) =>
      vectors.map((vector, index) => spellCell(vector, row, types[index] as ColumnType)),
    );
  });
}

/** One cell; null where it is NULL. */
export function spellCell(vector: Vector, row: number, type: ColumnType): Cell {
  if (!vector.isValid(row)) return null;
  let inChunk = row;
  const data = vector.data.find((chunk) => (inChunk < chunk.length ? true : ((inChunk -= chunk.length), false)));
  if (!data) throw new RangeError(`There is no row ${row}.`);
  const values = data.values as ArrayLike<unknown> & { subarray(from: number, to: number): ArrayLike<number> };
  const decimal = decimalOf(type);
  if (decimal) {
    const limbs = [...(values.subarray(inChunk * 4, inChunk * 4 + 4) as unknown as Uint32Array)];
    const unsigned = limbs.reduceRight((sum, limb) => (sum << 32n) | BigInt(limb), 0n);
    return pointed(BigInt.asIntN(128, unsigned), decimal.scale);
  }
  const bytes = () => {
    const offsets = data.valueOffsets as Int32Array;
    return (data.values as Uint8Array).subarray(offsets[inChunk], offsets[inChunk + 1]);
  };
  switch (type) {
    case 'text':
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes());
    case 'binary':
      return hex(bytes());
    case 'uuid':
      return hex((data.values as Uint8Array).subarray(inChunk * 16, inChunk * 16 + 16)).replace(
        /^(.{8})(.{4})(.{4})(.{4})(.{12})$/,
        '$1-$2-$3-$4-$5',
      );
    case 'boolean':
      return String(vector.get(row));
    case 'date':
      return dayText(Number(values[inChunk]));
    case 'time':
      return clockText(BigInt(values[inChunk] as bigint));
    case 'timestamp':
    case 'timestamptz':
      return momentText(BigInt(values[inChunk] as bigint)) + (type === 'timestamptz' ? 'Z' : '');
    default:
      return String(values[inChunk]);
  }
}

const DAY_MICROS = 86_400_000_000n;

function dayText(days: number): string {
  return new Date(days * 86_400_000).toISOString().replace(/T.*$/, '').replace(/^\+0*/, '');
}

/** `08:00:00`, with six decimals where there are any. */
function clockText(micros: bigint): string {
  const part = (unit: bigint, of: bigint) => String((micros / unit) % of).padStart(2, '0');
  const fraction = String(micros % 1_000_000n).padStart(6, '0');
  const clock = `${part(3_600_000_000n, 100n)}:${part(60_000_000n, 60n)}:${part(1_000_000n, 60n)}`;
  return fraction === '000000' ? clock : `${clock}.${fraction.replace(/0+$/, '')}`;
}

function momentText(micros: bigint): string {
  const clock = ((micros % DAY_MICROS) + DAY_MICROS) % DAY_MICROS;
  return `${dayText(Number((micros - clock) / DAY_MICROS))}T${clockText(clock)}`;
}

function hex(bytes: ArrayLike<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function pointed(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return (value < 0n ? '-' : '') + digits.slice(0, point) + (scale ? `.${digits.slice(point)}` : '');
}
