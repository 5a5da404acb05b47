import type { Environment } from './environment.ts';
import { duration, table } from './markdown.ts';
import { suggestionLines } from './report-suggestions.ts';
import type { Measurement, ScenarioResult } from './result.ts';
import type { Scenario } from './scenario.ts';
import { range } from './statistics.ts';
import { verdictOf } from './verdict.ts';

export interface ReportInput {
  /** ISO date and time. */
  date: string;
  environment: Environment;
  entries: { scenario: Scenario; result: ScenarioResult }[];
  /** True for `--quick`: too few measurements to prove anything. */
  quick: boolean;
}

/** Renders a report as Markdown. Times are medians, with the smallest and largest in brackets. */
export function renderReport(input: ReportInput): string {
  const measured = input.entries.filter(({ result }) => result.measurement);
  const failed = input.entries.filter(({ result }) => result.error !== null);
  const runs = [...new Set(input.entries.map(({ result }) => result.runs))].join(' or ');
  const lines = [
    '# Benchmarks',
    '',
    `${input.date}. ${runs} measurements of each, subject and limit in turn, each in a fresh process.`,
    ...(input.quick ? ['', '**Quick run: too few measurements and no warm-up; these figures prove nothing.**'] : []),
    '',
    table(
      ['scenario', 'Kalla', 'limit', 'ratio', 'peak RSS', 'of the limit', 'promise', 'verdict'],
      measured.map(({ scenario, result }) => row(scenario, result.measurement as Measurement)),
    ),
    '',
    'The limit is the same work done as fast as we know how, measured in the same run; the ratio is the median of the ratios',
    'of neighbouring measurements. RSS is the highest sum over the process tree (MB = 1,000,000 bytes). A promise is made for',
    'certain sizes only. What the limits are is written in [the README](../README.md).',
  ];
  if (failed.length > 0) {
    lines.push('', '## Failed', '');
    for (const { result } of failed)
      lines.push(`- **${result.name}**: ${(result.error ?? '').trim().split('\n').join('\n  ')}`);
  }
  const suggestions = measured.flatMap(({ result }) => result.measurement?.suggestions ?? []);
  if (suggestions.length > 0) lines.push('', ...suggestionLines(suggestions));
  lines.push('', '## What was checked', '');
  for (const { scenario, result } of measured) {
    const { checked, notes } = result.measurement as Measurement;
    lines.push(`- **${scenario.name}** (${scenario.title}): ${[checked, ...notes].join('; ')}.`.replace(/\.\.$/, '.'));
  }
  const commits = [...new Set(input.entries.map(({ result }) => result.commit))];
  if (commits.length > 1) lines.push('', `The results are of different commits: ${commits.join(', ')}.`);
  lines.push('', '## Machine', '', table(['', ''], Object.entries(input.environment)), '');
  return lines.join('\n');
}

function row(scenario: Scenario, measurement: Measurement): string[] {
  const { subject, limit, ratio } = measurement;
  const verdict = verdictOf(scenario.limits, measurement);
  return [
    scenario.name,
    time(subject.ms, subject.medianMs),
    limit ? time(limit.ms, limit.medianMs) : '–',
    ratio === null ? '–' : `${ratio.toFixed(2)}×`,
    memory(subject.peakBytes),
    memory(limit?.peakBytes ?? null),
    verdict.sentences.join('<br>') || '–',
    verdict.kept === null ? '–' : verdict.kept ? 'pass' : '**over**',
  ];
}

function memory(bytes: number | null): string {
  return bytes === null ? '–' : `${(bytes / 1e6).toFixed(0)} MB`;
}

function time(ms: readonly number[], medianMs: number): string {
  const [low, high] = range(ms);
  return `${duration(medianMs)} (${duration(low)}–${duration(high)})`;
}
