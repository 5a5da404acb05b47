import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSchema, accountsForEveryRow, isFinished, type Run } from '@kalla/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isAlive } from '../../scripts/lib/alive.mjs';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { freePort, startKalla, type KallaProcess } from '../kalla-process.ts';
import { until } from '../until.ts';

const SLOW = 120_000;

async function runsOf(address: string): Promise<Run[]> {
  const body = (await (await fetch(`${address}/api/runs`)).json()) as { runs: unknown[] };
  return body.runs.map((run) => runSchema.parse(run));
}

/** Every process below this one, by Linux's own table. */
function descendants(pid: number): number[] {
  const table = spawnSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' }).stdout;
  const pairs = table
    .trim()
    .split('\n')
    .map((line) =>
      line
        .trim()
        .split(/\s+/)
        .map((text) => parseInt(text, 10)),
    );
  const below = (parent: number): number[] =>
    pairs.flatMap(([child = 0, of]) => (of === parent ? [child, ...below(child)] : []));
  return below(pid);
}

/** Runs `npm start` to its end. */
async function attempt(env: NodeJS.ProcessEnv): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, [join(ROOT, 'scripts/start.mjs')], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (text += chunk));
  await once(child, 'exit');
  return { code: child.exitCode, text };
}

/** Two that run are looked at and then ended, in the order of the tests. */
describe('npm start', () => {
  /** The first begins with the sample, the other is empty. */
  let kalla: KallaProcess;
  let empty: KallaProcess;
  beforeAll(async () => {
    // Both at the same moment, in which each has to find ports of its own.
    const starts = await Promise.allSettled([startKalla(), startKalla({ KALLA_SAMPLE: '0' })]);
    for (const [index, start] of starts.entries()) {
      if (start.status === 'rejected') continue;
      if (index === 0) kalla = start.value;
      else empty = start.value;
    }
    for (const start of starts) if (start.status === 'rejected') throw start.reason;
    await until(async () => (await runsOf(kalla.address))[0]?.status === 'completed', 60_000);
  }, SLOW);
  afterAll(async () => {
    await Promise.all([kalla?.[Symbol.asyncDispose](), empty?.[Symbol.asyncDispose]()]);
  });

  test('shows the finished sample run', async () => {
    expect((await fetch(`${kalla.address}/healthz`)).status).toBe(200);
    expect((await fetch(kalla.address)).headers.get('content-type')).toContain('text/html');

    const [sample] = await runsOf(kalla.address);
    expect(sample?.counts).toEqual({
      left: 2000,
      right: 2000,
      matched: 1730,
      matched_left_rows: 1705,
      matched_right_rows: 1710,
      unmatched_left: 295,
      unmatched_right: 290,
    });
    expect(accountsForEveryRow(sample!.counts!)).toBe(true);
  });

  test('two run side by side, each with its own worker and data', async () => {
    expect(kalla.address).not.toBe(empty.address);
    expect(await runsOf(kalla.address)).toHaveLength(1);
    expect(await runsOf(empty.address)).toEqual([]);
  });

  test('says in a sentence that the data folder belongs to a running Kalla', async () => {
    const { code, text } = await attempt({ KALLA_DATA_DIR: empty.dataDir });
    expect(code).toBe(1);
    expect(text).toContain(`in use by another Kalla (process ${empty.child.pid})`);
  });

  test('kill -9 takes worker and shell with it', async () => {
    const processes = descendants(empty.child.pid!);
    expect(processes.length).toBeGreaterThanOrEqual(2);
    empty.child.kill('SIGKILL');
    await until(() => !processes.some(isAlive));
  });

  test('a worker that is killed is started again, and the next run works', { timeout: SLOW }, async () => {
    const [worker] = descendants(kalla.child.pid!).filter((pid) => commandOf(pid).includes('worker'));
    process.kill(worker!, 'SIGKILL');
    await until(() => kalla.output().includes('it is started again'));
    const [sample] = await runsOf(kalla.address);
    const files = Object.fromEntries(
      [sample!.left, sample!.right].filter((side) => side.upload_id).map((side) => [side.alias, side.upload_id]),
    );
    // The connectors are asked of the worker, so this answers once it is back.
    await until(async () => (await fetch(`${kalla.address}/api/connectors`)).ok);
    const answer = await fetch(`${kalla.address}/api/runs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: kalla.address },
      body: JSON.stringify({ recipe_id: sample!.recipe_id, files }),
    });
    expect(answer.status, await answer.clone().text()).toBe(202);
    await until(async () => isFinished((await runsOf(kalla.address))[0]!.status), 30_000);
    const [again] = await runsOf(kalla.address);
    expect(again).toMatchObject({ status: 'completed', error: null, counts: sample!.counts });
    expect(again!.run_id).not.toBe(sample!.run_id);
  });

  test(
    'SIGTERM leaves nothing behind; a start through npm has the same data, no second sample, and ends with npm',
    {
      timeout: SLOW,
    },
    async () => {
      const before = (await runsOf(kalla.address)).map((run) => run.run_id);
      const processes = descendants(kalla.child.pid!);
      expect(processes.length).toBeGreaterThanOrEqual(2);
      const { code, ms } = await kalla.stop();
      expect({ code, inTime: ms < 10_000 }).toEqual({ code: 0, inTime: true });
      expect(processes.filter(isAlive)).toEqual([]);
      await expect(fetch(kalla.address)).rejects.toThrow();

      const port = await freePort();
      const address = `http://127.0.0.1:${port}`;
      const start = performance.now();
      const npm = spawn('npm', ['start'], {
        cwd: ROOT,
        env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: String(port), KALLA_DATA_DIR: kalla.dataDir },
        stdio: 'ignore',
      });
      try {
        await until(async () => (await fetch(`${address}/healthz`)).ok, 60_000);
        expect(performance.now() - start).toBeLessThan(20_000);
        expect((await runsOf(address)).map((run) => run.run_id)).toEqual(before);
        const again = descendants(npm.pid!);
        npm.kill('SIGTERM');
        await until(() => !again.some(isAlive), 10_000);
      } finally {
        npm.kill('SIGKILL');
      }
    },
  );
});

describe('npm start says in a sentence', () => {
  test('that PORT is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, text } = await attempt({ PORT: String(port), KALLA_DATA_DIR: join(tmpdir(), 'kalla-never') });
    server.close();
    expect(code).toBe(1);
    expect(text).toMatch(new RegExp(`^Port ${port} on 127.0.0.1 is taken.*Set PORT`));
    expect(text).not.toMatch(/\n\s+at /);
  });

  test('that it cannot write into the data folder', async () => {
    // A file where a folder should be: that stops root as well.
    const { code, text } = await attempt({ KALLA_DATA_DIR: join(ROOT, 'LICENSE', 'data') });
    expect(code).toBe(1);
    expect(text).toMatch(/^Kalla cannot write into its data folder .*set KALLA_DATA_DIR/);
  });

  test('that HOST would open it to others', { timeout: SLOW }, async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'kalla-host-'));
    const { code, text } = await attempt({ HOST: '0.0.0.0', KALLA_DATA_DIR: dataDir });
    rmSync(dataDir, { recursive: true, force: true });
    expect(code).toBe(1);
    expect(text).toMatch(/sign-in/);
    // Not after the minute that a start may take.
    expect(text).toContain('The shell ended right after its start.');
  });
});

/** Command line of a process. */
function commandOf(pid: number): string {
  return spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
}
