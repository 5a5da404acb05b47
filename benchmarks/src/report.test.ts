import { describe, expect, it } from 'vitest';
import { duration, renderReport } from './report.ts';
import type { Measurement, ScenarioResult } from './result.ts';
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

describe('duration', () => {
  it.each([
    [3.21, '3.2 ms'],
    [99.6, '100 ms'],
    [1250, '1.25 s'],
  ])('%d ms is %s', (ms, text) => expect(duration(ms)).toBe(text));
});
