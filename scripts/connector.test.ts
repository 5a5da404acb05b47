import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectorsLock, LockedVersion } from '@kalla/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fixtureConnector } from '../shell/testing/registry/fixture-connector.ts';
import { registryUser } from '../shell/testing/registry/test-registry.ts';
import { startKalla } from '../testing/kalla-process.ts';
import { describeWith } from '../testing/require-part.ts';
import { ROOT } from './lib/paths.mjs';

describeWith('verdaccio', 'npm run connector', (registry) => {
  const NAME = '@shell/kalla-connector-shell';
  let dataDir: string;
  let scratch: string;
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'kalla-command-'));
    scratch = mkdtempSync(join(tmpdir(), 'kalla-command-scratch-'));
    const user = await registryUser(registry);
    for (const version of ['1.0.0', '1.1.0'])
      await user.publish(fixtureConnector({ name: NAME, id: 'shell', version }));
  }, 60_000);
  afterAll(() => {
    for (const folder of [dataDir, scratch]) rmSync(folder, { recursive: true, force: true });
  });

  const settings = () => ({ KALLA_DATA_DIR: dataDir, KALLA_NPM_REGISTRY: registry, KALLA_SAMPLE: '0' });
  const run = (...args: string[]) =>
    new Promise<{ code: number | null; output: string }>((resolve, reject) => {
      const { VITEST: _vitest, NODE_ENV: _mode, ...env } = process.env;
      const child = spawn(process.execPath, [join(ROOT, 'scripts', 'connector.mjs'), ...args], {
        cwd: ROOT,
        env: { ...env, ...settings() },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, output }));
    });

  it('says how it is used', async () => {
    for (const args of [
      [],
      ['fetch'],
      ['add'],
      ['list', 'x'],
      ['remove'],
      ['remove', 'x', '1.0.0'],
      ['add', 'a', '1.0.0', 'b'],
    ]) {
      const { code, output } = await run(...args);
      expect([args, code]).toEqual([args, 2]);
      expect(output).toContain('npm run connector -- add NAME [VERSION]');
    }
  });

  it(
    'installs, lists and removes while Kalla is stopped, and leaves nothing running',
    { timeout: 240_000 },
    async () => {
      const refused = await run('add', '../nowhere');
      expect([refused.code, refused.output]).toEqual([
        1,
        expect.stringMatching(/^There is no file or folder .*nowhere\.$/m),
      ]);
      const wrong = await run('add', '--flag', '1.0.0');
      expect([wrong.code, wrong.output]).toEqual([
        1,
        expect.stringContaining('"--flag" is not the name of an npm package'),
      ]);
      const added = await run('add', `${NAME}@1.0.0`);
      expect([added.code, added.output]).toEqual([
        0,
        expect.stringContaining(`${NAME} 1.0.0 is installed: Acme ledger.`),
      ]);
      expect(JSON.parse(readFileSync(join(dataDir, 'connectors.lock.json'), 'utf8'))).toMatchObject({
        connectors: [{ name: NAME, version: '1.0.0' }],
      });
      expect(existsSync(join(dataDir, 'kalla.lock'))).toBe(false);
      const listed = await run('list');
      expect(listed.output).toMatch(/^PostgreSQL: @kalla\/connector-postgres \S+ \(comes with Kalla\)$/m);
      expect(listed.output).toContain(`Acme ledger: ${NAME} 1.0.0\n`);
    },
  );

  it('does the same through a Kalla that runs', { timeout: 300_000 }, async () => {
    const packed = fixtureConnector({ name: 'kalla-connector-file', id: 'file-of-mine' });
    writeFileSync(join(scratch, 'file.tgz'), packed.tarball);
    const kalla = await startKalla(settings());
    try {
      const newest = await run('add', NAME);
      expect([newest.code, newest.output]).toEqual([0, expect.stringContaining(`${NAME} 1.1.0 is installed`)]);
      const back = await run('rollback', NAME);
      expect([back.code, back.output]).toEqual([0, `${NAME} is version 1.0.0 again.\n`]);
      expect((await run('add', join(scratch, 'file.tgz'))).output).toContain('kalla-connector-file 1.2.0 is installed');
      const listed = await fetch(`${kalla.address}/api/connectors`);
      expect(JSON.stringify(await listed.json())).toContain(`"package":"${NAME}","version":"1.0.0"`);
      const made = await fetch(`${kalla.address}/api/sources`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ alias: 'in_use', type: 'shell', uri: 'shell://x?table=entries', primary_key: ['id'] }),
      });
      expect(made.status).toBe(201);
      const refused = await run('remove', NAME);
      expect([refused.code, refused.output]).toEqual([
        1,
        `${NAME} is used by the source "in_use". Remove or change it first.\n`,
      ]);
      expect(await run('remove', 'kalla-connector-file')).toEqual({
        code: 0,
        output: 'kalla-connector-file is removed.\n',
      });
    } finally {
      await kalla.stop();
    }
    expect(existsSync(join(dataDir, 'kalla.address'))).toBe(false);
    // It knows without a running Kalla too what uses a connector.
    expect((await run('remove', NAME)).output).toContain('is used by the source "in_use"');
  });

  it(
    'tells two builds of one version apart, and says what is wrong with damaged ones',
    { timeout: 300_000 },
    async () => {
      const TWIN = 'kalla-connector-twin';
      const file = (which: string) => {
        const title = `Ledger of the ${which}`;
        const packed = fixtureConnector({ name: TWIN, id: 'twin', version: '0.1.0', connector: { title } });
        const path = join(scratch, `${which}.tgz`);
        writeFileSync(path, packed.tarball);
        return path;
      };
      const lock = join(dataDir, 'connectors.lock.json');
      const kalla = await startKalla(settings());
      try {
        /** The lines about the connector, which are all that are not about the built-in ones. */
        const list = async () => {
          const { code, output } = await run('list');
          return { code, lines: output.split('\n').filter((line) => line.includes(TWIN) || line.includes('damaged')) };
        };
        expect((await run('add', file('morning'))).output).toMatch(
          new RegExp(`^${TWIN} 0\\.1\\.0 is installed: Ledger of the morning\\.$`, 'm'),
        );
        expect(await list()).toEqual({ code: 0, lines: [`Ledger of the morning: ${TWIN} 0.1.0`] });

        const second = await run('add', file('evening'));
        const entry = (JSON.parse(readFileSync(lock, 'utf8')) as ConnectorsLock).connectors.find(
          ({ name }) => name === TWIN,
        );
        const inWords = (build: LockedVersion | null | undefined) => {
          expect(build).toMatchObject({ version: '0.1.0' });
          const day = build?.installed_at?.slice(0, 10);
          const time = build?.installed_at?.slice(11, 19);
          // The first letters and digits of the hash that npm itself writes.
          const sum = build?.integrity?.slice('sha512-'.length).replaceAll(/[/+=]/g, '').slice(0, 8);
          return `0.1.0, installed ${day} ${time} UTC, checksum ${sum}`;
        };
        const [evening, morning] = [inWords(entry), inWords(entry?.previous)];
        expect(evening).not.toBe(morning);
        expect(second.output.split('\n').slice(-3)).toEqual([
          `${TWIN} ${evening} is installed: Ledger of the evening.`,
          `${morning} is kept; "rollback ${TWIN}" goes back to it.`,
          '',
        ]);
        expect(await list()).toEqual({
          code: 0,
          lines: [`Ledger of the evening: ${TWIN} ${evening} (kept to go back to: ${morning})`],
        });
        expect(await run('rollback', TWIN)).toEqual({ code: 0, output: `${TWIN} is version ${morning} again.\n` });
        expect(await list()).toEqual({
          code: 0,
          lines: [`Ledger of the morning: ${TWIN} ${morning} (kept to go back to: ${evening})`],
        });

        // Its entry alone is gone: what it is called is still known. Then all of it.
        const folders = join(dataDir, 'connectors', TWIN);
        for (const path of readdirSync(folders, { recursive: true, encoding: 'utf8' }).filter((one) =>
          one.endsWith(join(TWIN, 'index.js')),
        ))
          rmSync(join(folders, path));
        expect(await list()).toEqual({
          code: 0,
          lines: [
            `Ledger of the morning: ${TWIN} ${morning} (kept to go back to: ${evening}; cannot be used: ./index.js is missing. Install it again.)`,
          ],
        });
        rmSync(folders, { recursive: true });
        expect(await list()).toEqual({
          code: 0,
          lines: [
            `${TWIN} ${morning} (kept to go back to: ${evening}; cannot be used: Its files are missing. Install it again.)`,
          ],
        });
        expect(await run('rollback', TWIN)).toEqual({
          code: 1,
          output: `The files of ${TWIN} 0.1.0, which was kept to go back to, are missing. Install that version again in place of going back.\n`,
        });
        expect((await run('add', join(scratch, 'evening.tgz'))).code).toBe(0);
        expect((await list()).lines).toEqual([
          expect.stringMatching(new RegExp(`^Ledger of the evening: ${TWIN} 0\\.1\\.0, installed`)),
        ]);

        const whole = readFileSync(lock);
        writeFileSync(lock, '{ not json');
        for (const args of [['list'], ['rollback', TWIN], ['add', join(scratch, 'evening.tgz')], ['remove', TWIN]]) {
          const { code, output } = await run(...args);
          expect([args, code]).toEqual([args, 1]);
          expect(output).toContain(
            'connectors.lock.json in the data directory, which says what is installed, is damaged',
          );
        }
        // Built-in ones are listed all the same.
        expect((await run('list')).output).toContain('PostgreSQL: @kalla/connector-postgres');
        writeFileSync(lock, whole);
        expect(await run('remove', TWIN)).toEqual({ code: 0, output: `${TWIN} is removed.\n` });
        expect(await list()).toEqual({ code: 0, lines: [] });
      } finally {
        await kalla.stop();
      }
    },
  );
});
