import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from './test-support/until.ts';
import { startReceiver } from './test-support/callback-receiver.ts';
import { startTestWorker, type TestWorker } from './test-support/worker-process.ts';

type Json = Record<string, unknown>;
const json = async (response: Response) => (await response.json()) as Json;

function jobOf(worker: TestWorker, runId: string, callbackUrl: string, left?: string): Json {
  return {
    run_id: runId,
    callback_url: callbackUrl,
    match_sql: 'SELECT l.id, r.ref FROM ledger l JOIN bank r ON l.id = r.ref AND l.amount = r.paid',
    sources: [
      { alias: 'ledger', uri: left ?? `file://${worker.folder}/files/left.csv` },
      { alias: 'bank', uri: `file://${worker.folder}/files/right.csv` },
    ],
    output_path: `file://${worker.folder}/data/objects/runs/${runId}/`,
    primary_keys: { ledger: ['id'], bank: ['ref'] },
  };
}

/** The ids of a process's children. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

/** The process that a run goes in, from the worker's log. */
function pidOf(worker: TestWorker, runId: string): number | undefined {
  for (const line of worker.output().split('\n')) {
    if (line.includes(`"run_id":"${runId}"`) && line.includes('a run starts'))
      return (JSON.parse(line) as { pid: number }).pid;
  }
  return undefined;
}

