import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../../testing/require-part.ts';
import { startWorker } from '../../../testing/real-worker.ts';
import { packPackage } from '../../../testing/registry/pack-package.ts';
import {
  brokenCode,
  falseManifests,
  giants,
  goodConnector,
  misfits,
  MOST_BYTES,
  packRefused,
  refusedNames,
  refusedVersions,
  thieves,
} from '../../../testing/registry/refused-packages.ts';
import { registryUser, type TestRegistryUser } from '../../../testing/registry/test-registry.ts';
import { startTestShell, type TestShell } from '../../../testing/running-shell.ts';

describeWith('verdaccio', 'what is not installed', (registryUrl) => {
  let shell: TestShell;
  let worker: Awaited<ReturnType<typeof startWorker>>;
  let registry: TestRegistryUser;
  let scratch: string;
  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'kalla-packages-'));
    const dataDir = mkdtempSync(join(tmpdir(), 'kalla-refusals-'));
    registry = await registryUser(registryUrl);
    worker = await startWorker(dataDir);
    shell = await startTestShell({
      ...worker.env,
      KALLA_DATA_DIR: dataDir,
      KALLA_NPM_REGISTRY: registryUrl,
      KALLA_MAX_CONNECTOR_BYTES: String(MOST_BYTES),
    });
    await registry.publish(goodConnector());
    expect((await install({ package: 'kalla-connector-good', version: '1.2.0' })).status).toBe(201);
  }, 90_000);
  afterAll(async () => {
    await worker?.stop();
    await shell?.end();
    rmSync(scratch, { recursive: true, force: true });
  });

  const install = (body: object) => shell.call('POST', '/api/connectors', body);
  /** The lock file and the names of everything below `connectors`, four levels deep. */
  const state = () => {
    const names = (folder: string, depth: number): string[] =>
      depth === 0 || !existsSync(folder)
        ? []
        : readdirSync(folder, { withFileTypes: true }).flatMap((one) => [
            join(folder, one.name),
            ...(one.isDirectory() ? names(join(folder, one.name), depth - 1) : []),
          ]);
    const staged = names(join(shell.dataDir, 'connectors', '.staging'), 1);
    return {
      lock: readFileSync(join(shell.dataDir, 'connectors.lock.json'), 'utf8'),
      installed: names(join(shell.dataDir, 'connectors'), 4),
      staged,
      data: readdirSync(shell.dataDir).sort(),
    };
  };
  async function refused(body: object, sentence: RegExp | string): Promise<void> {
    const before = state();
    expect(before.staged).toEqual([]);
    const answer = await install(body);
    expect([JSON.stringify(body).slice(0, 200), answer.status, answer.body.detail]).toEqual([
      JSON.stringify(body).slice(0, 200),
      422,
      expect.stringMatching(sentence),
    ]);
    expect(answer.body.detail).toMatch(/[.]$/);
    expect(answer.body.detail).not.toContain(shell.dataDir);
    expect(state()).toEqual(before);
    const listed = (await shell.call('GET', '/api/connectors')).body.connectors.filter(
      (one: { builtin: boolean }) => !one.builtin,
    );
    expect(listed).toMatchObject([{ package: 'kalla-connector-good', error: null }]);
  }

  it('a name that is none, a version that is not exact, a request that says too much or too little', async () => {
    for (const [name, sentence] of refusedNames) await refused({ package: name, version: '1.2.0' }, sentence);
    await refused({ package: 7, version: '1.2.0' }, /has to be a text/);
    for (const version of refusedVersions)
      await refused({ package: 'kalla-connector-good', version }, /one exact version/);
    await refused({ package: 'kalla-connector-good' }, /Name the exact version/);
    await refused({}, /Say what to install/);
    await refused({ package: 'kalla-connector-good', version: '1.2.0', folder: '/x' }, /Say what to install/);
    await refused({ folder: '/x', version: '1.0.0' }, /says its version itself/);
    await refused({ url: 'http://x' }, /There is no setting "url"/);
  });

  it('what the registry does not have', { timeout: 60_000 }, async () => {
    await refused({ package: 'kalla-connector-none', version: '1.0.0' }, /has no package kalla-connector-none\.$/);
    await refused(
      { package: 'kalla-connector-good', version: '9.9.9' },
      /but not in version 9\.9\.9\. Its newest: 1\.2\.0\.$/,
    );
  });

  it.each([
    ['whose code throws, ends the process, never ends, or is no connector', brokenCode],
    ['that lies in its manifest, or has none', falseManifests],
    ['that takes what another connector has', thieves],
    ['that does not fit to this Kalla, or does not get what it depends on', misfits],
    ['that is too large, whatever it says of itself', giants],
  ])('a package %s', { timeout: 240_000 }, async (_, packages) => {
    // All of them are seen on the page, by the same call, in connector-refusals.test.ts; here each way of getting a package, and some.
    for (const one of packages.filter(({ told }, index) => told !== undefined || index % 4 === 0)) {
      const packed = packRefused(one);
      for (const other of one.beside?.() ?? []) await registry.publish(other);
      if (one.told) {
        await registry.publish(packed, one.told);
        const { name = packed.manifest.name, version = packed.manifest.version } = one.told.listed ?? {};
        await refused({ package: name, version }, one.sentence);
      } else {
        const file = join(scratch, `${one.name}.tgz`);
        writeFileSync(file, packed.tarball);
        await refused({ tarball: file }, one.sentence);
      }
    }
  });

  it('a file or a folder that holds no package', { timeout: 60_000 }, async () => {
    const text = join(scratch, 'text.tgz');
    writeFileSync(text, 'a,b\n1,2\n');
    await refused({ tarball: text }, /not a packed npm package/);
    await refused(
      { tarball: join(scratch, 'none.tgz') },
      /There is no packed file .*none\.tgz that this server can read \(ENOENT\)/,
    );
    await refused({ tarball: 'packed.tgz' }, /named by its whole path on the server, or by the id of an upload/);
    await refused({ tarball: scratch }, /is not a file/);
    await refused({ tarball: 'u_0123' }, /There is no upload "u_0123"/);
    await refused({ folder: '../x' }, /named by its whole path/);
    await refused({ folder: join(scratch, 'none') }, /There is no folder/);
    await refused({ folder: text }, /is not a folder/);
    mkdirSync(join(scratch, 'empty'));
    await refused({ folder: join(scratch, 'empty') }, /has no package\.json/);
    const form = new FormData();
    form.append(
      'file',
      new File([new Uint8Array(packPackage({ name: 'x', version: '1.0.0' }).tarball)], 'x-1.0.0.tgz'),
    );
    const upload = await shell.call('POST', '/api/uploads', form);
    expect([upload.status, upload.body.detail]).toEqual([
      422,
      'x-1.0.0.tgz is not a packed connector. It is no connector: its package.json has no "kalla" block.',
    ]);
  });
});
