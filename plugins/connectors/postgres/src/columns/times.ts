import { CellError, requireWidth, type Cells } from './validity.ts';

/** Days from 1970-01-01, where Arrow begins to count, to 2000-01-01, where PostgreSQL does. */
const EPOCH_DAYS = 10_957;
/** The same in microseconds, in two 32-bit halves. */
const EPOCH_LOW = Number(946_684_800_000_000n & 0xffff_ffffn);
const EPOCH_HIGH = Number(946_684_800_000_000n >> 32n);
const INT32_MAX = 0x7fff_ffff;
const INT32_MIN = -0x8000_0000;

/** date: days. Infinity has no counterpart and throws. */
export function decodeDates(cells: Cells): Int32Array {
  requireWidth(cells, 4);
  const { view, position, length, rows } = cells;
  const out = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    if (length[i]! < 0) continue;
    const days = view.getInt32(position[i]!);
    if (days === INT32_MAX || days === INT32_MIN) throw infinite(i, days > 0);
    out[i] = days + EPOCH_DAYS;
  }
  return out;
}

/** timestamp and timestamptz: microseconds. Infinity, and the last 50 of 294,276 years, have no counterpart and throw. */
export function decodeTimestamps(cells: Cells): BigInt64Array {
  requireWidth(cells, 8);
  const { view, position, length, rows } = cells;
  const out = new Uint32Array(rows * 2);
  for (let i = 0; i < rows; i++) {
    if (length[i]! < 0) continue;
    const p = position[i]!;
    const high = view.getInt32(p);
    const low = view.getUint32(p + 4);
    if (high === INT32_MAX && low === 0xffff_ffff) throw infinite(i, true);
    if (high === INT32_MIN && low === 0) throw infinite(i, false);
    const shifted = low + EPOCH_LOW;
    const shiftedHigh = high + EPOCH_HIGH + (shifted > 0xffff_ffff ? 1 : 0);
    if (shiftedHigh > INT32_MAX)
      throw new CellError(i, 'after the year 294246', 'is later than any timestamp that can be written');
    out[2 * i] = shifted;
    out[2 * i + 1] = shiftedHigh;
  }
  return new BigInt64Array(out.buffer);
}

function infinite(row: number, positive: boolean): CellError {
  const value = positive ? 'infinity' : '-infinity';
  return new CellError(row, value, `is "${value}", which no date or timestamp can hold`);
}
