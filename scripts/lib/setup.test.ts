import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isBuilt, fingerprint } from './built.mjs';
import { openDataDir } from './data-dir.mjs';
import { ensureInstalled, isInstalled } from './installed.mjs';
import { nodeTooOld } from './node-version.mjs';
import { ROOT } from './paths.mjs';
import { tryPidLock } from './pid-lock.mjs';
import { reserveFreePort, reserveGivenPort } from './ports.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kalla-setup-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, text: string) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

test.each([
  ['20.19.0', true],
  ['20.20.2', true],
  ['22.0.0', true],
  ['20.18.9', false],
  ['18.20.0', false],
])('Node %s is new enough: %s', (version, fits) => {
  const sentence = nodeTooOld(version);
  if (fits) expect(sentence).toBeNull();
  else expect(sentence).toContain(`this is Node ${version}`);
});

describe('installed', () => {
  const entry = (version: string) => ({ version, resolved: `https://registry.example/a-${version}.tgz` });
  const lock = (version: string) =>
    JSON.stringify({
      packages: {
        '': {},
        worker: {},
        'node_modules/a': entry(version),
        'node_modules/w': { version: '1', optional: true },
      },
    });
  const record = (version: string) => JSON.stringify({ packages: { 'node_modules/a': entry(version) } });

  test('is false without node_modules, and true with what the lock file says', () => {
    put('package-lock.json', lock('1.0.0'));
    expect(isInstalled(folder)).toBe(false);
    put('node_modules/.package-lock.json', record('1.0.0'));
    expect(isInstalled(folder)).toBe(true);
  });

  test('is false once the lock file asks for something else', () => {
    put('package-lock.json', lock('1.0.0'));
    put('node_modules/.package-lock.json', record('1.0.0'));
    expect(isInstalled(folder)).toBe(true);
    put('package-lock.json', lock('1.0.1'));
    expect(isInstalled(folder)).toBe(false);
    put('node_modules/.package-lock.json', record('1.0.1'));
    expect(isInstalled(folder)).toBe(true);
  });

  test('npm ci runs where nothing is installed, and not a second time', async () => {
    put('package.json', JSON.stringify({ name: 'x', version: '1.0.0', dependencies: { inner: 'file:inner' } }));
    put('inner/package.json', JSON.stringify({ name: 'inner', version: '1.0.0' }));
    expect(
      spawnSync('npm', ['install', '--package-lock-only', '--no-audit'], {
        cwd: folder,
        shell: process.platform === 'win32',
      }).status,
    ).toBe(0);
    await ensureInstalled(folder);
    expect(readFileSync(join(folder, 'node_modules/.kalla-installed'), 'utf8')).toMatch(/^[0-9a-f]{64}$/);
    const start = performance.now();
    await ensureInstalled(folder);
    expect(performance.now() - start).toBeLessThan(500);
  });

  test('a failing npm ci is a sentence', async () => {
    put('package.json', JSON.stringify({ name: 'x', version: '1.0.0', dependencies: { a: '1.0.0' } }));
    put('package-lock.json', JSON.stringify({ name: 'x', lockfileVersion: 3, packages: {} }));
    await expect(ensureInstalled(folder)).rejects.toThrow(/npm could not install/);
  });
});

describe('built', () => {
  beforeEach(() => {
    for (const name of ['package-lock.json', 'tsconfig.base.json', 'tsup.base.ts', 'turbo.json']) put(name, '{}');
    put('worker/package.json', '{"scripts":{"build":"tsup"}}');
    put('worker/src/staging/sink.ts', 'export {};');
    put('worker/dist/index.js', '');
    put('node_modules/.kalla-built', fingerprint(folder));
  });

  test('is true until a source changes', () => {
    expect(isBuilt(folder)).toBe(true);
    put('worker/src/staging/sink.test.ts', 'a test');
    put('worker/README.md', 'a document');
    put('worker/dist/other.js', 'an output');
    expect(isBuilt(folder)).toBe(true);
    put('worker/src/staging/sink.ts', 'export const x = 1;');
    expect(isBuilt(folder)).toBe(false);
  });

  test('is false for the same size at another time, for a new file, and without the output', () => {
    utimesSync(join(folder, 'worker/src/staging/sink.ts'), 1, 1);
    expect(isBuilt(folder)).toBe(false);
    put('node_modules/.kalla-built', fingerprint(folder));
    put('worker/src/new.ts', '');
    expect(isBuilt(folder)).toBe(false);
    put('node_modules/.kalla-built', fingerprint(folder));
    expect(isBuilt(folder)).toBe(true);
    rmSync(join(folder, 'worker/dist'), { recursive: true });
    expect(isBuilt(folder)).toBe(false);
  });
});

describe('the data folder', () => {
  test('is locked against another process, whose number is named', async () => {
    // Another living process of ours holds the lock.
    const other = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `import { openDataDir } from ${JSON.stringify(new URL('./data-dir.mjs', import.meta.url).href)};
       openDataDir(${JSON.stringify(folder)}); console.log('locked'); setInterval(() => {}, 1000);`,
    ]);
    try {
      for await (const chunk of other.stdout) if (String(chunk).includes('locked')) break;
      expect(() => openDataDir(folder)).toThrow(new RegExp(`in use by another Kalla \\(process ${other.pid}\\)`));
    } finally {
      other.kill('SIGKILL');
      await new Promise((resolve) => other.once('exit', resolve));
    }
    openDataDir(folder).release(); // What a killed process left is taken over.
  });

  test('that cannot be made is a sentence with the place and what to do', () => {
    put('file', '');
    expect(() => openDataDir(join(folder, 'file', 'data'))).toThrow(
      /cannot write into its data folder .*KALLA_DATA_DIR/,
    );
  });

  test('a lock of an id that now belongs to someone else is stale when nobody renews it', () => {
    const file = join(folder, 'x.lock');
    writeFileSync(file, String(process.ppid));
    expect(tryPidLock(file)).toEqual({ heldBy: process.ppid });
    utimesSync(file, 1, 1);
    const lock = tryPidLock(file);
    expect('release' in lock).toBe(true);
    if ('release' in lock) lock.release();
  });
});

describe('ports', () => {
  test('a taken one is a sentence where it was asked for, and passed over where not', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      await expect(reserveGivenPort(String(port), '127.0.0.1')).rejects.toThrow(
        new RegExp(`Port ${port} on 127.0.0.1 is taken`),
      );
      const next = await reserveFreePort(port, '127.0.0.1');
      expect(next.port).toBeGreaterThan(port);
      next.release();
    } finally {
      server.close();
    }
  });

  test.each(['abc', '0', '65536', '80.5', '-1'])('PORT=%s is refused', async (text) => {
    await expect(reserveGivenPort(text, '127.0.0.1')).rejects.toThrow(/number from 1 to 65535/);
  });

  test('a host that is not ours is a sentence', async () => {
    await expect(reserveFreePort(21_000, '203.0.113.7')).rejects.toThrow(/no such address/);
  });
});

test('npm test without a test that ran fails, and says so on its last line', () => {
  const result = spawnSync(process.execPath, [join(ROOT, 'scripts/test.mjs'), 'no-such-test-anywhere'], {
    encoding: 'utf8',
    env: { ...process.env, KALLA_TEST_POSTGRES_URL: 'unused', KALLA_TEST_POSTGRES_TLS_URL: 'unused' },
  });
  expect(result.status).toBe(1);
  expect(result.stdout.trimEnd().split('\n').at(-1)).toMatch(/^0 passed, 1 failed, 0 skipped$/);
});
