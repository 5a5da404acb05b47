import { mkdtempSync, openAsBlob, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeBigWorkbook } from '../../../testing/big-workbook.ts';
import { startWorker, workerIsBuilt } from '../../testing/real-worker.ts';
import { readEvents, startTestShell, type TestShell } from '../../testing/running-shell.ts';

const ROWS = 40_000;

describe.skipIf(!workerIsBuilt)('an upload that is followed', () => {
  let shell: TestShell;
  let worker: Awaited<ReturnType<typeof startWorker>>;
  let workbook: string;
  beforeAll(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'kalla-shell-'));
    workbook = join(dataDir, 'ledger.xlsx');
    [worker] = await Promise.all([startWorker(dataDir), writeBigWorkbook(workbook, ROWS)]);
    shell = await startTestShell({ ...worker.env, KALLA_DATA_DIR: dataDir });
  }, 120_000);
  afterAll(async () => {
    await shell?.end();
    await worker?.stop();
  });

  const form = (content: Blob, name: string) => {
    const body = new FormData();
    body.append('file', content, name);
    return body;
  };
  const follow = (body: FormData, signal?: AbortSignal) =>
    fetch(`${shell.address}/api/uploads`, {
      method: 'POST',
      headers: { accept: 'text/event-stream' },
      body,
      ...(signal ? { signal } : {}),
    });
  const kept = async () => {
    const { uploads } = (await shell.call('GET', '/api/uploads')).body as { uploads: { upload_id: string }[] };
    return uploads.map(({ upload_id }) => upload_id).sort();
  };
  const stored = () => readdirSync(join(shell.dataDir, 'objects', 'uploads')).sort();
  const tasks = () =>
    readdirSync(join(shell.dataDir, 'staging', 'worker'), { recursive: true }).filter((name) =>
      /[\\/]task-[^\\/]*$/.test(String(name)),
    );

  it('tells how much is looked through, and then the same as without', { timeout: 120_000 }, async () => {
    const plain = await shell.call('POST', '/api/uploads', form(await openAsBlob(workbook), 'ledger.xlsx'));
    expect(plain.status).toBe(201);
    const followed = await follow(form(await openAsBlob(workbook), 'ledger.xlsx'));
    expect([followed.status, followed.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const events = (await readEvents(followed)).map(({ data }) => data);
    const shares = events.slice(0, -1).map(({ progress }) => progress as number);
    expect(shares.length).toBeGreaterThan(1);
    expect(shares).toEqual([...new Set(shares)].sort((one, other) => one - other));
    const own = { upload_id: expect.any(String), created_at: expect.any(String) };
    expect(events.at(-1).upload).toEqual({ ...plain.body, ...own });
    expect(plain.body).toMatchObject({ format: 'excel', row_count: ROWS });
    expect(await kept()).toEqual([plain.body.upload_id, events.at(-1).upload.upload_id].sort());
  });

  it('ends the reading and keeps nothing when the client goes', { timeout: 60_000 }, async () => {
    const before = await kept();
    const gone = new AbortController();
    const response = await follow(form(await openAsBlob(workbook), 'ledger.xlsx'), gone.signal);
    const reader = response.body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toContain('"progress":');
    expect(tasks()).toHaveLength(1);
    gone.abort();
    await expect.poll(tasks, { timeout: 20_000 }).toEqual([]);
    await expect.poll(stored, { timeout: 20_000 }).toEqual(before);
    expect(await kept()).toEqual(before);
  });

  it('tells the same where a file is read again with other options', { timeout: 120_000 }, async () => {
    const { body: upload } = await shell.call('POST', '/api/uploads', form(await openAsBlob(workbook), 'ledger.xlsx'));
    const again = (body: object, id = upload.upload_id, signal?: AbortSignal) =>
      fetch(`${shell.address}/api/uploads/${id}/options`, {
        method: 'POST',
        headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
        body: JSON.stringify(body),
        ...(signal ? { signal } : {}),
      });
    const gone = new AbortController();
    const left = await again({ columns: { units: 'text' } }, upload.upload_id, gone.signal);
    await left.body!.getReader().read();
    gone.abort();
    await expect.poll(tasks, { timeout: 20_000 }).toEqual([]);
    expect((await shell.call('GET', `/api/uploads/${upload.upload_id}`)).body).toEqual(upload);

    const events = (await readEvents(await again({ columns: { units: 'text' } }))).map(({ data }) => data);
    expect(events[0]).toEqual({ progress: expect.any(Number) });
    const { upload: read } = events.at(-1);
    expect(read.columns.find(({ name }: { name: string }) => name === 'units')).toMatchObject({ type: 'text' });
    expect((await shell.call('GET', `/api/uploads/${upload.upload_id}`)).body).toEqual(read);
    expect((await again({}, 'none')).status).toBe(404);
  });

  it('refuses in one way with and without', async () => {
    const cases: [Blob, string, string][] = [
      [new Blob(['']), 'empty.csv', 'is empty'],
      [new Blob(['PK\x03\x04abc']), 'broken.xlsx', 'broken.xlsx'],
    ];
    for (const [content, name, sentence] of cases) {
      const plain = await shell.call('POST', '/api/uploads', form(content, name));
      expect([plain.status, plain.body.detail]).toEqual([422, expect.stringContaining(sentence)]);
      const followed = await follow(form(content, name));
      expect(await readEvents(followed)).toEqual([{ id: '', data: plain.body }]);
    }
    const without = await follow(new FormData());
    expect([without.status, without.headers.get('content-type')]).toEqual([
      400,
      expect.stringContaining('application/problem+json'),
    ]);
    expect(stored()).toEqual(await kept());
  });
});
