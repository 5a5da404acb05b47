import { CellError, type Cells } from './validity.ts';

const POWERS = [1, 10, 100, 1_000, 10_000];
const NEGATIVE = 0x4000;
/** A whole number of so many digits is exact in a double; above it BigInt does the work. */
const EXACT_DIGITS = 15;
const WORD = 0x1_0000_0000;
const PER_WORD = 1 / WORD;
/** The powers of ten that a double holds and counts up to exactly. */
const SAFE_POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, digits) => 10 ** digits);

/**
 * numeric, as 128-bit whole numbers of the column's last decimal place.
 *
 * The wire form is: number of digits, weight of the first, sign, scale (16 bits each), then digits to the base 10,000.
 * Up to 15 decimal digits, a sum in a double is exact and ten times faster than BigInt; no rounding happens on either way.
 *
 * @throws CellError for NaN, the infinities, and values with more places or digits than the column has.
 */
export function decodeDecimals(cells: Cells, precision: number, scale: number): Uint32Array {
  const { slab, view, position, length, rows } = cells;
  const out = new Int32Array(rows * 4);
  // The scale in groups of four digits; the last group counts in full, of it `spare` digits are beyond the scale.
  const fractionGroups = Math.ceil(scale / 4);
  const spare = POWERS[4 * fractionGroups - scale]!;
  const keep = POWERS[4 - (4 * fractionGroups - scale)]!;
  const limit = 10n ** BigInt(precision);
  // Not `10 ** precision` in the comparison: the compiler moves it into the loop, where it is a call for each value.
  const smallLimit = precision < SAFE_POWERS.length ? SAFE_POWERS[precision]! : Number.MAX_SAFE_INTEGER;
  for (let i = 0; i < rows; i++) {
    const bytes = length[i]!;
    if (bytes < 0) continue;
    const p = position[i]!;
    const groups = view.getUint16(p);
    const weight = view.getInt16(p + 2);
    const sign = view.getUint16(p + 4);
    if ((sign & 0x8000) !== 0) throw notFinite(i, sign);
    if (bytes !== 8 + 2 * groups) throw new CellError(i, `${bytes} bytes`, 'is not a numeric');
    if (groups === 0) continue;
    if (groups - weight - 1 > fractionGroups) throw tooManyPlaces(i, scale, cells);
    if (4 * (Math.max(weight, -1) + 1) + scale <= EXACT_DIGITS) {
      const end = p + bytes;
      let at = p + 8;
      let value = 0;
      for (let w = weight; w > -fractionGroups; w--, at += 2)
        value = value * 10_000 + (at < end ? view.getUint16(at) : 0);
      const last = at < end ? view.getUint16(at) : 0;
      const kept = (last / spare) | 0;
      if (kept * spare !== last) throw tooManyPlaces(i, scale, cells);
      value = value * keep + kept;
      if (value >= smallLimit) throw tooManyDigits(i, precision, cells);
      let high = (value * PER_WORD) | 0;
      let low = (value - high * WORD) | 0;
      let fill = 0;
      if (sign === NEGATIVE && value !== 0) {
        // Two's complement: all bits turned, and one added.
        low = -low | 0;
        high = low === 0 ? -high | 0 : ~high;
        fill = -1;
      }
      const to = 4 * i;
      out[to] = low;
      out[to + 1] = high;
      out[to + 2] = fill;
      out[to + 3] = fill;
    } else {
      const value = bigValue(slab, p, groups, weight, scale);
      if (value === null) throw tooManyPlaces(i, scale, cells);
      if (value >= limit) throw tooManyDigits(i, precision, cells);
      const signed = sign === NEGATIVE ? -value : value;
      out[4 * i] = Number(BigInt.asIntN(32, signed));
      out[4 * i + 1] = Number(BigInt.asIntN(32, signed >> 32n));
      out[4 * i + 2] = Number(BigInt.asIntN(32, signed >> 64n));
      out[4 * i + 3] = Number(BigInt.asIntN(32, signed >> 96n));
    }
  }
  return new Uint32Array(out.buffer);
}

/** The value without its sign in units of the last place; null where digits beyond it are not zero. */
function bigValue(slab: Buffer, p: number, groups: number, weight: number, scale: number): bigint | null {
  let value = 0n;
  for (let k = 0; k < groups; k++) value = value * 10_000n + BigInt((slab[p + 8 + 2 * k]! << 8) | slab[p + 9 + 2 * k]!);
  const shift = 4 * (weight - groups + 1) + scale;
  if (shift >= 0) return value * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return value % divisor === 0n ? value / divisor : null;
}

function notFinite(row: number, sign: number): CellError {
  const value = sign === 0xc000 ? 'NaN' : sign === 0xd000 ? 'Infinity' : '-Infinity';
  return new CellError(row, value, `is ${value}, which no decimal can hold`);
}

function tooManyPlaces(row: number, scale: number, cells: Cells): CellError {
  return new CellError(row, numericText(cells, row), `has more than the ${scale} decimal places of its column`);
}

function tooManyDigits(row: number, precision: number, cells: Cells): CellError {
  return new CellError(row, numericText(cells, row), `has more than the ${precision} digits of its column`);
}

/** The cell as text, for an error sentence. */
function numericText({ slab, position }: Cells, row: number): string {
  const p = position[row]!;
  const groups = slab.readUInt16BE(p);
  const weight = slab.readInt16BE(p + 2);
  const shown = slab.readUInt16BE(p + 6);
  const places = Math.max(shown, 4 * (groups - weight - 1));
  const digits = bigValue(slab, p, groups, weight, places)?.toString() ?? '';
  const padded = digits.padStart(places + 1, '0');
  const sign = slab.readUInt16BE(p + 4) === NEGATIVE ? '-' : '';
  const point = padded.length - places;
  // A group of four may go beyond the places that the value has.
  const fraction = padded.slice(point).replace(/0+$/, '').padEnd(shown, '0');
  return (sign + padded.slice(0, point) + (fraction ? `.${fraction}` : '')).slice(0, 200);
}
