import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../../testing/require-part.ts';
import { startWorker } from '../../../testing/real-worker.ts';
import { fixtureConnector, type FixtureOptions } from '../../../testing/registry/fixture-connector.ts';
import { packPackage, type PackedFixture } from '../../../testing/registry/pack-package.ts';
import { registryUser, type PublishOptions, type TestRegistryUser } from '../../../testing/registry/test-registry.ts';
import { startTestShell, type TestShell } from '../../../testing/running-shell.ts';

const MIB = 1024 ** 2;

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
      KALLA_MAX_CONNECTOR_BYTES: String(4 * MIB),
    });
    const good = fixtureConnector({ name: 'kalla-connector-good', id: 'good' });
    await registry.publish(good);
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
    const names: [unknown, RegExp][] = [
      ['../x', /is not the name of an npm package/],
      ['--flag', /is not the name/],
      ['KALLA', /lower case/],
      ['x'.repeat(300), /300 characters/],
      ['a b', /is not the name/],
      ['', /is not the name/],
      ['https://evil.example/x.tgz', /is an address/],
      ['file:/etc', /is an address/],
      ['git+https://evil.example/x.git', /is an address/],
      ['acme/x', /is an address/],
      ['npm:kalla-connector-good@1.2.0', /is an address/],
      [7, /has to be a text/],
    ];
    for (const [name, sentence] of names) await refused({ package: name, version: '1.2.0' }, sentence);
    for (const version of ['', '^1.2.0', 'latest', '1', '1.2.0; rm -rf /', '--registry=http://x', '../..'])
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

  /** Publishes the package under a name of its own and expects its refusal. */
  const publishedIs = async (
    name: string,
    options: FixtureOptions | PackedFixture,
    sentence: RegExp,
    told?: PublishOptions,
  ) => {
    const full = `kalla-connector-${name}`;
    const packed = 'tarball' in options ? options : fixtureConnector({ name: full, id: name, ...options });
    await registry.publish(packed, told);
    await refused({ package: full, version: told?.listed?.version ?? packed.manifest.version }, sentence);
  };

  /** Expects the refusal of a packed file that lies on the server: what is asked of a package is the same from everywhere. */
  const packedIs = async (name: string, options: FixtureOptions, sentence: RegExp) => {
    const file = join(scratch, `${name}.tgz`);
    writeFileSync(file, fixtureConnector({ name: `kalla-connector-${name}`, id: name, ...options }).tarball);
    await refused({ tarball: file }, sentence);
  };

  it(
    'a package whose code throws, ends the process, never ends, or is no connector',
    { timeout: 180_000 },
    async () => {
      await publishedIs(
        'throws',
        { entry: 'throw new Error("no licence file postgres://u:s3cr3t@h/db");' },
        /"throws" cannot be loaded: no licence file postgres:\/\/u:\*\*\*@h\/db\.$/,
      );
      await packedIs(
        'late',
        { entry: 'setTimeout(() => { throw new Error("much later"); }, 20); export default {};' },
        /"late" cannot be loaded: much later/,
      );
      await packedIs('syntax', { entry: 'export default {' }, /"syntax" cannot be loaded: Unexpected end of input/);
      await packedIs(
        'import',
        { entry: 'import "not-there"; export default {};' },
        /"import" cannot be loaded: Cannot find package 'not-there'/,
      );
      await packedIs('exits', { entry: 'process.exit(7);' }, /ended the process that loaded it \(exit code 7\)/);
      await packedIs('aborts', { entry: 'process.abort();' }, /brought down the process that loaded it \(SIG/);
      await publishedIs('loops', { entry: 'for (;;);' }, /still busy 20 seconds after it was loaded/);
      await packedIs('nothing', { entry: 'export const x = 1;' }, /no default export/);
      await packedIs(
        'half',
        { entry: 'export default { apiVersion: 1, open() {}, toUri() {} };' },
        /lacks fromUri\(\)/,
      );
      await packedIs(
        'settings',
        { entry: 'export default { apiVersion: 1, open() {}, toUri() {}, fromUri() {}, config: {} };' },
        /lacks "config"/,
      );
      await packedIs(
        'future',
        { entry: 'export default { apiVersion: 2 };' },
        /written for connector API version 2; this Kalla has 1/,
      );
    },
  );

  it('a package that lies in its manifest, or has none', { timeout: 180_000 }, async () => {
    await publishedIs(
      'plain',
      packPackage({ name: 'kalla-connector-plain', version: '1.0.0' }),
      /has no "kalla" block/,
    );
    await packedIs('block', { manifest: { kalla: 'yes' } }, /"kalla" block of its package.json is not valid/);
    await packedIs('empty', { manifest: { kalla: { api: '^1.0.0', connectors: [] } } }, /"kalla" block names none/);
    await packedIs(
      'api',
      { manifest: { kalla: { api: '^2.0.0', connectors: [] } } },
      /written for connector API \^2\.0\.0; this Kalla has 1\.0\.0/,
    );
    await packedIs(
      'escape',
      { connector: { entry: './../../../../../../../../../etc/hostname' } },
      /lies outside of the package/,
    );
    await packedIs('entry', { connector: { entry: './none.js' } }, /\.\/none\.js is missing/);
    await packedIs('schema', { schema: [] }, /is not a JSON Schema object/);
    await packedIs('form', { schema: { type: 'object', properties: {}, anyOf: [] } }, /uses "anyOf"/);
    await packedIs(
      'more',
      { schema: { type: 'object', properties: { tenant: {}, token: {}, color: {} } } },
      /describes the setting "color", which its code does not know/,
    );
    await packedIs(
      'less',
      { schema: { type: 'object', properties: { tenant: {} } } },
      /has the setting "token", which its config schema does not describe/,
    );
    await packedIs('node', { manifest: { engines: { node: '>=99' } } }, /needs Node >=99/);
    await publishedIs(
      'other',
      fixtureConnector({ name: 'kalla-connector-someone', id: 'someone' }),
      /says that it is kalla-connector-someone 1\.2\.0/,
      { listed: { name: 'kalla-connector-other' } },
    );
    await publishedIs('checksum', {}, /checksum differs/, { dist: { integrity: fixtureConnector().integrity } });
  });

  it('a package that takes what another connector has', { timeout: 60_000 }, async () => {
    await publishedIs(
      'twin',
      { id: 'postgres', scheme: 'twin' },
      /It calls a connector "postgres", and that is the connector "postgres" of @kalla\/connector-postgres already/,
    );
    await packedIs('copy', { id: 'good' }, /that is the connector "good" of kalla-connector-good already/);
    await packedIs(
      'thief',
      { scheme: 'postgresql' },
      /claims "postgresql:" addresses, which belong to the connector "postgres"/,
    );
    await packedIs('files', { connector: { extensions: ['.csv'] } }, /claims "\.csv" files/);
  });

  it('a package that does not fit to this Kalla, or does not get what it depends on', { timeout: 90_000 }, async () => {
    await packedIs(
      'core',
      { manifest: { peerDependencies: { '@kalla/core': '^9.0.0' } } },
      /needs @kalla\/core \^9\.0\.0, this Kalla has/,
    );
    await publishedIs(
      'missing',
      { manifest: { dependencies: { 'not-in-this-registry': '1.0.0' } } },
      /does not have the package, or not in that version \(not-in-this-registry\)/,
    );
    for (const spec of [
      'git+https://evil.example/x.git',
      'https://evil.example/x.tgz',
      'file:../../x',
      'acme/x',
      '../x',
    ])
      await packedIs(
        'by-address',
        { manifest: { dependencies: { x: spec } } },
        /depends on "x" by an address or a folder/,
      );
    const panel = { slot: 'source.setup', expose: './Setup', remote: 'acme', manifest: './panel/mf-manifest.json' };
    const federated = (react: string) =>
      JSON.stringify({
        name: 'acme',
        metaData: { remoteEntry: { name: 'entry.js', path: '', type: 'global' } },
        shared: [{ name: 'react', requiredVersion: react, singleton: true }],
        exposes: [{ path: './Setup', assets: { js: {}, css: {} } }],
      });
    const withPanel = (files: Record<string, string>) => ({ connector: { panels: [panel] }, files });
    await publishedIs(
      'react',
      withPanel({ 'panel/mf-manifest.json': federated('^18.0.0'), 'panel/entry.js': '' }),
      /panel for "source\.setup" does not fit this Kalla\. It needs react \^18\.0\.0, this Kalla has 19/,
    );
    await packedIs('unbuilt', withPanel({}), /mf-manifest\.json is missing/);
    const brings = (panels: unknown[], files = {}) => ({ connector: { panels }, files });
    await packedIs('nowhere', brings([{ slot: 'source.setup', expose: './Setup' }]), /mf-manifest\.json is missing/);
    await packedIs('slot', brings([{ ...panel, slot: 'run.view' }]), /brings a panel for "run\.view"\. It can bring/);
    await packedIs('two', brings([panel, panel]), /brings more than one panel/);
    await packedIs(
      'top',
      brings([{ ...panel, manifest: './mf-manifest.json' }], {
        'mf-manifest.json': federated('^19.0.0'),
        'entry.js': '',
      }),
      /lies outside of the package, or in no folder of its own/,
    );
    const taken = { ...panel, remote: 'kalla_panel_run_viewer' };
    await packedIs(
      'remote',
      brings([taken], {
        'panel/mf-manifest.json': federated('^19.0.0').replace('"acme"', '"kalla_panel_run_viewer"'),
        'panel/entry.js': '',
      }),
      /is the remote "kalla_panel_run_viewer", and so is one of @kalla\/panel-run-viewer/,
    );
  });

  it('a package that is too large, whatever it says of itself', { timeout: 120_000 }, async () => {
    await publishedIs('huge', {}, /is 2 GiB large\. This Kalla installs at most 4 MiB .* Nothing was downloaded\.$/, {
      dist: { unpackedSize: 2 * 1024 ** 3 },
    });
    const zeros = { files: { zeros: Buffer.alloc(40 * MIB) } };
    await publishedIs('bomb', zeros, /Unpacked it is larger than 4 MiB/, { dist: { unpackedSize: 1000 } });
    await registry.publish(
      packPackage({ name: 'large-dependency', version: '1.0.0' }, { zeros: Buffer.alloc(60 * MIB) }),
    );
    await publishedIs(
      'heavy',
      { manifest: { dependencies: { 'large-dependency': '1.0.0' } } },
      /With what it depends on it is larger than 4 MiB/,
    );
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
