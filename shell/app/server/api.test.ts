import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { problem } from '@kalla/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manifest, recipe, runRow, TOKEN } from '../../testing/rows.ts';
import { readEvents, startTestShell, type TestShell } from '../../testing/running-shell.ts';
import { apiRoutes } from '../api-routes.ts';
import { openApiDocument } from './openapi/document.server.ts';
import { insertRecipe } from './recipes/recipe-repository.server.ts';
import { insertRun } from './runs/run-repository.server.ts';
import { superviseOnce } from './runs/run-supervisor.server.ts';

describe('the API without a worker', () => {
  let shell: TestShell;
  beforeAll(async () => {
    shell = await startTestShell({ KALLA_MAX_UPLOAD_BYTES: '100000' });
  });
  afterAll(() => shell.end());

  const bearer = { authorization: `Bearer ${TOKEN}` };
  const newRun = async (runId: string, change = {}) => insertRun(shell.services.db, runRow(runId, change));

  it('answers every error as problem+json with a sentence', async () => {
    const cases: [string, string, unknown, Record<string, string>, number][] = [
      ['GET', '/api/nope', undefined, {}, 404],
      ['POST', '/api', {}, {}, 404],
      ['GET', '/api/runs/none', undefined, {}, 404],
      ['GET', '/api/runs/none/events', undefined, {}, 404],
      ['GET', '/api/uploads/none', undefined, {}, 404],
      ['GET', '/api/sources/none', undefined, {}, 404],
      ['GET', '/api/recipes/none', undefined, {}, 404],
      ['POST', '/api/recipes', '{broken', { 'content-type': 'application/json' }, 400],
      ['POST', '/api/recipes', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
      ['POST', '/api/recipes', { recipe_id: 'A B' }, {}, 422],
      ['POST', '/api/uploads', 'x', { 'content-type': 'text/plain' }, 415],
      ['GET', '/api/runs?limit=x', undefined, {}, 422],
      ['GET', '/api/runs?cursor=x', undefined, {}, 400],
      ['POST', '/api/runs', { recipe_id: 'none' }, {}, 404],
      ['GET', '/api/connectors', undefined, {}, 503],
      ['POST', '/api/worker/progress', { run_id: 'none', stage: 'heartbeat' }, {}, 404],
    ];
    for (const [method, path, body, headers, status] of cases) {
      const answer = await shell.call(method, path, body, headers);
      expect([method, path, answer.status]).toEqual([method, path, status]);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(answer.body).toMatchObject({
        type: expect.stringMatching(/^https:/),
        status,
        detail: expect.stringMatching(/[.]$/),
      });
    }
  });

  it('names the field of each fault', async () => {
    const body = {
      ...recipe(),
      sources: {
        left: { alias: 'a', type: 'file' },
        right: { alias: 'a', type: 'file', schema: ['x'], primary_key: ['x'] },
      },
    };
    const { body: answer } = await shell.call('POST', '/api/recipes', body);
    expect(answer.errors.map((one: { field: string }) => one.field)).toContain('sources.left.schema');
  });

  it('answers a wrong method with 405 and Allow, on every path', async () => {
    const document = openApiDocument() as { paths: Record<string, Record<string, unknown>> };
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        if (operations[method.toLowerCase()]) continue;
        const answer = await shell.call(method, path.replace(/\{\w+\}/g, 'x'));
        expect([method, path, answer.status]).toEqual([method, path, 405]);
        const allow = answer.headers
          .get('allow')
          ?.split(', ')
          .filter((one) => one !== 'HEAD')
          .map((one) => one.toLowerCase());
        expect(allow?.sort()).toEqual(Object.keys(operations).sort());
      }
    }
  });

  it('describes every route in the OpenAPI document, with no reference that leads nowhere', () => {
    const document = openApiDocument() as { paths: object; components: { schemas: object } };
    const described = Object.keys(document.paths).map((path) => path.slice(1).replace(/\{(\w+)\}/g, ':$1'));
    // A package's name with a plain slash is the same operation under another spelling of its path.
    const unlisted = /^api\/\*$|^api\/docs\/:file$|\/:scope\//;
    const routed = apiRoutes.map((entry) => entry.path ?? '').filter((path) => !unlisted.test(path));
    expect(described.sort()).toEqual([...routed].sort());
    const names = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"/]+)/g)].map(
      (match) => match[1],
    );
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) expect(Object.keys(document.components.schemas)).toContain(name);
  });

  it('packs what is sent for those who take it packed, but no stream of events', async () => {
    await newRun('packed');
    const get = (path: string, accepted: string) =>
      new Promise<{ headers: IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
        const headers = { 'accept-encoding': accepted };
        const request = httpRequest(shell.address + path, { headers }, (answer) => {
          const parts: Buffer[] = [];
          answer.on('data', (part: Buffer) => {
            parts.push(part);
            // A stream of events has no end while its run goes on.
            if (path.endsWith('/events')) answer.destroy();
          });
          answer.on('close', () => resolve({ headers: answer.headers, body: Buffer.concat(parts) }));
        });
        request.on('error', reject);
        request.end();
      });
    const plain = await get('/api/openapi.json', 'identity');
    expect(plain.headers).not.toHaveProperty('content-encoding');
    for (const [name, unpack] of [
      ['gzip', gunzipSync],
      ['br', brotliDecompressSync],
    ] as const) {
      const packed = await get('/api/openapi.json', name);
      expect(packed.headers).toMatchObject({
        'content-encoding': name,
        vary: expect.stringMatching(/accept-encoding/i),
      });
      expect(packed.body.length).toBeLessThan(plain.body.length / 3);
      expect(unpack(packed.body).equals(plain.body)).toBe(true);
    }
    const events = await get('/api/runs/packed/events', 'gzip, br');
    expect(events.headers).not.toHaveProperty('content-encoding');
    expect(events.body.toString()).toContain('"packed"');
  });

  it('refuses other sites and names that are not its own, and lets curl through', async () => {
    const { port } = new URL(shell.address);
    const raw = (headers: Record<string, string>, method = 'POST') =>
      new Promise<number | undefined>((resolve, reject) => {
        const request = httpRequest({ port, host: '127.0.0.1', path: '/api/runs', method, headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        request.on('error', reject);
        request.end();
      });
    expect(await raw({ host: 'evil.example' }, 'GET')).toBe(403);
    expect(await raw({ host: 'evil.example', origin: 'http://evil.example' })).toBe(403);
    expect(await raw({ host: `localhost:${port}`, origin: 'http://evil.example' })).toBe(403);
    expect(await raw({ host: `localhost:${port}`, origin: 'null' })).toBe(403);
    expect(await raw({ host: `localhost:${port}`, origin: `http://127.0.0.1:${port}` })).toBe(403);
    expect(await raw({ host: `localhost:${port}`, 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await raw({ host: `localhost:${port}`, origin: `http://localhost:${port}` })).toBe(415);
    expect(await raw({ host: `127.0.0.1:${port}` })).toBe(415);
  });

  it('answers what is no proper request at all with a sentence, not as a fault of its own', async () => {
    const { port } = new URL(shell.address);
    const raw = (method: string, host: string) =>
      new Promise<[number | undefined, string | undefined]>((resolve, reject) => {
        const request = httpRequest(
          { port, host: '127.0.0.1', path: '/api/runs', method, headers: { host } },
          (answer) => {
            answer.resume();
            resolve([answer.statusCode, answer.headers['content-type']]);
          },
        );
        request.on('error', reject);
        request.end();
      });
    const type = expect.stringMatching(/^application\/problem\+json/);
    expect(await raw('GET', 'a b')).toEqual([400, type]);
    expect(await raw('TRACE', `127.0.0.1:${port}`)).toEqual([405, type]);
  });

  it('refuses a NUL wherever it stands, because the database cannot keep it', async () => {
    const named = await shell.call('POST', '/api/recipes', { ...recipe(), name: 'a\0b' });
    expect([named.status, named.body.errors]).toEqual([422, [{ field: 'name', message: 'holds a NUL character' }]]);
    const source = { alias: 'a', type: 'csv', config: { uri: 'file:///a\0.csv' } };
    expect((await shell.call('POST', '/api/sources', source)).body.errors?.[0]).toMatchObject({ field: 'config.uri' });
    for (const path of ['/api/recipes/%00', '/api/runs/a%00b', '/api/uploads/%00/rows', '/api/sources/%00']) {
      expect([path, (await shell.call('GET', path)).status]).toEqual([path, 404]);
    }
    expect((await shell.call('GET', '/api/runs?recipe_id=%00')).status).toBe(422);
  });

  it('shows the API page under a strict policy, with its own files', async () => {
    const page = await shell.call('GET', '/api/docs');
    const nonce = /'nonce-([^']+)'/.exec(page.headers.get('content-security-policy') ?? '')?.[1];
    expect(nonce).toBeTruthy();
    const scripts = [...(page.body as string).matchAll(/<script nonce="([^"]*)"/g)].map((match) => match[1]);
    expect(scripts).toEqual([nonce, nonce]);
    expect((await shell.call('GET', '/api/docs')).headers.get('content-security-policy')).not.toContain(nonce);
    for (const [, path] of (page.body as string).matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect((await shell.call('GET', path!)).status).toBe(200);
    }
    expect((await shell.call('GET', '/api/docs/package.json')).status).toBe(404);
  });

  it('refuses a file that is too large and keeps nothing of a file that cannot be read', async () => {
    const form = (bytes: number) => {
      const data = new FormData();
      data.append('file', new Blob(['x'.repeat(bytes)]), 'big.csv');
      return data;
    };
    const declared = await shell.call('POST', '/api/uploads', form(1_000_000));
    expect([declared.status, declared.body.detail]).toEqual([413, expect.stringContaining('97.7 KiB')]);
    const measured = await shell.call('POST', '/api/uploads', form(150_000));
    expect(measured.status).toBe(413);
    // It is stored before the worker reads it; there is none here.
    expect((await shell.call('POST', '/api/uploads', form(1000))).status).toBe(503);
    expect(filesUnder(join(shell.dataDir, 'objects'))).toEqual([]);
  });

  it('follows a run: the present state first, each change, the end; then nothing more to a browser that has seen it', async () => {
    await newRun('sse');
    const address = `${shell.address}/api/runs/sse/events`;
    const streams = await Promise.all(Array.from({ length: 12 }, () => fetch(address)));
    expect(streams[0]!.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const all = Promise.all(streams.map((stream) => readEvents(stream)));
    const body = { run_id: 'sse', attempt: 1 };
    const callback = async (path: string, more: object) => {
      const answer = await shell.call('POST', `/api/worker/${path}`, { ...body, ...more }, bearer);
      expect(answer.status).toBe(200);
    };
    await callback('progress', { seq: 1, stage: 'staging', source: 'invoices', progress: 0.5 });
    const later = await readEvents(await fetch(address, { headers: { 'last-event-id': '1' } }), 1);
    expect(later[0]!.data).toMatchObject({
      status: 'staging',
      progress: [{ stage: 'staging', source: 'invoices', progress: 0.5 }],
    });
    await callback('complete', { seq: 2, output_path: 'x', manifest: manifest('sse') });
    for (const events of await all) {
      expect(events[0]!.data.status).toBe('queued');
      expect(events.at(-1)!.data).toMatchObject({ status: 'completed', counts: { matched: 2 } });
      const ids = events.map((event) => Number(event.id));
      expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    }
    const last = (await all)[0]!.at(-1)!;
    expect((await fetch(address, { headers: { 'last-event-id': last.id } })).status).toBe(204);
    expect((await readEvents(await fetch(address))).map((event) => event.data.status)).toEqual(['completed']);
    expect(shell.services.events.size).toBe(0);
  });

  it('forgets a watcher who goes away', async () => {
    await newRun('left');
    const abort = new AbortController();
    await fetch(`${shell.address}/api/runs/left/events`, { signal: abort.signal });
    expect(shell.services.events.size).toBe(1);
    abort.abort();
    await expect.poll(() => shell.services.events.size).toBe(0);
  });

  it('fails a run that it cannot hand to a worker, and says so', async () => {
    const { db } = shell.services;
    await insertRecipe(db, {
      ...recipe('by-uri'),
      sources: {
        left: { alias: 'a', type: 'postgres', uri: 'postgres://h/d?table=a', primary_key: ['id'] },
        right: { alias: 'b', type: 'postgres', uri: 'postgres://h/d?table=b', primary_key: ['id'] },
      },
    });
    const started = await shell.call('POST', '/api/runs', { recipe_id: 'by-uri' });
    expect(started.status).toBe(202);
    const { body: run } = await shell.call('GET', `/api/runs/${started.body.run_id}`);
    expect(run).toMatchObject({ status: 'failed', error: { detail: expect.stringContaining('does not answer') } });
    expect((await shell.call('GET', `/api/runs/${run.run_id}/results/matched`)).status).toBe(409);
    expect((await shell.call('DELETE', `/api/runs/${run.run_id}`)).status).toBe(202);
    expect((await shell.call('GET', `/api/runs/${run.run_id}`)).status).toBe(404);
  });

  it('asks for a file, and names an upload that is not there', async () => {
    await insertRecipe(shell.services.db, recipe('files'));
    const missing = await shell.call('POST', '/api/runs', { recipe_id: 'files' });
    expect([missing.status, missing.body.errors[0].field]).toEqual([422, 'files.invoices']);
    const gone = await shell.call('POST', '/api/runs', { recipe_id: 'files', files: { invoices: 'u_gone' } });
    expect([gone.status, gone.body.detail]).toEqual([422, expect.stringContaining('u_gone')]);
    const other = await shell.call('POST', '/api/runs', { recipe_id: 'files', files: { orders: 'u' } });
    expect([other.status, other.body.detail]).toEqual([422, expect.stringContaining('"invoices" and "payments"')]);
  });

  it('cancels a run at once, for good, also when the worker does not hear of it', async () => {
    await newRun('cancel', { status: 'matching' });
    const begun = Date.now();
    expect((await shell.call('DELETE', '/api/runs/cancel')).status).toBe(202);
    expect(Date.now() - begun).toBeLessThan(2_000);
    const late = await shell.call(
      'POST',
      '/api/worker/complete',
      { run_id: 'cancel', attempt: 1, seq: 9, output_path: 'x', manifest: manifest('cancel') },
      bearer,
    );
    expect(late.body).toMatchObject({ accepted: false });
    expect((await shell.call('GET', '/api/runs/cancel')).body.status).toBe('cancelled');
  });

  it('fails a run whose worker is gone, but completes one whose result is there', async () => {
    const long = new Date(Date.now() - 120_000);
    const { store } = shell.services;
    await newRun('lost', { status: 'staging', heartbeatAt: long });
    await newRun('done', { status: 'matching', heartbeatAt: long });
    await newRun('quiet', { status: 'staging', heartbeatAt: new Date(Date.now() - 30_000) });
    await store.put(
      'results/done/manifest.json',
      (async function* () {
        yield Buffer.from(JSON.stringify(manifest('done')));
      })(),
    );
    await superviseOnce();
    const status = async (runId: string) => (await shell.call('GET', `/api/runs/${runId}`)).body;
    expect(await status('lost')).toMatchObject({
      status: 'failed',
      error: problem('worker-lost', expect.stringContaining('run again') as never),
    });
    expect(await status('done')).toMatchObject({ status: 'completed', counts: { left: 3 } });
    expect((await status('quiet')).status).toBe('staging');
  });
});

describe('a shell that starts again', () => {
  it('knows its runs and goes on taking their callbacks', async () => {
    const first = await startTestShell();
    await insertRun(first.services.db, runRow('going', { status: 'staging' }));
    const stream = await fetch(`${first.address}/api/runs/going/events`);
    const begun = Date.now();
    await first.close();
    expect(Date.now() - begun).toBeLessThan(5_000);
    expect((await readEvents(stream)).length).toBeLessThanOrEqual(1);
    const second = await startTestShell({ KALLA_DATA_DIR: first.dataDir });
    try {
      const answer = await second.call(
        'POST',
        '/api/worker/complete',
        { run_id: 'going', seq: 1, output_path: 'x', manifest: manifest('going') },
        { authorization: `Bearer ${TOKEN}` },
      );
      expect(answer.body).toEqual({ accepted: true });
      expect((await second.call('GET', '/api/runs/going')).body.status).toBe('completed');
      await expect(startTestShell({ KALLA_DATA_DIR: first.dataDir })).rejects.toThrow(/already/);
      expect(statSync(join(first.dataDir, 'secret.key')).mode & 0o777).toBe(0o600);
    } finally {
      await second.end();
    }
  });
});

function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
}
