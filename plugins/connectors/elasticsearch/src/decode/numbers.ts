import { CellError, cellText, type Cells } from '../hits/cells.ts';
import { bitmapBytes } from './validity.ts';
import { requireScalar, scalarText } from './scalar.ts';

/** What happens to digits beyond those that a column has. */
export type Odd = 'refuse' | 'round';

const QUOTE = 0x22;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
/** A whole number of so many digits is exact in a double; above it BigInt does the work. */
const EXACT_DIGITS = 15;
const NUMBER = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$|^([+-]?)\.(\d+)$/;

/**
 * Whole numbers of `bits`, in little-endian 32-bit halves where they are of 64.
 *
 * @throws CellError for what is no number, does not fit, or has a fraction that is not zero.
 */
export function decodeIntegers(cells: Cells, bits: 8 | 16 | 32 | 64, isSigned: boolean, odd: Odd): ArrayBufferView {
  const { from, rows } = cells;
  const low = isSigned ? -(2n ** BigInt(bits - 1)) : 0n;
  const high = isSigned ? 2n ** BigInt(bits - 1) - 1n : 2n ** BigInt(bits) - 1n;
  const narrowLow = Number(low);
  const narrowHigh = Number(high);
  const wide = bits === 64 ? new Uint32Array(rows * 2) : null;
  const narrow =
    bits === 64 ? null : bits === 32 ? new Int32Array(rows) : bits === 16 ? new Int16Array(rows) : new Int8Array(rows);
  for (let i = 0; i < rows; i++) {
    if (from[i]! < 0) continue;
    const small = smallUnits(cells, i, 0);
    let value: bigint | null = null;
    if (Number.isNaN(small)) value = unitsOf(cells, i, 0, odd, 'cut');
    if (value !== null && (value < low || value > high)) throw outOfRange(cells, i, bits);
    if (narrow) {
      const plain = value === null ? small : Number(value);
      if (plain < narrowLow || plain > narrowHigh) throw outOfRange(cells, i, bits);
      narrow[i] = plain;
    } else if (value === null) {
      if (!isSigned && small < 0) throw outOfRange(cells, i, bits);
      const upper = Math.floor(small / 0x1_0000_0000);
      wide![2 * i] = small - upper * 0x1_0000_0000;
      wide![2 * i + 1] = upper;
    } else {
      wide![2 * i] = Number(value & 0xffff_ffffn);
      wide![2 * i + 1] = Number((value >> 32n) & 0xffff_ffffn);
    }
  }
  if (narrow) return narrow;
  return isSigned ? new BigInt64Array(wide!.buffer) : new BigUint64Array(wide!.buffer);
}

function outOfRange(cells: Cells, row: number, bits: number): CellError {
  return new CellError(row, cellText(cells, row), `does not fit into a whole number of ${bits} bits`);
}

/**
 * Decimals, as 128-bit whole numbers of the column's last place. No double is involved beyond 15 digits, and none rounds.
 *
 * @throws CellError for what is no number, and for values with more places or digits than the column has.
 */
export function decodeDecimals(cells: Cells, precision: number, scale: number, odd: Odd): Uint32Array {
  const { from, rows } = cells;
  const out = new Uint32Array(rows * 4);
  const limit = 10n ** BigInt(precision);
  const smallLimit = precision > EXACT_DIGITS ? Infinity : 10 ** precision;
  for (let i = 0; i < rows; i++) {
    if (from[i]! < 0) continue;
    const small = smallUnits(cells, i, scale);
    if (!Number.isNaN(small)) {
      if (Math.abs(small) >= smallLimit) throw tooManyDigits(cells, i, precision);
      const upper = Math.floor(small / 0x1_0000_0000);
      const fill = upper < 0 ? 0xffff_ffff : 0;
      out[4 * i] = small - upper * 0x1_0000_0000;
      out[4 * i + 1] = upper;
      out[4 * i + 2] = fill;
      out[4 * i + 3] = fill;
      continue;
    }
    const value = unitsOf(cells, i, scale, odd, 'half-up');
    if (value >= limit || value <= -limit) throw tooManyDigits(cells, i, precision);
    for (let word = 0; word < 4; word++) out[4 * i + word] = Number((value >> BigInt(32 * word)) & 0xffff_ffffn);
  }
  return out;
}

