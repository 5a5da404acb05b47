import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The build, which is also what runs elsewhere. From source each process of the worker would compile it anew. */
const ENTRY = here('../../dist/index.js');

/** A real worker in a process of its own. */
export interface TestWorker {
  url: string;
  /** Holds data directory, scratch and `files`, a folder that the worker may read. */
  folder: string;
  process: ChildProcess;
  /** All that it has written. */
  output(): string;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null; ms: number }>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  stop(): Promise<void>;
}

/** Starts a worker with the connectors csv, parquet and `probe` on a free port. */
export async function startTestWorker(env: Record<string, string> = {}, given?: string): Promise<TestWorker> {
  if (!existsSync(ENTRY)) throw new Error('worker/dist/index.js is missing: run "npm run build" before this test.');
  const folder = given ?? (await makeFolder());
  const child = spawn(process.execPath, [ENTRY], {
    cwd: here('../../..'),
    env: {
      ...process.env,
      NATS_URL: '',
      AWS_ENDPOINT_URL: '',
      GCS_BUCKET: '',
      WORKER_PORT: '0',
      KALLA_DATA_DIR: join(folder, 'data'),
      STAGING_PATH: join(folder, 'staging'),
      KALLA_FILE_ROOTS: join(folder, 'files'),
      KALLA_PLUGINS_DIR: join(folder, 'plugins'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (more: string) => (text += more));
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null; ms: number }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal, ms: Date.now() }));
  });
  let gone = false;
  void exited.then(() => (gone = true));
  await until(() => gone || /"url":"([^"]+)"/.test(text), 20_000);
  const url = /"url":"([^"]+)"/.exec(text)?.[1] ?? '';
  return {
    url,
    folder,
    process: child,
    output: () => text,
    exited,
    post: (path, body, headers = {}) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    get: (path, headers = {}) => fetch(url + path, { headers }),
    async stop() {
      if (!gone) child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function makeFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'kalla-worker-')));
  await mkdir(join(folder, 'plugins'));
  await mkdir(join(folder, 'files'));
  for (const name of ['csv', 'parquet']) {
    await symlink(here(`../../../plugins/connectors/${name}`), join(folder, 'plugins', name));
  }
  // Beside the others by a link, since it has to find @kalla/core and zod.
  await symlink(here('./connectors/probe'), join(folder, 'plugins', 'probe'));
  await writeFile(join(folder, 'files', 'left.csv'), 'id,amount\n1,10.50\n2,20.00\n3,30.00\n');
  await writeFile(join(folder, 'files', 'right.csv'), 'ref,paid\n1,10.50\n2,20.01\n4,40.00\n');
  await cp(join(folder, 'files', 'left.csv'), join(folder, 'outside.csv'));
  return folder;
}
