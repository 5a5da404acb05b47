const DAY_MS = 86_400_000n;
const LAST_DAY = 2_958_465n;

/** A moment of an Excel serial number in its parts. */
export interface SerialMoment {
  /** `YYYY-MM-DD`; null where the serial number has no day of its own (below 1 in the 1900 epoch). */
  day: string | null;
  /** `HH:MM:SS` or `HH:MM:SS.mmm`; null at midnight. */
  clock: string | null;
}

/**
 * Turns a serial number, given as plain decimal text, into day and time, to the millisecond.
 *
 * The 1900 epoch has a 29 February 1900 that never was (serial 60). It is given as `1900-02-29`, which is no date.
 * Returns null for what no date has: negative numbers, and days after 9999-12-31.
 */
export function momentOf(serial: string, epoch1904: boolean): SerialMoment | null {
  if (serial.startsWith('-')) return null;
  const [whole = '0', fraction = ''] = serial.split('.');
  let days = BigInt(whole);
  const scale = 10n ** BigInt(fraction.length);
  let ms = fraction ? (BigInt(fraction) * DAY_MS * 2n + scale) / (2n * scale) : 0n;
  if (ms >= DAY_MS) {
    ms -= DAY_MS;
    days += 1n;
  }
  if (days > LAST_DAY - (epoch1904 ? 1462n : 0n)) return null;
  return { day: dayOf(days, epoch1904), clock: ms === 0n ? null : clockOf(ms) };
}

/** Hours, minutes and seconds of a span of days, for example `37:30:00`; null for what is no plain number. */
export function durationOf(serial: string): string {
  const negative = serial.startsWith('-');
  const [whole = '0', fraction = ''] = serial.replace('-', '').split('.');
  const scale = 10n ** BigInt(fraction.length);
  const ms = BigInt(whole) * DAY_MS + (fraction ? (BigInt(fraction) * DAY_MS * 2n + scale) / (2n * scale) : 0n);
  const hours = ms / 3_600_000n;
  return `${negative ? '-' : ''}${String(hours).padStart(2, '0')}:${clockOf(ms % 3_600_000n).slice(3)}`;
}

function dayOf(days: bigint, epoch1904: boolean): string | null {
  if (epoch1904) return isoDay(days, Date.UTC(1904, 0, 1));
  if (days === 0n) return null;
  if (days === 60n) return '1900-02-29';
  return isoDay(days, days < 60n ? Date.UTC(1899, 11, 31) : Date.UTC(1899, 11, 30));
}

/** Days that were asked for: the dates of a column are few. */
const known = new Map<number, string>();

function isoDay(days: bigint, from: number): string {
  const at = from + Number(days * DAY_MS);
  let day = known.get(at);
  if (day === undefined) {
    if (known.size > 20_000) known.clear();
    known.set(at, (day = new Date(at).toISOString().slice(0, 10)));
  }
  return day;
}

function clockOf(ms: bigint): string {
  const two = (value: bigint) => String(value).padStart(2, '0');
  const rest = ms % 1000n;
  return (
    `${two(ms / 3_600_000n)}:${two((ms / 60_000n) % 60n)}:${two((ms / 1000n) % 60n)}` +
    (rest === 0n ? '' : `.${String(rest).padStart(3, '0')}`)
  );
}
