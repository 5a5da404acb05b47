import { subtractDecimals } from '@kalla/ui';

/** A decimal text without its sign. */
export function absolute(value: string): string {
  return value.replace(/^-/, '');
}

/** True where `a` is larger than `b`; both are decimal texts. */
export function isLarger(a: string, b: string): boolean {
  return /^[^-]*[1-9]/.test(subtractDecimals(a, b) ?? '-');
}

/**
 * How long a bar is, in thousandths of the longest. Only a length on the screen leaves the exact digits, never an amount.
 *
 * @example thousandths('-25.00', '100.0') === 250
 */
export function thousandths(value: string, longest: string): number {
  const digits = (text: string) => absolute(text).split('.') as [string, string?];
  const [[a, fractionA = ''], [b, fractionB = '']] = [digits(value), digits(longest)];
  const scale = Math.max(fractionA.length, fractionB.length);
  const whole = BigInt(b + fractionB.padEnd(scale, '0'));
  if (whole === 0n) return 0;
  const length = (BigInt(a + fractionA.padEnd(scale, '0')) * 1000n) / whole;
  return Math.min(1000, parseInt(length.toString(), 10));
}
