import type { Measured } from './measure.ts';
import { median, pairwiseRatio } from './statistics.ts';

/** A series of measurements of one thing. */
export interface Series {
  /** Milliseconds, in the order in which they were measured. */
  ms: number[];
  medianMs: number;
  /** Highest of all, in bytes; null where memory was not watched. */
  peakBytes: number | null;
}

export interface Pairs {
  subject: Series;
  limit: Series;
  /** Median of the ratios of the pairs. */
  ratio: number;
}

/** Sums up single measurements. */
export function seriesOf(measured: readonly Measured[]): Series {
  const ms = measured.map((one) => one.ms);
  const peaks = measured.map((one) => one.peakBytes).filter((peak) => peak !== null);
  return { ms, medianMs: median(ms), peakBytes: peaks.length > 0 ? Math.max(...peaks) : null };
}

/**
 * Measures subject and limit in turn, `runs` times each; which of the two goes first changes each time, so that neither
 * always finds the warmer machine. A first pair that is not counted brings files into the cache of the system.
 *
 * @param check Called after each measurement that counts, outside of its time; throws where the result is wrong.
 */
export async function measurePairs(options: {
  runs: number;
  warmUp: boolean;
  subject(): Promise<Measured>;
  limit(): Promise<Measured>;
  check(of: 'subject' | 'limit', measured: Measured): Promise<void>;
}): Promise<Pairs> {
  const found: Record<'subject' | 'limit', Measured[]> = { subject: [], limit: [] };
  for (let round = options.warmUp ? -1 : 0; round < options.runs; round++) {
    const order = round % 2 === 0 ? (['subject', 'limit'] as const) : (['limit', 'subject'] as const);
    for (const of of order) {
      const measured = await options[of]();
      if (round < 0) continue;
      await options.check(of, measured);
      found[of].push(measured);
    }
  }
  const [subject, limit] = [seriesOf(found.subject), seriesOf(found.limit)];
  return { subject, limit, ratio: pairwiseRatio(subject.ms, limit.ms) };
}
