/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('There is no median of nothing.');
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
}

/** Smallest and largest. */
export function range(values: readonly number[]): [low: number, high: number] {
  if (values.length === 0) throw new RangeError('There is no range of nothing.');
  return [Math.min(...values), Math.max(...values)];
}

/**
 * How many times as long the subject took as the limit: the median of the ratios of neighbours in time. A machine that
 * slows down in the middle of a series slows both of a pair, so that the ratio stays what it is.
 */
export function pairwiseRatio(subject: readonly number[], limit: readonly number[]): number {
  if (subject.length !== limit.length) throw new RangeError('A ratio by pairs needs as many limits as subjects.');
  return median(subject.map((value, index) => value / (limit[index] as number)));
}
