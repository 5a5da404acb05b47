/** Stops of the tolerance slider, as exact text: a slider over cents up to thousands would be useless at both ends. */
export const absoluteSteps = [
  '0', '0.01', '0.02', '0.05', '0.10', '0.25', '0.50', '1', '2', '5', '10', '15', '20', '25', '50', '100', '250', '500', '1000',
] as const; // prettier-ignore
export const percentSteps = ['0', '0.1', '0.25', '0.5', '1', '1.5', '2', '2.5', '3', '4', '5', '7.5', '10', '15', '20', '25'] as const; // prettier-ignore

/** Compares two non-negative decimal texts: below 0, 0, above 0. */
export function compareDecimals(a: string, b: string): number {
  const [wholeA = '', fractionA = ''] = a.split('.');
  const [wholeB = '', fractionB = ''] = b.split('.');
  const scale = Math.max(fractionA.length, fractionB.length);
  const difference = BigInt(wholeA + fractionA.padEnd(scale, '0')) - BigInt(wholeB + fractionB.padEnd(scale, '0'));
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The stop that a value stands at: the largest that is not above it. */
export function stepOf(steps: readonly string[], value: string): number {
  let found = 0;
  for (const [index, step] of steps.entries()) if (compareDecimals(step, value) <= 0) found = index;
  return found;
}
