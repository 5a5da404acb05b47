import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../testing/until.ts';
import { isAlive } from './alive.mjs';
import { ROOT } from './paths.mjs';
import { Part } from './part.mjs';
import { isFree, reserveFreePort } from './ports.mjs';
import type { UserError } from './user-error.mjs';

let folder: string;
let parts: Part[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kalla-part-'));
  parts = [];
});
afterEach(() => {
  for (const part of parts) part.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** A server with a child of its own, as the worker has; it writes both process ids where the test finds them. */
const SERVER = `
import { fork } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
if (process.argv[2] === 'child') setInterval(() => {}, 1000);
else {
  const child = fork(process.argv[1], ['child']);
  writeFileSync(process.env.PIDS + '.new', JSON.stringify([process.pid, child.pid]));
  renameSync(process.env.PIDS + '.new', process.env.PIDS); // A test that reads meanwhile never finds half of it.
  createServer((request, response) => response.end('ok')).listen(Number(process.env.PORT), '127.0.0.1');
  process.on('SIGTERM', () => {
    if (process.env.STUBBORN) return;
    console.log('closing in order');
    process.exit(0);
  });
}
`;

async function serverPart(env: NodeJS.ProcessEnv = {}, onGiveUp: (error: UserError) => void = () => {}) {
  const file = join(folder, 'server.mjs');
  const pidsFile = join(folder, 'pids.json');
  writeFileSync(file, SERVER);
  const { port, release } = await reserveFreePort(20_000 + Math.floor(Math.random() * 20_000), '127.0.0.1');
  const part = new Part({
    name: 'server',
    args: [file],
    env: { ...process.env, PORT: String(port), PIDS: pidsFile, ...env },
    logFile: join(folder, 'logs', 'server.log'),
    healthUrl: `http://127.0.0.1:${port}/`,
    onGiveUp,
  });
  parts.push(part);
  await part.start();
  release();
  const pids = () => JSON.parse(readFileSync(pidsFile, 'utf8')) as number[];
  return { part, port, pids };
}

describe('a part', () => {
  test('is ready after start, and stop ends it and its child in order', async () => {
    const { part, port, pids } = await serverPart();
    const before = pids();
    expect(before.every(isAlive)).toBe(true);
    await part.stop();
    expect(before.filter(isAlive)).toEqual([]);
    expect(await isFree(port, '127.0.0.1')).toBe(true);
    expect(readFileSync(join(folder, 'logs', 'server.log'), 'utf8')).toContain('closing in order');
  });

  test('that does not listen to SIGTERM is ended within 10 s', async () => {
    const { part, pids } = await serverPart({ STUBBORN: '1' });
    const before = pids();
    const start = performance.now();
    await part.stop();
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(before.filter(isAlive)).toEqual([]);
  });

  test('is started again after kill -9, without what it left behind', async () => {
    const { part, pids, port } = await serverPart();
    const before = pids();
    process.kill(before[0]!, 'SIGKILL');
    await until(async () => pids()[0] !== before[0] && (await fetch(`http://127.0.0.1:${port}/`)).ok);
    expect(before.filter(isAlive)).toEqual([]);
    const after = pids();
    await part.stop();
    expect(after.filter(isAlive)).toEqual([]);
  });

  test('that cannot start is reported with the end of its log', async () => {
    const file = join(folder, 'broken.mjs');
    writeFileSync(file, "console.error('DATABASE_URL is wrong.'); process.exit(3);");
    const part = new Part({
      name: 'shell',
      args: [file],
      env: process.env,
      logFile: join(folder, 'shell.log'),
      healthUrl: 'http://127.0.0.1:1/',
      onGiveUp: () => {},
    });
    await expect(part.start()).rejects.toThrow(/The shell ended right after its start[^]*DATABASE_URL is wrong/);
  });

  test('that keeps ending is given up with a sentence', async () => {
    let sentence = '';
    const { pids } = await serverPart({}, (error) => (sentence = error.message));
    for (let last = 0; !sentence;) {
      const [pid] = pids();
      if (pid !== last && pid !== undefined && isAlive(pid)) {
        last = pid;
        await sleep(400); // So that it was ready.
        if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      }
      await sleep(50);
    }
    expect(sentence).toMatch(/The server keeps ending by itself/);
  });

  test('leaves the processes that it forks as they are: they listen to messages, and end when they are done', async () => {
    const file = join(folder, 'forks.mjs');
    writeFileSync(
      file,
      `import { fork } from 'node:child_process';
       import { renameSync, writeFileSync } from 'node:fs';
       import { createServer } from 'node:http';
       if (process.argv[2] === 'child') {
         process.once('message', (message) => process.send({ answer: message.question * 2 }));
       } else {
         const child = fork(process.argv[1], ['child']);
         setTimeout(() => child.send({ question: 21 }), 500); // It has to wait for its message.
         let answer = null;
         child.on('message', (message) => (answer = message.answer));
         child.on('exit', (code) => {
           writeFileSync(process.env.RESULT + '.new', JSON.stringify({ answer, code }));
           renameSync(process.env.RESULT + '.new', process.env.RESULT);
         });
         createServer((request, response) => response.end()).listen(Number(process.env.PORT), '127.0.0.1');
       }`,
    );
    const { port, release } = await reserveFreePort(42_000, '127.0.0.1');
    const result = join(folder, 'result.json');
    const part = new Part({
      name: 'forks',
      args: [file],
      env: { ...process.env, PORT: String(port), RESULT: result },
      logFile: join(folder, 'forks.log'),
      healthUrl: `http://127.0.0.1:${port}/`,
      onGiveUp: () => {},
    });
    parts.push(part);
    await part.start();
    release();
    await until(() => existsSync(result));
    expect(JSON.parse(readFileSync(result, 'utf8'))).toEqual({ answer: 42, code: 0 });
    await part.stop();
  });

  test('ends with its parent, also when that is killed with -9', async () => {
    const { port, release } = await reserveFreePort(41_000, '127.0.0.1');
    writeFileSync(join(folder, 'server.mjs'), SERVER);
    const parent = join(folder, 'parent.mjs');
    const options = {
      name: 'server',
      args: [join(folder, 'server.mjs')],
      env: { PATH: process.env.PATH, PORT: String(port), PIDS: join(folder, 'pids.json') },
      logFile: join(folder, 'server.log'),
      healthUrl: `http://127.0.0.1:${port}/`,
    };
    writeFileSync(
      parent,
      `import { Part } from ${JSON.stringify(pathToFileURL(join(ROOT, 'scripts/lib/part.mjs')).href)};
       await new Part({ ...${JSON.stringify(options)}, onGiveUp() {} }).start();
       console.log('ready');`,
    );
    const child = spawn(process.execPath, [parent], { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const chunk of child.stdout) if (String(chunk).includes('ready')) break;
    release();
    const pids = JSON.parse(readFileSync(join(folder, 'pids.json'), 'utf8')) as number[];
    expect(pids.every(isAlive)).toBe(true);
    child.kill('SIGKILL');
    await until(() => !pids.some(isAlive));
  });
});
