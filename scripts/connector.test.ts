import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
});
