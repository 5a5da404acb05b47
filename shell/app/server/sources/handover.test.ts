import { request } from 'node:http';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeOnBoth } from '../../../testing/databases.ts';
import { startWorker, workerIsBuilt } from '../../../testing/real-worker.ts';
import { readEvents, startTestShell, type TestShell } from '../../../testing/running-shell.ts';
import { handovers } from '../db/schema.server.ts';
import { operations } from '../openapi/operations.server.ts';
import { insertHandover, newestHandover, revokeHandover, useHandover } from './handover-repository.server.ts';

const SECRET = 'p4ss-of-the-colleague';
const stranger = { host: 'db.example', database: 'books', user: 'ada' };
const filled = { ...stranger, password: SECRET };

describe.skipIf(!workerIsBuilt)('handing a source over', () => {
  let shell: TestShell;
  let worker: Awaited<ReturnType<typeof startWorker>>;
  beforeAll(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'kalla-handover-'));
    worker = await startWorker(dataDir);
    shell = await startTestShell({ ...worker.env, KALLA_DATA_DIR: dataDir });
  }, 120_000);
  afterAll(async () => {
    await shell?.end();
    await worker?.stop();
  });
  beforeEach(async () => {
    for (const { alias } of (await shell.call('GET', '/api/sources')).body.sources)
      await shell.call('DELETE', `/api/sources/${alias}`);
    await shell.services.db.delete(handovers);
    await shell.call('POST', '/api/sources', {
      alias: 'ledger',
      type: 'postgres',
      config: { host: 'old.example', database: 'books', user: 'u', password: 'old-p4ss' },
      table: 'public.invoices',
      primary_key: ['id'],
    });
  }, 60_000);

  const handOver = async (alias = 'ledger', body: object = {}) => {
    const answer = await shell.call('POST', `/api/sources/${alias}/handover`, body);
    expect(answer.status).toBe(201);
    return { ...answer.body, token: new URL(answer.body.url).hash.slice(1) } as Record<string, string>;
  };
  const open = (token: unknown) => shell.call('POST', '/api/handover', { token });
  const save = (token: unknown, config: object = filled) => shell.call('POST', '/api/handover/save', { token, config });
  const state = async (alias = 'ledger') => (await shell.call('GET', `/api/sources/${alias}/handover`)).body;
  const ledger = async () => (await shell.call('GET', '/api/sources/ledger')).body;
  const expire = () => shell.services.db.update(handovers).set({ expiresAt: new Date(Date.now() - 1000) });

  it('shows one form, saves it once, and tells who asked', async () => {
    expect(await state()).toEqual({ state: 'none', created_at: null, expires_at: null, done_at: null });
    const link = await handOver();
    expect(link.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/handover#[\w-]{16}\.[\w-]{43}$/);
    const hours = (Date.parse(link.expires_at!) - Date.now()) / 3_600_000;
    expect(Math.round(hours)).toBe(24);
    expect(await state()).toMatchObject({ state: 'pending', expires_at: link.expires_at, done_at: null });

    const form = await open(link.token);
    expect(form.status).toBe(200);
    expect(form.headers.get('cache-control')).toBe('no-store');
    expect(Object.keys(form.body).sort()).toEqual(['alias', 'config', 'connector', 'expires_at', 'secrets_set']);
    expect(form.body).toMatchObject({ alias: 'ledger', connector: { type: 'postgres' }, secrets_set: ['password'] });
    expect(JSON.stringify(form.body)).not.toContain('old-p4ss');

    const saved = await save(link.token);
    expect([saved.status, saved.body.alias]).toEqual([200, 'ledger']);
    expect(await ledger()).toMatchObject({
      config: { host: 'db.example', user: 'ada' },
      secrets_set: ['password'],
      table: 'public.invoices',
      primary_key: ['id'],
    });
    expect(await state()).toMatchObject({ state: 'done', done_at: saved.body.done_at });
    const seen = [saved.body, await ledger(), await state(), (await shell.call('GET', '/api/sources')).body];
    expect(JSON.stringify(seen)).not.toContain(SECRET);
  });

  it('is asked for without a body too, as with curl -X POST', async () => {
    for (const headers of [{}, { 'content-length': '0' }]) {
      const status = await new Promise((resolve, reject) => {
        request(`${shell.address}/api/sources/ledger/handover`, { method: 'POST', headers }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        })
          .once('error', reject)
          .end();
      });
      expect([headers, status]).toEqual([headers, 201]);
    }
    const text = await fetch(`${shell.address}/api/sources/ledger/handover`, { method: 'POST', body: '{}' });
    expect(text.status).toBe(415);
  });

  it('makes a source that did not exist from what is filled in', async () => {
    expect((await shell.call('POST', '/api/sources/fresh/handover', {})).status).toBe(404);
    expect((await shell.call('POST', '/api/sources/fresh/handover', { type: 'nope' })).status).toBe(422);
    expect((await shell.call('POST', '/api/sources/Not%20So/handover', { type: 'postgres' })).status).toBe(422);
    expect((await shell.call('POST', '/api/sources/ledger/handover', { type: 'postgres' })).status).toBe(409);
    const link = await handOver('fresh', { type: 'postgres' });
    expect((await open(link.token)).body).toMatchObject({ alias: 'fresh', config: {}, secrets_set: [] });
    expect((await shell.call('GET', '/api/sources/fresh')).status).toBe(404);
    expect((await save(link.token)).status).toBe(200);
    expect((await shell.call('GET', '/api/sources/fresh')).body).toMatchObject({
      config: { host: 'db.example' },
      secrets_set: ['password'],
      table: null,
      primary_key: null,
    });
    expect(await state('fresh')).toMatchObject({ state: 'done' });
    await shell.call('DELETE', '/api/sources/fresh');
    expect(await state('fresh')).toMatchObject({ state: 'none' });

    const late = await handOver('fresh', { type: 'postgres' });
    await shell.call('POST', '/api/sources', { alias: 'fresh', type: 'postgres', config: stranger });
    const refused = await save(late.token);
    expect([refused.status, refused.body.detail]).toEqual([
      409,
      expect.stringContaining('another source named "fresh"'),
    ]);
    expect((await shell.call('GET', '/api/sources/fresh')).body.secrets_set).toEqual([]);
  });

  it('refuses a link that was used, has expired, was taken back, replaced or tampered with, and changes nothing', async () => {
    const before = await ledger();
    const refusals: [string, number, RegExp, () => Promise<unknown>][] = [];
    const taken = await handOver();
    expect((await shell.call('DELETE', '/api/sources/ledger/handover')).status).toBe(204);
    expect(await state()).toMatchObject({ state: 'revoked' });
    refusals.push([taken.token!, 410, /taken back/, async () => {}]);
    const replaced = await handOver();
    const good = await handOver();
    refusals.push([replaced.token!, 410, /taken back/, async () => {}]);
    const [id, secret] = good.token!.split('.');
    for (const wrong of ['x', '.', `${id}.`, `${id}.${secret}x`, `${id}.${'A'.repeat(43)}`, `nobody.${secret}`, '💥'])
      refusals.push([wrong, 404, /not complete, or it was never made here/, async () => {}]);
    refusals.push([good.token!, 410, /has expired/, async () => void (await expire())]);
    for (const [token, status, sentence, prepare] of refusals) {
      await prepare();
      const calls = [
        await open(token),
        await save(token),
        await shell.call('POST', '/api/handover/check', { token, config: filled }),
      ];
      for (const answer of calls)
        expect([token, answer.status, answer.body.detail]).toEqual([token, status, expect.stringMatching(sentence)]);
    }
    expect(await state()).toMatchObject({ state: 'expired' });
    expect(await ledger()).toEqual(before);
    const none = await shell.call('DELETE', '/api/sources/ledger/handover');
    expect([none.status, none.body.detail]).toEqual([404, expect.stringContaining('no link')]);
    for (const token of [undefined, 5, '', 'x'.repeat(300)]) expect((await open(token)).status).toBe(422);
  });

  it('lets the first of two save, tells the second, and cannot be taken back then', async () => {
    const { token } = await handOver();
    const two = await Promise.all([save(token), save(token, { ...filled, user: 'bob' })]);
    expect(two.map((one) => one.status).sort()).toEqual([200, 409]);
    const [second, first] = two[0].status === 409 ? [two[0], 'bob'] : [two[1], 'ada'];
    expect(second.body.detail).toMatch(/has been used.*works once.*Nothing was changed now/);
    expect((await ledger()).config.user).toBe(first);
    expect((await open(token)).status).toBe(409);
    const late = await shell.call('DELETE', '/api/sources/ledger/handover');
    expect([late.status, late.body.detail]).toEqual([409, expect.stringContaining('has been used')]);
  });

  it('ends with its source, and does not open another one of the same name', async () => {
    const { token } = await handOver();
    await shell.call('DELETE', '/api/sources/ledger');
    for (const answer of [await open(token), await save(token)])
      expect([answer.status, answer.body.detail]).toEqual([410, expect.stringContaining('has been deleted')]);
    await shell.call('POST', '/api/sources', { alias: 'ledger', type: 'postgres', config: stranger });
    expect((await save(token)).status).toBe(410);
    expect(await state()).toMatchObject({ state: 'none' });
    expect((await ledger()).secrets_set).toEqual([]);
  });

  it('keeps working after settings that are refused, and sends no stored secret to another server', async () => {
    const { token } = await handOver();
    const bad = await save(token, { ...filled, port: 'x' });
    expect(bad.status).toBe(422);
    for (const call of ['save', 'check']) {
      const moved = await shell.call('POST', `/api/handover/${call}`, { token, config: stranger });
      expect([moved.status, moved.body.errors?.[0]?.field]).toEqual([422, 'config.password']);
    }
    expect(await state()).toMatchObject({ state: 'pending' });
    expect((await save(token)).status).toBe(200);
    // Nor does who asked get it by leading the source to a server of their own.
    const moved = await shell.call('PATCH', '/api/sources/ledger', { config: { ...stranger, host: 'mine.example' } });
    expect([moved.status, moved.body.errors?.[0]?.field]).toEqual([422, 'config.password']);
  });

  it('checks what is filled in, step by step, and says nothing of the secret', { timeout: 60_000 }, async () => {
    const { token } = await handOver();
    const response = await fetch(`${shell.address}/api/handover/check`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, config: { ...filled, host: '127.0.0.1', port: 9 } }),
    });
    const steps = (await readEvents(response)).map(({ data }) => data);
    expect(steps).toMatchObject([{ step: 'reach', ok: false }]);
    expect(JSON.stringify(steps)).not.toContain(SECRET);
    expect(await state()).toMatchObject({ state: 'pending' });
  });

  it('is stored as a hash, and opens nothing else', { timeout: 60_000 }, async () => {
    const { token } = await handOver();
    const [row] = await shell.services.db.select().from(handovers).where(eq(handovers.alias, 'ledger'));
    expect(JSON.stringify(row)).not.toContain(token!.split('.')[1]);
    expect(row!.tokenHash).toMatch(/^[0-9a-f]{64}$/);
    const reads = operations.filter(({ method, path }) => method === 'get' && !path.includes('docs'));
    expect(reads.length).toBeGreaterThan(15);
    for (const { path } of reads) {
      const address = path.replace(/\{\w+\}/g, 'ledger');
      const without = await shell.call('GET', address);
      const withToken = await shell.call('GET', `${address}?token=${token}`, undefined, {
        authorization: `Bearer ${token}`,
        cookie: `token=${token}`,
      });
      // `/healthz` and the like may tell the time.
      expect([path, withToken.status]).toEqual([path, without.status]);
      if (path !== '/healthz') expect([path, withToken.body]).toEqual([path, without.body]);
    }
    for (const path of ['progress', 'complete', 'error']) {
      const answer = await shell.call(
        'POST',
        `/api/worker/${path}`,
        { run_id: 'none' },
        { authorization: `Bearer ${token}` },
      );
      expect(answer.status).toBeGreaterThanOrEqual(400);
    }
  });
});

