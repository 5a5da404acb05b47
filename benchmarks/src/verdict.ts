import type { Measurement } from './result.ts';
import type { Scenario } from './scenario.ts';

/** Whether each promise of a scenario was kept. */
export interface Verdict {
  /** `ratio 1.12 ≤ 1.25`, one for each promise. */
  sentences: string[];
  /** Null where nothing is promised for this size. */
  kept: boolean | null;
}

/** Compares what was measured with the limits of the scenario. */
export function verdictOf(limits: Scenario['limits'], measurement: Measurement): Verdict {
  const { subject, ratio } = measurement;
  const promises: [string, number | null, number | undefined][] = [
    ['ratio', ratio, limits.ratio],
    ['RSS MB', subject.peakBytes === null ? null : subject.peakBytes / 1e6, limits.rss_mb],
    ['max ms', Math.max(...subject.ms), limits.max_ms],
    ['ms', subject.medianMs, limits.ms],
  ];
  const sentences: string[] = [];
  let kept: boolean | null = null;
  for (const [name, found, allowed] of promises) {
    if (allowed === undefined) continue;
    // A promise about something that was not measured is not kept.
    const holds = found !== null && found <= allowed;
    kept = (kept ?? true) && holds;
    const shown = found === null ? 'not measured' : name === 'ratio' ? found.toFixed(2) : found.toFixed(0);
    sentences.push(`${name} ${shown} ${holds ? '≤' : '>'} ${allowed}`);
  }
  return { sentences, kept };
}
