import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSchema, accountsForEveryRow, isFinished, type Run } from '@kalla/core';
import { describe, expect, test } from 'vitest';
import { isAlive } from '../../scripts/lib/alive.mjs';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { freePort, startKalla } from '../kalla-process.ts';
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

describe('npm start', () => {
  test('shows the finished sample run, and SIGTERM leaves nothing behind', { timeout: SLOW }, async () => {
    await using kalla = await startKalla();
    expect((await fetch(`${kalla.address}/healthz`)).status).toBe(200);
    expect((await fetch(kalla.address)).headers.get('content-type')).toContain('text/html');

    await until(async () => (await runsOf(kalla.address))[0]?.status === 'completed', 60_000);
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

    const processes = descendants(kalla.child.pid!);
    expect(processes.length).toBeGreaterThanOrEqual(2);
    const { code, ms } = await kalla.stop();
    expect({ code, inTime: ms < 10_000 }).toEqual({ code: 0, inTime: true });
    expect(processes.filter(isAlive)).toEqual([]);
    await expect(fetch(kalla.address)).rejects.toThrow();
  });

  test('a second start has the same data, and does not load the sample again', { timeout: SLOW }, async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'kalla-again-'));
    try {
      const first = await startKalla({ KALLA_DATA_DIR: dataDir });
      await until(async () => (await runsOf(first.address))[0]?.status === 'completed', 60_000);
      const before = (await runsOf(first.address)).map((run) => run.run_id);
      await first.stop();
      const start = performance.now();
      const second = await startKalla({ KALLA_DATA_DIR: dataDir });
      expect(performance.now() - start).toBeLessThan(20_000);
      expect((await runsOf(second.address)).map((run) => run.run_id)).toEqual(before);
      await second.stop();
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  test('two run side by side, each with its own worker and data', { timeout: SLOW }, async () => {
    const [one, two] = await Promise.all([startKalla(), startKalla({ KALLA_SAMPLE: '0' })]);
    try {
      expect(one.address).not.toBe(two.address);
      await until(async () => (await runsOf(one.address))[0]?.status === 'completed', 60_000);
      expect(await runsOf(two.address)).toEqual([]);
    } finally {
      await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()]);
    }
  });

  test('kill -9 takes worker and shell with it', { timeout: SLOW }, async () => {
    await using kalla = await startKalla({ KALLA_SAMPLE: '0' });
    const processes = descendants(kalla.child.pid!);
    kalla.child.kill('SIGKILL');
    await until(() => !processes.some(isAlive));
  });

  test('a worker that is killed is started again, and the next run works', { timeout: SLOW }, async () => {
    await using kalla = await startKalla();
    await until(async () => (await runsOf(kalla.address))[0]?.status === 'completed', 60_000);
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

  test('through npm: SIGTERM to npm ends all of it', { timeout: SLOW }, async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'kalla-npm-'));
    const port = await freePort();
    const child = spawn('npm', ['start'], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: String(port), KALLA_DATA_DIR: dataDir },
      stdio: 'ignore',
    });
    try {
      await until(async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok, 60_000);
      const processes = descendants(child.pid!);
      child.kill('SIGTERM');
      await until(() => !processes.some(isAlive), 10_000);
    } finally {
      child.kill('SIGKILL');
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});

describe('npm start says in a sentence', () => {
  /** Runs it to its end. */
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

  test('that the data folder belongs to a running Kalla', { timeout: SLOW }, async () => {
    await using kalla = await startKalla({ KALLA_SAMPLE: '0' });
    const { code, text } = await attempt({ KALLA_DATA_DIR: kalla.dataDir });
    expect(code).toBe(1);
    expect(text).toContain(`in use by another Kalla (process ${kalla.child.pid})`);
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
  });
});

/** Command line of a process. */
function commandOf(pid: number): string {
  return spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
}