function tooManyDigits(cells: Cells, row: number, precision: number): CellError {
  return new CellError(row, cellText(cells, row), `has more than the ${precision} digits of its column`);
}

/** A plain number of at most 15 digits in units of the last place; NaN where it is not plain, long, or has more places. */
function smallUnits({ buffer, from, to, more }: Cells, row: number, scale: number): number {
  let at = from[row]!;
  let end = to[row]!;
  if (more !== null && more.has(row)) return NaN;
  if (buffer[at] === QUOTE) {
    at++;
    end--;
  }
  const isNegative = buffer[at] === MINUS;
  if (isNegative) at++;
  if (at >= end) return NaN;
  let value = 0;
  let digits = 0;
  let places = -1;
  for (; at < end; at++) {
    const byte = buffer[at]!;
    if (byte >= ZERO && byte <= NINE) {
      value = value * 10 + (byte - ZERO);
      digits++;
      if (places >= 0) places++;
    } else if (byte === POINT && places < 0 && digits > 0) places = 0;
    else return NaN;
  }
  const missing = scale - Math.max(places, 0);
  if (missing < 0 || digits === 0 || digits + missing > EXACT_DIGITS) return NaN;
  for (let i = 0; i < missing; i++) value *= 10;
  return isNegative ? -value : value;
}

/** The exact value in units of the last place. */
function unitsOf(cells: Cells, row: number, scale: number, odd: Odd, rounding: 'cut' | 'half-up'): bigint {
  const text = scalarText(cells, row).trim();
  const match = NUMBER.exec(text);
  if (!match) throw new CellError(row, text.slice(0, 200), 'is not a number');
  const isNegative = (match[1] ?? match[5]) === '-';
  const whole = match[2] ?? '';
  const fraction = match[3] ?? match[6] ?? '';
  const shift = scale - fraction.length + Number(match[4] ?? 0);
  const digits = BigInt(whole + fraction);
  if (shift >= 0) {
    if (shift > 400 && digits !== 0n) throw new CellError(row, text.slice(0, 200), 'is too large');
    const value = digits === 0n ? 0n : digits * 10n ** BigInt(shift);
    return isNegative ? -value : value;
  }
  const divisor = 10n ** BigInt(-shift);
  const rest = digits % divisor;
  const signed = (value: bigint) => (isNegative ? -value : value);
  if (rest === 0n) return signed(digits / divisor);
  if (odd === 'refuse')
    throw new CellError(
      row,
      text.slice(0, 200),
      scale === 0 ? 'is not a whole number' : `has more than the ${scale} decimal places of its field`,
    );
  if (rounding === 'cut') return signed(digits / divisor);
  // Halves go up, as in the server: 0.125 becomes 0.13, -0.125 becomes -0.12.
  const up = isNegative ? rest * 2n > divisor : rest * 2n >= divisor;
  return signed(digits / divisor + (up ? 1n : 0n));
}

/** Floating-point numbers: the nearest double of what stands in the document. */
export function decodeFloats(cells: Cells): Float64Array {
  const { buffer, from, to, rows } = cells;
  const out = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    if (from[i]! < 0) continue;
    requireScalar(cells, i);
    const isText = buffer[from[i]!] === QUOTE;
    const text = isText ? scalarText(cells, i).trim() : buffer.toString('latin1', from[i], to[i]);
    const value = text === '' ? NaN : Number(text);
    if (Number.isNaN(value)) throw new CellError(i, text.slice(0, 200), 'is not a number');
    out[i] = value;
  }
  return out;
}

/** true, false, and the texts that Elasticsearch takes for them; an empty text is false. */
export function decodeBooleans(cells: Cells): Uint8Array {
  const { from, rows } = cells;
  const bits = new Uint8Array(bitmapBytes(rows));
  for (let i = 0; i < rows; i++) {
    if (from[i]! < 0) continue;
    const text = scalarText(cells, i);
    if (text === 'true') bits[i >> 3]! |= 1 << (i & 7);
    else if (text !== 'false' && text !== '') throw new CellError(i, text.slice(0, 200), 'is neither true nor false');
  }
  return bits;
}
