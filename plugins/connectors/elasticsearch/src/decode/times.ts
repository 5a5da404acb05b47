import { CellError, type Cells } from '../hits/cells.ts';
import { scalarText } from './scalar.ts';
import type { Bytes } from './texts.ts';

const DAY_MS = 86_400_000n;
/** The farthest moments that 64 bits of microseconds reach. */
const LIMIT_US = 2n ** 63n;
const MILLIS = /^(-?)(\d{1,19})(?:\.(\d{1,6}))?$/;
const QUOTE = 0x22;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** Points in time, in microseconds. The server writes them as milliseconds since 1970, with a fraction where there is one. */
export function decodeInstants(cells: Cells): BigInt64Array {
  const { from, rows } = cells;
  const out = new Uint32Array(rows * 2);
  const wide = new BigInt64Array(out.buffer);
  for (let i = 0; i < rows; i++) {
    if (from[i]! < 0) continue;
    const micros = smallMicros(cells, i);
    if (!Number.isNaN(micros)) {
      const upper = Math.floor(micros / 0x1_0000_0000);
      out[2 * i] = micros - upper * 0x1_0000_0000;
      out[2 * i + 1] = upper;
      continue;
    }
    const nanos = nanosOf(cells, i);
    const exact = (nanos - (((nanos % 1000n) + 1000n) % 1000n)) / 1000n;
    if (exact >= LIMIT_US || exact < -LIMIT_US)
      throw new CellError(i, scalarText(cells, i), 'is farther away than any point in time that can be written');
    wide[i] = exact;
  }
  return wide;
}

/** Days since 1970, of fields whose format has no time. */
export function decodeDays(cells: Cells): Int32Array {
  const { from, rows } = cells;
  const out = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    if (from[i]! < 0) continue;
    const small = smallMicros(cells, i) / 86_400_000_000;
    if (Number.isInteger(small)) {
      out[i] = small;
      continue;
    }
    const millis = nanosOf(cells, i) / 1_000_000n;
    const days = millis / DAY_MS;
    if (millis % DAY_MS !== 0n || days > 0x7fff_ffffn || days < -0x8000_0000n)
      throw new CellError(i, scalarText(cells, i), 'is not a day');
    out[i] = Number(days);
  }
  return out;
}

/** Points in time with nanoseconds, as text that sorts in their order: 2026-01-31T08:00:00.123456789Z. */
export function decodeNanos(cells: Cells): Bytes {
  const { from, rows } = cells;
  const offsets = new Int32Array(rows + 1);
  const texts: string[] = [];
  let size = 0;
  for (let i = 0; i < rows; i++) {
    if (from[i]! >= 0) {
      const nanos = nanosOf(cells, i);
      const fraction = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
      const seconds = (nanos - fraction) / 1_000_000_000n;
      const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, -5);
      const text = `${whole}.${String(fraction).padStart(9, '0')}Z`;
      texts.push(text);
      size += text.length;
    }
    offsets[i + 1] = size;
  }
  return { offsets, data: Buffer.from(texts.join(''), 'latin1') };
}

/** Microseconds of a moment near enough for a double to hold them exactly; NaN for others, and for finer ones before 1970. */
function smallMicros({ buffer, from, to, more }: Cells, row: number): number {
  let at = from[row]!;
  let end = to[row]!;
  if (more !== null && more.has(row)) return NaN;
  if (buffer[at] === QUOTE) {
    at++;
    end--;
  }
  const isNegative = buffer[at] === MINUS;
  if (isNegative) at++;
  let value = 0;
  // Digits after the point; the fourth and later ones are of nanoseconds and left out.
  let places = -1;
  const start = at;
  for (; at < end && places < 3; at++) {
    const byte = buffer[at]!;
    if (byte === POINT && places < 0) places = 0;
    else if (byte < ZERO || byte > NINE) return NaN;
    else {
      value = value * 10 + (byte - ZERO);
      if (places >= 0) places++;
    }
  }
  if (at === start || (isNegative && places >= 0)) return NaN;
  for (; at < end; at++) if (buffer[at]! < ZERO || buffer[at]! > NINE) return NaN;
  for (let i = Math.max(places, 0); i < 3; i++) value *= 10;
  if (value > Number.MAX_SAFE_INTEGER) return NaN;
  return isNegative ? -value : value;
}

function nanosOf(cells: Cells, row: number): bigint {
  const text = scalarText(cells, row);
  const match = MILLIS.exec(text);
  if (!match) throw new CellError(row, text.slice(0, 200), 'is not a point in time');
  const value = BigInt(match[2]!) * 1_000_000n + BigInt((match[3] ?? '').padEnd(6, '0'));
  return match[1] ? -value : value;
}
