import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecipeCounts, Suggestions } from '@kalla/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../test-support/until.ts';
import { startTestWorker, type TestWorker } from '../test-support/worker-process.ts';

describe('suggestions of a worker', { timeout: 120_000 }, () => {
  let worker: TestWorker;
  beforeAll(async () => {
    worker = await startTestWorker();
    const rows = Array.from({ length: 300 }, (_, i) => ({ ref: `A-${1000 + 7 * i}`, amount: `${(i * 37) % 900}.25` }));
    const csv = (header: string, list: typeof rows) =>
      [header, ...list.map((row) => `${row.ref},${row.amount}`)].join('\n');
    await writeFile(join(worker.folder, 'files', 'Ledger Jänner.csv'), csv('ref,amount', rows));
    await writeFile(join(worker.folder, 'files', 'bank.csv'), csv('reference,paid', rows.slice(20)));
  }, 60_000);
  afterAll(() => worker.stop());

  const source = (name: string) => ({
    uri: `file://${worker.folder}/files/${encodeURIComponent(name)}`,
    filename: name,
    sha256: name,
  });
  const sides = () => ({ left: { source: source('Ledger Jänner.csv') }, right: { source: source('bank.csv') } });
  const staged = async () => {
    const [life] = (await readdir(join(worker.folder, 'staging', 'worker'))).filter((name) => name.startsWith('life-'));
    const tasks = await readdir(join(worker.folder, 'staging', 'worker', life!));
    const folders = await Promise.all(
      tasks.map((task) => readdir(join(worker.folder, 'staging', 'worker', life!, task, 'sides')).catch(() => [])),
    );
    return folders.flat().length;
  };

  it('proposes a recipe and counts a changed one without staging again', async () => {
    const answer = await worker.post('/suggestions', sides());
    expect(answer.status).toBe(200);
    const found = (await answer.json()) as Suggestions;
    const { recipe, counts, ambiguous, rule } = found.proposals[0]!;
    expect(counts).toMatchObject({ left: 300, right: 280, matched: 280 });
    expect([recipe.sources.left.alias, recipe.sources.right.alias]).toEqual(['ledger_janner', 'bank']);
    expect(await staged()).toBe(2);
    const request = {
      match_sql: recipe.match_sql,
      rule,
      sources: [
        { ...source('Ledger Jänner.csv'), alias: 'ledger_janner' },
        { ...source('bank.csv'), alias: 'bank' },
      ],
      primary_keys: { ledger_janner: recipe.sources.left.primary_key, bank: recipe.sources.right.primary_key },
    };
    const counted = (await (await worker.post('/recipes/counts', request)).json()) as RecipeCounts;
    expect(counted).toEqual({ counts, ambiguous, sampled: false });
    expect(await staged()).toBe(2);

    // SQL of one's own is run as it stands, and says nothing of ambiguity.
    const own = { ...request, match_sql: `${recipe.match_sql}\nLIMIT 5` };
    const limited = (await (await worker.post('/recipes/counts', own)).json()) as RecipeCounts;
    expect(limited).toMatchObject({ counts: { matched: 5, unmatched_left: 295 }, ambiguous: null });
    const hostile = { ...request, match_sql: "SELECT * FROM read_csv('/etc/passwd')" };
    const refused = await worker.post('/recipes/counts', hostile);
    expect([refused.status, ((await refused.json()) as { detail: string }).detail]).toEqual([
      422,
      expect.stringContaining('read_csv'),
    ]);
    const swapped = (await (
      await worker.post('/suggestions', { left: sides().right, right: sides().left })
    ).json()) as Suggestions;
    expect(swapped.proposals[0]!.counts).toMatchObject({ left: 280, right: 300, matched: 280 });
  });

  it('says that both sides are the same file, and gives them two names', async () => {
    const { left } = sides();
    const found = (await (await worker.post('/suggestions', { left, right: left })).json()) as Suggestions;
    expect(found.notes[0]!.message).toContain('the same file');
    expect([found.left.alias, found.right.alias]).toEqual(['ledger_janner', 'ledger_janner_2']);
    expect(found.proposals[0]!.counts).toMatchObject({ matched: 300, unmatched_left: 0 });
  });

  it('goes on after a client that hung up', async () => {
    const rows = Array.from({ length: 200_000 }, (_, i) => `B${i * 3},${i % 1000}.10`);
    await writeFile(join(worker.folder, 'files', 'large.csv'), ['a,b', ...rows].join('\n'));
    const large = { left: { source: source('large.csv') }, right: { source: source('large.csv') } };
    const hangUp = new AbortController();
    const given = fetch(`${worker.url}/suggestions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(large),
      signal: hangUp.signal,
    });
    setTimeout(() => hangUp.abort(), 300);
    await expect(given).rejects.toThrow();
    const answer = await worker.post('/suggestions', sides());
    expect(((await answer.json()) as Suggestions).proposals[0]!.counts.matched).toBe(280);
    await until(async () => (await worker.get('/healthz')).ok, 5_000);
  });

  it('does not break off for one client what another gave up', async () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => `B${i * 3},${i % 1000}.10`);
    await writeFile(join(worker.folder, 'files', 'shared.csv'), ['a,b', ...rows].join('\n'));
    const ask = (round: number, signal?: AbortSignal) => {
      // A file that has not been looked at: it is staged for the first who asks.
      const file = { ...source('shared.csv'), sha256: `round ${round}` };
      return fetch(`${worker.url}/recipes/counts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          match_sql: 'SELECT l.*, r.* FROM shared l JOIN bank r ON l.a = r.reference',
          sources: [
            { ...file, alias: 'shared' },
            { ...source('bank.csv'), alias: 'bank' },
          ],
          primary_keys: { shared: ['a'], bank: ['reference'] },
        }),
        ...(signal ? { signal } : {}),
      });
    };
    for (let round = 0; round < 8; round++) {
      const hangUp = new AbortController();
      const given = ask(round, hangUp.signal).catch(() => 'gone');
      const kept = ask(round);
      setTimeout(() => hangUp.abort(), 20 + 20 * round);
      await given;
      const answer = await kept;
      const text = await answer.text();
      expect(text).toContain('"left":100000');
    }
    expect(worker.output()).not.toContain('the workbench was lost');
  });

  it('does again what broke off because of another, and says so of what breaks off by itself', async () => {
    const ask = (left: object) =>
      worker.post('/recipes/counts', {
        match_sql: 'SELECT l.*, r.* FROM one l JOIN bank r ON l.ref = r.reference',
        sources: [
          { ...left, alias: 'one' },
          { ...source('bank.csv'), alias: 'bank' },
        ],
        primary_keys: { one: ['ref'], bank: ['reference'] },
      });
    const [bad, ...good] = await Promise.all([
      ask({ uri: 'probe://exit' }),
      ask({ ...source('Ledger Jänner.csv'), sha256: 'again 1' }),
      ask({ ...source('Ledger Jänner.csv'), sha256: 'again 2' }),
    ]);
    expect([bad.status, await bad.text()]).toEqual([500, expect.stringContaining('worker-lost')]);
    for (const answer of good) expect(await answer.text()).toContain('"matched":280');
    expect(worker.output()).toContain('the workbench was lost');
  });
});
