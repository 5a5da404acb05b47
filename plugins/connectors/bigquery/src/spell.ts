/** Exact spellings of single values, the same for Arrow and for REST. */

const DAY_MICROS = 86_400_000_000n;

/** `2026-01-31`, years of at least four digits. */
export function dayText(days: number): string {
  return new Date(days * 86_400_000).toISOString().replace(/T.*$/, '').replace(/^\+0*/, '');
}

/** `08:00:00`, with as many decimals as are needed. */
export function clockText(micros: bigint): string {
  const part = (unit: bigint, of: bigint) => String((micros / unit) % of).padStart(2, '0');
  const fraction = String(micros % 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const clock = `${part(3_600_000_000n, 100n)}:${part(60_000_000n, 60n)}:${part(1_000_000n, 60n)}`;
  return fraction ? `${clock}.${fraction}` : clock;
}

/** `2026-01-31T08:00:00.000001`, from microseconds since 1970. */
export function momentText(micros: bigint): string {
  const clock = ((micros % DAY_MICROS) + DAY_MICROS) % DAY_MICROS;
  return `${dayText(Number((micros - clock) / DAY_MICROS))}T${clockText(clock)}`;
}

/**
 * A whole number of units of 10^-scale as a decimal, without zeros at the end, as BigQuery writes one.
 *
 * @example decimalText(-1200n, 3) === '-1.2'
 */
export function decimalText(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  const fraction = digits.slice(point).replace(/0+$/, '');
  return (unscaled < 0n ? '-' : '') + digits.slice(0, point) + (fraction ? `.${fraction}` : '');
}

/** As BigQuery writes an INTERVAL: `Y-M D H:M:S.F`. */
export function intervalText(months: number, days: number, nanos: bigint): string {
  const sign = (negative: boolean) => (negative ? '-' : '');
  const size = Math.abs(months);
  const clock = nanos < 0n ? -nanos : nanos;
  const seconds = clock / 1_000_000_000n;
  const fraction = String(clock % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  const time = `${sign(nanos < 0n)}${seconds / 3600n}:${(seconds / 60n) % 60n}:${seconds % 60n}${fraction ? `.${fraction}` : ''}`;
  return `${sign(months < 0)}${Math.floor(size / 12)}-${size % 12} ${days} ${time}`;
}

/** As BigQuery writes a FLOAT64 that is no number in JSON. */
export function floatText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

/** True where this kind stands bare in JSON text: numbers keep their digits, truth values their name, JSON itself. */
export function isBareInJson(kind: string, text: string): boolean {
  if (kind === 'FLOAT') return !/^(NaN|-?Infinity)$/.test(text);
  return /^(INTEGER|NUMERIC|BIGNUMERIC|BOOLEAN|JSON)$/.test(kind);
}
