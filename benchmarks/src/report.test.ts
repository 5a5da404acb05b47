import { describe, expect, it } from 'vitest';
import { duration } from './markdown.ts';
import { renderReport } from './report.ts';
import { isBehind } from './report-suggestions.ts';
import type { Measurement, ScenarioResult, SuggestionResult } from './result.ts';
import type { Scenario } from './scenario.ts';
import { verdictOf } from './verdict.ts';

const scenario = (name: string, limits: Scenario['limits']): Scenario => ({
  kind: 'csv',
  name,
  title: 'A title',
  rows: 10,
  seed: 1,
  minutes: 1,
  timeout_s: 1,
  quick: false,
  limits,
});
const measurement = (ratio: number, rssMb: number): Measurement => ({
  subject: { ms: [1200, 1100, 1300], medianMs: 1200, peakBytes: rssMb * 1e6 },
  limit: { ms: [1000, 1000, 1000], medianMs: 1000, peakBytes: 1e6 },
  ratio,
  checked: 'row count',
  notes: [],
});
const result = (name: string, found: Measurement | null, error: string | null = null): ScenarioResult => ({
  name,
  commit: 'abc1234',
  runs: 5,
  finishedAt: '2026-11-24T12:00:00Z',
  measurement: found,
  error,
});

describe('verdictOf', () => {
  it('keeps a promise that is just met', () => {
    expect(verdictOf({ ratio: 1.25, rss_mb: 500 }, measurement(1.25, 500)).kept).toBe(true);
  });
  it('breaks it where one of two is exceeded', () => {
    expect(verdictOf({ ratio: 1.25, rss_mb: 500 }, measurement(1.1, 501))).toEqual({
      kept: false,
      sentences: ['ratio 1.10 ≤ 1.25', 'RSS MB 501 > 500'],
    });
  });
  it('takes the median for a time, and the worst for a time that must never be exceeded', () => {
    expect(verdictOf({ ms: 1200 }, measurement(1, 1)).kept).toBe(true);
    expect(verdictOf({ max_ms: 1200 }, measurement(1, 1)).kept).toBe(false);
  });
  it('does not keep what was not measured', () => {
    expect(verdictOf({ ratio: 1.25 }, { ...measurement(1, 1), ratio: null }).kept).toBe(false);
  });
  it('says nothing where nothing is promised', () => {
    expect(verdictOf({}, measurement(9, 9))).toEqual({ kept: null, sentences: [] });
  });
});

describe('renderReport', () => {
  const input = {
    date: '2026-11-24',
    environment: { processor: 'A | B' },
    quick: false,
    entries: [
      { scenario: scenario('good', { ratio: 1.25 }), result: result('good', measurement(1.2, 300)) },
      { scenario: scenario('bad', { ratio: 1.1 }), result: result('bad', measurement(1.2, 300)) },
      { scenario: scenario('broken', {}), result: result('broken', null, 'psql is needed.\nInstall it.') },
    ],
  };
  const report = renderReport(input);

  it('has a row with a verdict for each measurement', () => {
    expect(report).toContain(
      '| good | 1.20 s (1.10 s–1.30 s) | 1.00 s (1.00 s–1.00 s) | 1.20× | 300 MB | 1 MB | ratio 1.20 ≤ 1.25 | pass |',
    );
    expect(report).toMatch(/\| bad \|.*\| \*\*over\*\* \|/);
  });
  it('names what failed, and why, outside of the table', () => {
    expect(report).toContain('- **broken**: psql is needed.\n  Install it.');
    expect(report).not.toContain('| broken |');
  });
  it('keeps a cell in its column', () => expect(report).toContain('| processor | A \\| B |'));
  it('says when it proves nothing', () => {
    expect(report).not.toContain('prove nothing');
    expect(renderReport({ ...input, quick: true })).toContain('prove nothing');
  });
});

describe('the part about proposals', () => {
  const base: SuggestionResult = {
    kind: 'formatting',
    noise: 'usual',
    rows: { left: 1000, right: 990 },
    ms: 812,
    proposals: 2,
    score: 0.97,
    rule: 'a | b = c',
    precision: 0.99999,
    recall: 0.9,
    ambiguous: { left: 0, right: 3 },
    expert: { precision: 1, recall: 0.91 },
    examples: ['matched, but do not belong together: row 1 | x ↔ row 2 | y'],
    error: null,
  };
  const none = { proposals: 0, score: null, rule: null, precision: null, recall: null, ambiguous: null, examples: [] };
  const withSuggestions = (suggestions: SuggestionResult[], error: string | null = null) =>
    renderReport({
      date: '2026-11-24',
      environment: {},
      quick: false,
      entries: [{ scenario: scenario('s', {}), result: result('s', { ...measurement(1, 1), suggestions }, error) }],
    });

  it('has a row for each pair of files; only all of them is 1.0000', () => {
    expect(withSuggestions([base])).toContain(
      '| formatting | usual | 1000 × 990 | 812 ms | 0.97 | 0.9999 | 0.9000 | 1.0000 | 0.9100 | 0 / 3 |',
    );
    expect(withSuggestions([{ ...base, ...none }])).toMatch(/\| 812 ms \| no proposal \| – \| – \| 1\.0000/);
  });
  it('shows rule and examples where an expert does better, and only there', () => {
    expect(withSuggestions([base])).not.toContain('do not belong together');
    const behind = withSuggestions([
      { ...base, recall: 0.5 },
      { ...base, ...none, kind: 'renamed' },
    ]);
    expect(behind).toContain('- **formatting, usual, 1000 rows**: ``a | b = c``');
    expect(behind).toContain('  - matched, but do not belong together: ``row 1 | x ↔ row 2 | y``');
    expect(behind).toContain('- **renamed, usual, 1000 rows**: no proposal');
  });
  it('blames a confident proposal for files without anything in common, and no doubtful one', () => {
    const unrelated = { ...base, kind: 'unrelated', expert: null } as const;
    expect(isBehind({ ...unrelated, score: 0.7 })).toBe(true);
    expect(isBehind({ ...unrelated, score: 0.2 })).toBe(false);
    expect(isBehind({ ...unrelated, ...none })).toBe(false);
  });
  it('says what went wrong and shows the figures all the same', () => {
    const report = withSuggestions([base], 'renamed, rough: it broke');
    expect(report).toContain('- **s**: renamed, rough: it broke');
    expect(report).toContain('| formatting | usual |');
  });
});

describe('duration', () => {
  it.each([
    [3.21, '3.2 ms'],
    [99.6, '100 ms'],
    [1250, '1.25 s'],
  ])('%d ms is %s', (ms, text) => expect(duration(ms)).toBe(text));
});