describeOnBoth('links in the database', (db) => {
  const row = (handoverId: string, change: Partial<typeof handovers.$inferSelect> = {}) => ({
    handoverId,
    tokenHash: 'h',
    alias: 'books',
    type: 'postgres',
    source: null,
    makesSource: true,
    createdAt: new Date(),
    expiresAt: new Date(Date.now() + 60_000),
    doneAt: null,
    revokedAt: null,
    ...change,
  });

  it('are used by one of many, and only while they work', async () => {
    await insertHandover(db(), row('one'));
    const tries = await Promise.all(Array.from({ length: 8 }, () => useHandover(db(), 'one', new Date())));
    expect(tries.filter(Boolean)).toHaveLength(1);
    expect(await revokeHandover(db(), 'books', new Date())).toBe(false);

    await insertHandover(db(), row('two', { createdAt: new Date(Date.now() + 1) }));
    await insertHandover(db(), row('three', { createdAt: new Date(Date.now() + 2) }));
    expect(await useHandover(db(), 'two', new Date())).toBe(false);
    expect(await newestHandover(db(), 'books')).toMatchObject({ handoverId: 'three' });
    expect(await useHandover(db(), 'three', new Date(Date.now() + 120_000))).toBe(false);
    expect(await revokeHandover(db(), 'books', new Date())).toBe(true);
    expect(await useHandover(db(), 'three', new Date())).toBe(false);
  });
});
