import { decimalOf, type Batch, type ColumnType } from '@kalla/core';
import type { Vector } from 'apache-arrow';

/** SQL that spells a column's value as {@link cellsOf} does, said by the server itself. */
export function spelledBy(type: ColumnType, expression: string): string {
  const decimal = decimalOf(type);
  // With the zeros that the scale asks for, and only where that changes no value.
  if (decimal)
    return `CASE WHEN ${expression}::numeric = ${expression}::numeric(${decimal.precision},${decimal.scale}) THEN ${expression}::numeric(${decimal.precision},${decimal.scale})::text END`;
  if (type === 'date') return `(${expression} - DATE '1970-01-01')::text`;
  if (type.startsWith('timestamp')) return `(extract(epoch FROM ${expression}) * 1000000)::numeric(40,0)::text`;
  if (type === 'time') return `(extract(epoch FROM ${expression}) * 1000000)::numeric(40,0)::text`;
  if (type === 'binary') return `encode(${expression}, 'hex')`;
  if (type === 'float32') return `encode(float4send(${expression}), 'hex')`;
  if (type === 'float64') return `encode(float8send(${expression}), 'hex')`;
  return `(${expression})::text`;
}

/** Every cell of a column as exact text, from the bytes of the Arrow vectors: no getter rounds anything on the way. */
export function cellsOf(batches: readonly Batch[], index: number, type: ColumnType): Array<string | null> {
  return batches.flatMap((batch) => {
    const vector = batch.getChildAt(index) as Vector;
    return Array.from({ length: batch.numRows }, (_, row) => (vector.isValid(row) ? spell(vector, row, type) : null));
  });
}

function spell(vector: Vector, row: number, type: ColumnType): string {
  const decimal = decimalOf(type);
  const data = vector.data[0]!;
  const values = data.values as ArrayBufferView & ArrayLike<unknown>;
  if (decimal) {
    const limbs = (values as Uint32Array).subarray(row * 4, row * 4 + 4);
    const unsigned = limbs.reduceRight((sum, limb) => (sum << 32n) | BigInt(limb), 0n);
    return pointed(BigInt.asIntN(128, unsigned), decimal.scale);
  }
  if (type === 'text') return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(slice(data, row));
  if (type === 'binary') return Buffer.from(slice(data, row)).toString('hex');
  if (type === 'uuid') {
    const hex = Buffer.from((values as Uint8Array).subarray(row * 16, row * 16 + 16)).toString('hex');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
  if (type === 'float32' || type === 'float64') {
    const bytes = Buffer.alloc(type === 'float32' ? 4 : 8);
    if (type === 'float32') bytes.writeFloatBE((values as Float32Array)[row]!);
    else bytes.writeDoubleBE((values as Float64Array)[row]!);
    return bytes.toString('hex');
  }
  if (type === 'boolean') return String(vector.get(row));
  return String(values[row]);
}

function slice(data: { valueOffsets: Int32Array; values: unknown }, row: number): Uint8Array {
  return (data.values as Uint8Array).subarray(data.valueOffsets[row], data.valueOffsets[row + 1]);
}

function pointed(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return (value < 0n ? '-' : '') + digits.slice(0, point) + (scale ? `.${digits.slice(point)}` : '');
}
