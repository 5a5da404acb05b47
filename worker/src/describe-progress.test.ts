import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeBigWorkbook } from '../../testing/big-workbook.ts';
import { until } from './test-support/until.ts';
import { startTestWorker, type TestWorker } from './test-support/worker-process.ts';

type Json = Record<string, unknown>;
const ROWS = 40_000;

describe('a description that is followed', () => {
  let worker: TestWorker;
  const file = () => `file://${worker.folder}/files/ledger.xlsx`;
  beforeAll(async () => {
    worker = await startTestWorker();
    const excel = fileURLToPath(new URL('../../plugins/connectors/excel', import.meta.url));
    await symlink(excel, join(worker.folder, 'plugins', 'excel'));
    await writeBigWorkbook(join(worker.folder, 'files', 'ledger.xlsx'), ROWS);
  }, 120_000);
  afterAll(() => worker.stop());

  const follow = (uri: string, signal?: AbortSignal) =>
    fetch(`${worker.url}/inspect/describe`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ source: { uri } }),
      ...(signal ? { signal } : {}),
    });
  const eventsOf = async (response: Response) =>
    (await response.text())
      .split('\n\n')
      .filter(Boolean)
      .map((event): Json => {
        const data = JSON.parse(/^data: (.*)$/m.exec(event)![1]!) as Json;
        return { problem: event.startsWith('event: problem'), ...data };
      });
  const tasks = async () => {
    const scratch = join(worker.folder, 'staging', 'worker');
    const lives = (await readdir(scratch)).filter((name) => name.startsWith('life-'));
    return (await readdir(join(scratch, lives[0]!))).filter((name) => name.startsWith('task-'));
  };

  it(
    'says how much of a workbook is looked through, and at last the same as without',
    { timeout: 120_000 },
    async () => {
      const plain = await worker.post('/inspect/describe', { source: { uri: file() } });
      const answer = (await plain.json()) as Json;
      expect([plain.status, answer.detail]).toEqual([200, undefined]);
      const followed = await follow(file());
      expect(followed.headers.get('content-type')).toBe('text/event-stream');
      const events = await eventsOf(followed);
      const shares = events.slice(0, -1).map(({ progress }) => progress as number);
      expect(shares.length).toBeGreaterThan(1);
      expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
      expect(shares).toEqual([...new Set(shares)].sort((one, other) => one - other));
      const { description } = events.at(-1) as { description: Json };
      expect(description).toEqual(answer);
      expect(description).toMatchObject({ type: 'excel', row_count: ROWS, key_candidates: [['entry_id']] });
    },
  );

  it('answers an error before the first share as a problem, and a later one as an event', async () => {
    const early = await follow('probe://refuse');
    expect(early.status).toBe(422);
    expect(await early.json()).toMatchObject({ detail: expect.stringContaining('The password is refused.') });
    const late = await follow('probe://falter');
    expect(late.status).toBe(200);
    expect(await eventsOf(late)).toMatchObject([
      { problem: false, progress: 0.5 },
      { problem: true, status: 422, detail: expect.stringContaining('The middle is damaged.') },
    ]);
  });

  it('ends the work of a client that hangs up', async () => {
    const gone = new AbortController();
    const response = await follow('probe://slow', gone.signal);
    const reader = response.body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toContain('"progress":');
    expect(await tasks()).toHaveLength(1);
    gone.abort();
    // The probe itself never ends.
    await until(async () => (await tasks()).length === 0);
    expect(await (await worker.post('/inspect/describe', { source: { uri: 'probe://fine' } })).json()).toMatchObject({
      type: 'probe',
    });
  });
});
