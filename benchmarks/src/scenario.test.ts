import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readScenario, readScenarios, selectScenarios } from './scenario.ts';

describe('the scenarios of this repository', async () => {
  const all = await readScenarios();

  it('are those that the project promises', () => {
    expect(all.map((scenario) => scenario.name)).toEqual([
      ...['csv_10k', 'csv_100k', 'csv_1m', 'csv_10m', 'profile_1m', 'profile_10m'],
      ...['postgres_10k', 'postgres_100k', 'postgres_1m', 'postgres_5m'],
      ...['bigquery_100k', 'bigquery_1m', 'bigquery_2m'],
      ...['elasticsearch_10k', 'elasticsearch_100k', 'elasticsearch_1m', 'elasticsearch_2m'],
      ...['match_10k', 'match_100k', 'match_1m', 'match_5m', 'api_2000', 'counts_100k', 'panel_ready', 'event_loop'],
      ...['suggest_1k', 'suggest_10k', 'suggest_100k', 'suggest_1m'],
    ]);
  });
  it('are as large as their names say', () => {
    const units: Record<string, number> = { k: 1e3, m: 1e6 };
    for (const scenario of all) {
      const [, digits, unit] = /_(\d+)([km])$/.exec(scenario.name) ?? [];
      if (unit) expect(scenario).toMatchObject({ rows: Number(digits) * (units[unit] ?? 0) });
    }
  });
  it('ask for proposals for every kind of pairs at every level of noise, and for a million rows once', () => {
    const asked = all.filter((scenario) => scenario.kind === 'suggest');
    expect(asked.map(({ pairs, noise }) => pairs.length * noise.length)).toEqual([36, 36, 36, 1]);
    expect(asked.map((scenario) => scenario.time_only)).toEqual([false, false, false, true]);
  });
  it('are picked by name, in the order of the report', () => {
    expect(selectScenarios(all, 'match_10k, csv_10k', false).map((one) => one.name)).toEqual(['csv_10k', 'match_10k']);
    expect(selectScenarios(all, 'all', false)).toHaveLength(all.length);
    expect(selectScenarios(all, 'all', true).every((one) => one.quick)).toBe(true);
  });
  it('names the unknown one and those that there are', () => {
    expect(() => selectScenarios(all, 'csv_10k,csv_2', false)).toThrow(/called csv_2\. There are: csv_10k, /);
  });
});

describe('readScenario', () => {
  it('names file and field of a mistake', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kalla-scenario-test-'));
    try {
      const path = join(folder, 'odd.json');
      await writeFile(
        path,
        JSON.stringify({ kind: 'csv', title: 'x', rows: -1, minutes: 1, timeout_s: 1, colour: 'red' }),
      );
      await expect(readScenario(path)).rejects.toThrow(/odd is not valid[^]*colour[^]*rows/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