describe('a worker', () => {
  let worker: TestWorker;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  beforeAll(async () => {
    worker = await startTestWorker({ KALLA_MAX_RUNS: '1' });
    receiver = await startReceiver();
  });
  afterAll(async () => {
    await worker.stop();
    await receiver.stop();
  });

  const state = async (runId: string) => (await json(await worker.get(`/jobs/${runId}`))).state;
  const noScratch = async () => {
    const lives = (await readdir(join(worker.folder, 'staging', 'worker'))).filter((name) => name.startsWith('life-'));
    expect(lives).toHaveLength(1);
    await until(
      async () =>
        !(await readdir(join(worker.folder, 'staging', 'worker', lives[0]!))).some((name) => name.startsWith('task-')),
    );
  };

  it("runs the seed's payload, accounts for every row, and runs it once when it is posted twice", async () => {
    const job = jobOf(worker, 'run-1', receiver.callbackUrl);
    const posted = await worker.post('/jobs', job);
    expect(posted.status).toBe(202);
    expect(await json(posted)).toEqual({ run_id: 'run-1' });
    expect((await worker.post('/jobs', job)).status).toBe(202);
    const end = await receiver.end('run-1');
    expect(end.path).toBe('/api/worker/complete');
    const counts = (end.body.manifest as { counts: Record<string, number> }).counts;
    expect(counts).toMatchObject({ left: 3, right: 3, matched: 1, unmatched_left: 2, unmatched_right: 2 });
    expect(await state('run-1')).toBe('finished');
    expect((await worker.post('/jobs', job)).status).toBe(202);
    await sleep(500);
    const seqs = receiver.all.filter((one) => one.body.run_id === 'run-1').map((one) => one.body.seq);
    expect(seqs).toEqual(seqs.map((_, at) => at + 1));
    expect(receiver.all.filter((one) => one.path.endsWith('/complete'))).toHaveLength(1);
    await noScratch();
  });

  it('reads pages of a result in one process that stays, also after it was killed, and streams exports', async () => {
    await worker.post('/jobs', jobOf(worker, 'pages', receiver.callbackUrl));
    await receiver.end('pages');
    const uri = `file://${worker.folder}/data/objects/runs/pages/unmatched_left.parquet`;
    const page = async () => json(await worker.post('/results/rows', { uri, sort: '-amount', limit: 1 }));
    const before = await childrenOf(worker.process.pid!);
    expect(await page()).toMatchObject({ rows: [{ id: '3', amount: '30.00' }], total: 2 });
    // The reader, and the one that waits for the next run: no page may take that one, or bring another.
    await until(async () => (await childrenOf(worker.process.pid!)).length === 2);
    const standing = await childrenOf(worker.process.pid!);
    for (let n = 0; n < 5; n++) await page();
    expect(await childrenOf(worker.process.pid!)).toEqual(standing);

    for (const pid of await childrenOf(worker.process.pid!)) process.kill(pid, 'SIGKILL');
    await until(async () => (await childrenOf(worker.process.pid!)).every((pid) => !before.includes(pid)));
    expect(await page()).toMatchObject({ total: 2 });

    const csv = await worker.post('/results/export', { uri, format: 'csv', sort: 'id' });
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect((await csv.text()).trim().split(/\r?\n/)).toEqual(['id,amount', '2,20.00', '3,30.00']);
    const parquet = Buffer.from(await (await worker.post('/results/export', { uri, format: 'parquet' })).arrayBuffer());
    expect([parquet.subarray(0, 4).toString(), parquet.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1']);
    const absent = await worker.post('/results/export', { uri: `${uri}x`, format: 'csv' });
    expect(absent.headers.get('content-type')).toBe('application/problem+json');
    const outside = await worker.post('/results/rows', { uri: 'file:///etc/passwd' });
    expect(outside.status).toBeGreaterThanOrEqual(400);
    expect(outside.status).toBeLessThan(500);
    await noScratch();
  });

  it('validates and tries out a rule, and shows the rows of a source', async () => {
    const job = jobOf(worker, 'x', receiver.callbackUrl);
    const side = (alias: string, key: string) => ({ alias, primary_key: [key] });
    const validate = async (sql: string) =>
      json(
        await worker.post('/recipes/validate', {
          match_sql: sql,
          left: side('ledger', 'id'),
          right: side('bank', 'ref'),
        }),
      );
    expect(await validate(String(job.match_sql))).toMatchObject({ valid: true, errors: [] });
    expect(await validate('DROP TABLE ledger')).toMatchObject({ valid: false });
    const { match_sql, sources, primary_keys } = job;
    const preview = await json(await worker.post('/recipes/preview', { match_sql, sources, primary_keys, limit: 5 }));
    expect(preview).toMatchObject({ sampled: false, counts: { left: 3, right: 3, matched: 1 } });
    const rows = await json(await worker.post('/inspect/preview', { source: (sources as Json[])[0], limit: 2 }));
    expect(rows.rows).toMatchObject([
      { id: '1', amount: '10.50' },
      { id: '2', amount: '20.00' },
    ]);
  });

  it('holds to its limit, keeps the order, and cancels what waits and what runs within two seconds', async () => {
    const source = 'probe://wait';
    for (const id of ['q-1', 'q-2', 'q-3'])
      expect((await worker.post('/jobs', jobOf(worker, id, receiver.callbackUrl, source))).status).toBe(202);
    await until(async () => pidOf(worker, 'q-1') !== undefined);
    expect([await state('q-1'), await state('q-2'), await state('q-3')]).toEqual(['running', 'queued', 'queued']);
    expect(await json(await worker.get('/healthz'))).toMatchObject({ running: 1, queued: 2 });
    expect(await (await worker.get('/metrics')).text()).toMatch(/^kalla_worker_queue_depth 2$/m);

    expect((await fetch(`${worker.url}/jobs/q-3`, { method: 'DELETE' })).status).toBe(202);
    expect((await receiver.end('q-3')).body).toMatchObject({ status: 'cancelled', error: { status: 409 } });

    const asked = Date.now();
    await fetch(`${worker.url}/jobs/q-1`, { method: 'DELETE' });
    const end = await receiver.end('q-1');
    expect(end.at - asked).toBeLessThan(2000);
    expect(end.body.status).toBe('cancelled');
    await until(async () => (await state('q-2')) === 'running');
    await fetch(`${worker.url}/jobs/q-2`, { method: 'DELETE' });
    await receiver.end('q-2');
    await noScratch();
  });

  it('cancels a run that hears nothing within two seconds', async () => {
    await worker.post('/jobs', jobOf(worker, 'deaf', receiver.callbackUrl, 'probe://deaf'));
    await until(() => pidOf(worker, 'deaf') !== undefined);
    await sleep(500);
    const asked = Date.now();
    await fetch(`${worker.url}/jobs/deaf`, { method: 'DELETE' });
    const end = await receiver.end('deaf');
    expect(end.at - asked).toBeLessThan(2000);
    expect(end.body).toMatchObject({ status: 'cancelled' });
    await noScratch();
  });

  it('says so when the process of a run is killed, and runs the next attempt', async () => {
    await worker.post('/jobs', jobOf(worker, 'killed', receiver.callbackUrl, 'probe://wait'));
    await until(() => pidOf(worker, 'killed') !== undefined);
    process.kill(pidOf(worker, 'killed')!, 'SIGKILL');
    const end = await receiver.end('killed');
    expect(end.body).toMatchObject({
      status: 'failed',
      attempt: 1,
      error: {
        type: 'https://kalla.dev/problems/worker-lost',
        detail:
          "The worker's process for this run stopped unexpectedly (signal SIGKILL). Nothing was changed; run it again.",
      },
    });
    await noScratch();
    await worker.post('/jobs', { ...jobOf(worker, 'killed', receiver.callbackUrl), attempt: 2 });
    await until(() =>
      receiver.all.some(
        (one) => one.path.endsWith('/complete') && one.body.run_id === 'killed' && one.body.attempt === 2,
      ),
    );
    const late = await worker.post('/jobs', jobOf(worker, 'killed', receiver.callbackUrl));
    expect(late.status).toBe(409);
  });

  it('stops an attempt before it starts the next one', async () => {
    await worker.post('/jobs', jobOf(worker, 'again', receiver.callbackUrl, 'probe://wait'));
    await until(() => pidOf(worker, 'again') !== undefined);
    await worker.post('/jobs', { ...jobOf(worker, 'again', receiver.callbackUrl), attempt: 2 });
    const end = await receiver.end('again');
    expect(end.body).toMatchObject({ attempt: 2 });
    expect(end.path).toBe('/api/worker/complete');
  });

  it('says which process ended, and keeps secrets out of callbacks and log', async () => {
    await worker.post('/jobs', jobOf(worker, 'exit', receiver.callbackUrl, 'probe://ada:hunter2@exit'));
    expect(((await receiver.end('exit')).body.error as Json).detail).toContain('(exit code 7)');
    await worker.post('/jobs', {
      ...jobOf(worker, 'throw', receiver.callbackUrl, 'probe://ada:hunter2@throw'),
      callback_token: 'tok-123456',
    });
    const end = await receiver.end('throw');
    expect(end.headers.authorization).toBe('Bearer tok-123456');
    expect(end.body.error).toMatchObject({ type: 'https://kalla.dev/problems/internal', status: 500 });
    await worker.post('/jobs', jobOf(worker, 'refuse', receiver.callbackUrl, 'probe://refuse'));
    expect((await receiver.end('refuse')).body.error).toMatchObject({
      status: 422,
      detail: 'Source "ledger" could not be read. The password is refused. Check it.',
    });
    expect(worker.output()).toContain('postgres://ada:***@db');
    for (const secret of ['hunter2', 'tok-123456']) {
      expect(worker.output()).not.toContain(secret);
      expect(JSON.stringify(receiver.all.map((one) => one.body))).not.toContain(secret);
    }
  });

  it('refuses payloads that are not right, with the field', async () => {
    const job = jobOf(worker, 'bad', receiver.callbackUrl);
    const cases: [Json, string][] = [
      [{ ...job, run_id: '../x' }, 'run_id'],
      [{ ...job, callback_url: 'file:///etc/passwd' }, 'callback_url'],
      [{ ...job, sources: [] }, 'sources'],
      [{ ...job, primary_keys: { ledger: ['id'] } }, 'primary_keys.bank'],
    ];
    for (const [body, field] of cases) {
      const response = await worker.post('/jobs', body);
      expect(response.status, field).toBe(422);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect((await json(response)).errors, field).toEqual(
        expect.arrayContaining([expect.objectContaining({ field })]),
      );
    }
    expect((await worker.get('/jobs/bad')).status).toBe(404);
  });

  it('answers every error as a problem', async () => {
    const raw = (path: string, init: RequestInit) => fetch(worker.url + path, init);
    const cases: [Promise<Response>, number][] = [
      [raw('/jobs', { method: 'POST', body: '{"run_id":' }), 400],
      [raw('/jobs', { method: 'POST', body: '' }), 400],
      [raw('/nothing', {}), 404],
      [raw('/jobs', { method: 'PUT', body: '{}' }), 405],
      [raw('/jobs/x', { method: 'POST', body: '{}' }), 405],
      [raw('/jobs', { method: 'POST', body: 'x'.repeat(9 * 1024 * 1024) }), 413],
      [raw('/jobs', { method: 'POST', body: '{}', headers: { origin: 'https://evil.example' } }), 403],
      [raw('/jobs/none', { method: 'DELETE' }), 404],
    ];
    for (const [pending, status] of cases) {
      const response = await pending;
      expect(response.status).toBe(status);
      const body = await json(response);
      expect(body).toMatchObject({ status, type: expect.stringContaining('https://kalla.dev/problems/') as string });
      expect(String(body.detail)).toMatch(/[.]$/);
    }
  });

  it('answers to no other host name without a token', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      httpRequest(`${worker.url}/healthz`, { headers: { host: 'rebound.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it('lists its connectors', async () => {
    const { connectors } = (await json(await worker.get('/connectors'))) as { connectors: Json[] };
    expect(connectors.map((one) => one.type)).toEqual(['csv', 'parquet', 'probe']);
    expect(connectors[2]).toMatchObject({
      package: 'kalla-test-connector-probe',
      version: '1.2.3',
      builtin: true,
      schemes: ['probe'],
    });
  });

  it('normalises a source and parts its secrets', async () => {
    const response = await worker.post('/inspect/normalize', {
      type: 'probe',
      config: { how: 'x', password: 'hunter2', tls: { mode: 'on', key: 'k3y' } },
      table: 't',
    });
    expect(await json(response)).toEqual({
      type: 'probe',
      table: 't',
      uri: 'probe://x?table=t',
      public_config: { how: 'x', tls: { mode: 'on' } },
      secrets: { password: 'hunter2', tls: { key: 'k3y' } },
      connector: { package: 'kalla-test-connector-probe', version: '1.2.3' },
    });
    const bad = await worker.post('/inspect/normalize', { type: 'probe', config: { how: 1 } });
    expect(bad.status).toBe(422);
    expect((await json(bad)).errors).toEqual([expect.objectContaining({ field: 'config.how' })]);
    const unknown = await worker.post('/inspect/normalize', { type: 'oracle', config: {} });
    expect((await json(unknown)).detail).toBe(
      'The source: there is no connector "oracle". Installed: csv, parquet, probe.',
    );
  });

  it('checks step by step, and says what failed', async () => {
    const steps = async (uri: string) => {
      const response = await worker.post('/inspect/check', { source: { uri } });
      expect(response.headers.get('content-type')).toBe('text/event-stream');
      return (await response.text())
        .split('\n\n')
        .filter(Boolean)
        .map((event) => JSON.parse(event.replace(/^data: /, '')) as Json);
    };
    expect(await steps('probe://fine')).toMatchObject([
      { step: 'reach', ok: true },
      { step: 'authenticate', ok: true },
    ]);
    expect(await steps('probe://refuse')).toMatchObject([
      { step: 'reach', ok: true },
      { step: 'authenticate', ok: false, message: 'The password is refused.', hint: 'Check it.' },
    ]);
    // Whatever else may be read there: the source's own table is not.
    expect(await steps('probe://fine?table=t')).toMatchObject([
      { step: 'reach', ok: true },
      { step: 'authenticate', ok: true },
      { step: 'authorise', ok: false, message: 'A probe has no rows.' },
    ]);
    expect((await worker.post('/inspect/check', { source: { uri: 'gopher://x' } })).status).toBe(422);
  });

  it('stops an inspection whose client hangs up', async () => {
    const gone = new AbortController();
    const before = (await childrenOf(worker.process.pid!)).length;
    const pending = fetch(`${worker.url}/inspect/tables`, {
      method: 'POST',
      body: JSON.stringify({ source: { uri: 'probe://deaf' } }),
      signal: gone.signal,
    });
    await until(async () => (await childrenOf(worker.process.pid!)).length >= before, 5000);
    await sleep(500);
    gone.abort();
    await expect(pending).rejects.toThrow();
    await noScratch();
  });

  it('stays answerable while a process is lost in an inspection', async () => {
    const response = await worker.post('/inspect/tables', { source: { uri: 'probe://exit' } });
    expect(response.status).toBe(500);
    expect((await json(response)).detail).toContain('(exit code 7)');
    const fine = await worker.post('/inspect/tables', { source: { uri: 'probe://fine' }, q: 'inv' });
    expect(await json(fine)).toMatchObject({ tables: [{ name: 'inv' }], next: null });
  });

  it(
    'does not take clients that hang up for faults: in the middle of a body, in the queue, in the work',
    { timeout: 180_000 },
    async () => {
      const before = worker.output().length;
      const send = (body: string, length = Buffer.byteLength(body)) => {
        const headers = { 'content-type': 'application/json', 'content-length': length };
        const client = httpRequest(`${worker.url}/inspect/tables`, { method: 'POST', headers });
        client.on('error', () => undefined); // It hangs up itself.
        client.write(body);
        return client;
      };
      const wait = JSON.stringify({ source: { uri: 'probe://wait' } });
      // Two are worked on at once, the third waits.
      const clients = [send('{"source":', 1000), send(wait), send(wait), send(wait)];
      await sleep(500);
      for (const client of clients) client.destroy();
      expect((await worker.post('/inspect/tables', { source: { uri: 'probe://fine' } })).status).toBe(200);
      await noScratch();
      const told = worker.output().slice(before);
      expect(told).not.toMatch(/"level":(40|50|60)|"stack"|^ +at /m);
    },
  );

  it('reads files of allowed folders only', async () => {
    await symlink(join(worker.folder, 'outside.csv'), join(worker.folder, 'files', 'link.csv'));
    const describe = async (uri: string) => {
      const response = await worker.post('/inspect/describe', { source: { uri } });
      return { status: response.status, detail: String((await json(response)).detail) };
    };
    for (const path of [
      'outside.csv',
      'files/../outside.csv',
      'files/%2e%2e/outside.csv',
      'files/link.csv',
      'data/../outside.csv',
      'not-there.csv',
    ]) {
      const { status, detail } = await describe(`file://${worker.folder}/${path}`);
      expect(status, path).toBe(422);
      expect(detail, path).toContain('KALLA_FILE_ROOTS');
    }
    expect(await describe(`file://${worker.folder}/files/none.csv`)).toMatchObject({
      status: 422,
      detail: 'There is no file "none.csv" in its folder.',
    });
    expect((await describe('files/left.csv')).detail).toContain('not a whole address');
    expect((await describe('s3://bucket/a.csv')).detail).toContain('object store is the local disk');
    expect((await describe(`file://${worker.folder}/files/left.csv`)).status).toBe(200);
  });

  it('tells what a file really is', async () => {
    const cases: [string, Buffer, string][] = [
      ['zip.csv', Buffer.from('PK\x03\x04abc'), 'a ZIP archive or an Excel workbook'],
      ['pdf.csv', Buffer.from('%PDF-1.7'), 'a PDF document'],
      ['parquet.csv', Buffer.from('PAR1xxxx'), 'a Parquet file and not'],
      ['gz.csv', Buffer.from('1f8b0800', 'hex'), 'compressed with gzip'],
      ['text.csv.gz', Buffer.from('a,b\n1,2\n'), 'not compressed with gzip'],
      ['text.parquet', Buffer.from('a,b\n1,2\n'), 'is not a Parquet file'],
      ['sheet.xlsx', Buffer.from('PK\x03\x04abc'), 'no kind of file that can be read here'],
    ];
    for (const [name, bytes, sentence] of cases) {
      await writeFile(join(worker.folder, 'files', name), bytes);
      const response = await worker.post('/inspect/describe', {
        source: { uri: `file://${worker.folder}/files/${name}` },
      });
      const body = await json(response);
      expect(body, name).toMatchObject({ status: 422, type: 'https://kalla.dev/problems/file-format' });
      expect(body.detail, name).toContain(`"${name}"`);
      expect(body.detail, name).toContain(sentence);
    }
  });
});

describe('a worker that stops', () => {
  it('ends within five seconds with its children, and tells of the run that did not end', async () => {
    const worker = await startTestWorker();
    const receiver = await startReceiver();
    await worker.post('/jobs', jobOf(worker, 'left-over', receiver.callbackUrl, 'probe://deaf'));
    await until(() => pidOf(worker, 'left-over') !== undefined);
    const children = await childrenOf(worker.process.pid!);
    expect(children.length).toBeGreaterThan(0);
    const asked = Date.now();
    worker.process.kill('SIGTERM');
    const { code, ms } = await worker.exited;
    expect(code).toBe(0);
    expect(ms - asked).toBeLessThan(5000);
    for (const pid of children) expect(() => process.kill(pid, 0)).toThrow();
    expect((await receiver.end('left-over')).body).toMatchObject({
      status: 'failed',
      error: { type: 'https://kalla.dev/problems/worker-lost' },
    });
    expect(await readdir(join(worker.folder, 'staging', 'worker'))).toEqual([]);
    await receiver.stop();
    await worker.stop();
  });

  it('stops work that takes too much memory, and says so', async () => {
    const worker = await startTestWorker({ KALLA_MEMORY_LIMIT: '64MB' });
    const receiver = await startReceiver();
    await worker.post('/jobs', jobOf(worker, 'hoard', receiver.callbackUrl, 'probe://hoard'));
    expect((await receiver.end('hoard')).body).toMatchObject({
      status: 'failed',
      error: {
        type: 'https://kalla.dev/problems/out-of-memory',
        detail: expect.stringMatching(/needed more than 1\.1 GB/),
      },
    });
    // An inspection too, and the next one has a process of its own.
    const told = await worker.post('/inspect/describe', { source: { uri: 'probe://hoard' } });
    expect([told.status, (await json(told)).type]).toEqual([422, 'https://kalla.dev/problems/out-of-memory']);
    expect((await worker.post('/inspect/describe', { source: { uri: 'probe://fine' } })).status).toBe(200);
    await receiver.stop();
    await worker.stop();
  }, 90_000);

  it('ends with the one who started it', async () => {
    const worker = await startTestWorker();
    worker.process.disconnect();
    expect((await worker.exited).code).toBe(0);
    await worker.stop();
  });

  it('leaves no child behind when it is killed itself, and clears up at its next start', async () => {
    const worker = await startTestWorker();
    const receiver = await startReceiver();
    await worker.post('/jobs', jobOf(worker, 'orphan', receiver.callbackUrl, 'probe://wait'));
    await until(() => pidOf(worker, 'orphan') !== undefined);
    const children = await childrenOf(worker.process.pid!);
    worker.process.kill('SIGKILL');
    await worker.exited;
    await until(() => children.every((pid) => !isAlive(pid)), 5000);
    expect(await readdir(join(worker.folder, 'staging', 'worker'))).toHaveLength(1);
    const next = await startTestWorker({}, worker.folder);
    expect(await readdir(join(worker.folder, 'staging', 'worker'))).toHaveLength(1);
    await next.stop();
    await receiver.stop();
  });
});

describe('a source on the web', () => {
  it('is asked for by the check, and refused while private addresses are', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      if (request.url?.startsWith('/left.csv')) response.end('id,amount\n1,10.50\n');
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const check = async (worker: TestWorker, uri: string) => {
      const response = await worker.post('/inspect/check', { source: { uri }, until: 'reach' });
      return JSON.parse((await response.text()).replace(/^data: /, '')) as Json;
    };
    const strict = await startTestWorker();
    expect(await check(strict, `${base}/left.csv`)).toMatchObject({ step: 'reach', ok: false });
    expect(asked).toEqual([]);
    await strict.stop();

    const open = await startTestWorker({ KALLA_ALLOW_PRIVATE_URLS: '1' });
    expect(await check(open, `${base}/left.csv?sig=s3cret`)).toMatchObject({ step: 'reach', ok: true });
    const none = await check(open, `${base}/none.csv?sig=s3cret`);
    expect(none).toMatchObject({
      step: 'reach',
      ok: false,
      message: `There is no file at ${base}/none.csv (status 404).`,
    });
    const receiver = await startReceiver();
    await open.post('/jobs', jobOf(open, 'web', receiver.callbackUrl, `${base}/left.csv?sig=s3cret`));
    const end = await receiver.end('web');
    expect(end.path).toBe('/api/worker/complete');
    expect(JSON.stringify(end.body)).not.toContain('s3cret');
    expect(open.output()).not.toContain('s3cret');
    await receiver.stop();
    await open.stop();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('a worker with a limit for files', () => {
  it('holds what a packed file unpacks to to the same limit, and gives the disk back', async () => {
    const worker = await startTestWorker({ KALLA_MAX_FILE_BYTES: '1MiB' });
    try {
      const packed = gzipSync('id,amount\n' + '1,10.50\n'.repeat(1 << 20));
      expect(packed.length).toBeLessThan(1 << 16);
      await writeFile(join(worker.folder, 'files', 'bank.csv.gz'), packed);
      const uri = `file://${worker.folder}/files/bank.csv.gz`;
      const refused = await worker.post('/inspect/describe', { source: { uri } });
      expect(await json(refused)).toMatchObject({
        status: 422,
        type: 'https://kalla.dev/problems/file-format',
        detail: expect.stringMatching(/^bank\.csv\.gz unpacks to more than 1 MiB.+KALLA_MAX_FILE_BYTES\.$/),
      });
      const files = await readdir(join(worker.folder, 'staging'), { recursive: true });
      expect(files.filter((name) => name.endsWith('.csv'))).toEqual([]);
    } finally {
      await worker.stop();
    }
  });
});

describe('a worker with a token', () => {
  it('wants it for everything but its health', async () => {
    const worker = await startTestWorker({ WORKER_TOKEN: 'a-long-enough-token' });
    expect((await worker.get('/healthz')).status).toBe(200);
    expect((await worker.get('/connectors')).status).toBe(401);
    expect((await worker.get('/metrics', { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await worker.get('/connectors', { authorization: 'Bearer a-long-enough-token' })).status).toBe(200);
    expect(worker.output()).not.toContain('a-long-enough-token');
    await worker.stop();
  });

  it('refuses to start in ways that are not safe, or not there yet', async () => {
    const cases: [Record<string, string>, string][] = [
      [{ WORKER_HOST: '0.0.0.0' }, 'Set WORKER_TOKEN'],
      [{ NATS_URL: 'nats://x' }, 'not in this version'],
      [{ AWS_ENDPOINT_URL: 'http://x' }, 'local disk only'],
      [{ KALLA_MEMORY_LIMIT: 'much' }, 'KALLA_MEMORY_LIMIT: is not a size'],
    ];
    for (const [env, sentence] of cases) {
      const worker = await startTestWorker(env);
      expect((await worker.exited).code).toBe(1);
      expect(worker.output()).toContain(sentence);
      expect(worker.output()).not.toContain('    at ');
      await worker.stop();
    }
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
