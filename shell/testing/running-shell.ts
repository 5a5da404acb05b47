import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from '../app/server/env.server.ts';
import { startShell, type RunningShell } from '../app/server/start-shell.server.ts';
import { apiBuild } from './api-build.ts';
import { giveDatabase } from './made-database.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into answers and then assert what they find
type Answer = any;

export interface TestShell extends RunningShell {
  /** A request to the API; a body that is an object goes as JSON. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; headers: Headers; body: Answer }>;
  dataDir: string;
  end(): Promise<void>;
}

/** A shell on a free port with a data folder of its own, run from its sources. */
export async function startTestShell(env: Record<string, string> = {}): Promise<TestShell> {
  const dataDir = env.KALLA_DATA_DIR ?? mkdtempSync(join(tmpdir(), 'kalla-shell-'));
  if (!env.DATABASE_URL) await giveDatabase(dataDir);
  const shell = await startShell({
    env: parseEnv({
      PORT: '0',
      WORKER_URL: 'http://127.0.0.1:9',
      KALLA_SAMPLE: '0',
      KALLA_LOG_LEVEL: 'silent',
      ...env,
      KALLA_DATA_DIR: dataDir,
    }),
    folder: resolve(import.meta.dirname, '..'),
    build: await apiBuild(),
  });
  return {
    ...shell,
    dataDir,
    call: async (method, path, body, headers = {}) => {
      const isJson = body !== undefined && !(body instanceof FormData) && typeof body !== 'string';
      const response = await fetch(shell.address + path, {
        method,
        headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
        ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : (body as BodyInit) }),
      });
      const text = await response.text();
      const parsed: unknown = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
      return { status: response.status, headers: response.headers, body: parsed };
    },
    end: async () => {
      await shell.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Reads the `data` of server-sent events until the stream ends or `most` have come. */
export async function readEvents(response: Response, most = Infinity): Promise<{ id: string; data: Answer }[]> {
  const events: { id: string; data: Answer }[] = [];
  let text = '';
  const decoder = new TextDecoder();
  const reader = response.body!.getReader();
  while (events.length < most) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) events.push({ id: /^id: (.*)$/m.exec(block)?.[1] ?? '', data: JSON.parse(data) });
    }
  }
  await reader.cancel();
  return events;
}
