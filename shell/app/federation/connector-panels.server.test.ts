import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectorInfoSchema } from '@kalla/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLog } from '../server/log.server.ts';
import { setServices, type Services } from '../server/services.server.ts';
import { installedPanels, withPanels } from './connector-panels.server.ts';
import { servePanelAsset } from './panel-assets.server.ts';
import { sharedVersions } from './shared-versions.server.ts';

const NAME = '@acme/kalla-connector-quill';
let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'kalla-connector-panels-'));
  setServices({ env: { dataDir }, log: createLog('silent') } as unknown as Services);
});
afterEach(() => {
  setServices(undefined);
  rmSync(dataDir, { recursive: true, force: true });
});

const place = (version: string) => `connectors/quill/${version}`;
/** Lays one version of the package out, as an installation does. */
function layOut(version: string, { panel = {}, code = `"${version}"`, mf = {} as object | string } = {}): string {
  const folder = path.join(dataDir, place(version));
  mkdirSync(path.join(folder, 'dist', 'panel'), { recursive: true });
  const panels = [{ slot: 'source.setup', expose: './Setup', ...panel }];
  const connector = { id: 'quill', title: 'Quill', entry: './dist/index.js', configSchema: './dist/s.json', panels };
  const manifest = {
    name: 'quill',
    metaData: { remoteEntry: { name: 'entry.js', path: '', type: 'global' } },
    shared: [{ name: 'react', requiredVersion: '^19.0.0', singleton: true }],
    exposes: [{ path: './Setup', assets: { js: { sync: ['setup.js'] }, css: { sync: ['setup.css'] } } }],
  };
  const files: Record<string, string> = {
    'package.json': JSON.stringify({ name: NAME, version, kalla: { api: '^1.0.0', connectors: [connector] } }),
    'dist/index.js': 'server code',
    'dist/panel/mf-manifest.json': typeof mf === 'string' ? mf : JSON.stringify({ ...manifest, ...mf }),
    'dist/panel/entry.js': code,
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, file), text);
  return folder;
}
function lock(version: string | null, previous?: string) {
  const entry = (one: string) => ({ version: one, path: place(one) });
  const connectors =
    version === null
      ? []
      : [{ name: NAME, ...entry(version), previous: previous === undefined ? null : entry(previous) }];
  writeFileSync(path.join(dataDir, 'connectors.lock.json'), JSON.stringify({ connectors }));
}
const info = (version: string) =>
  connectorInfoSchema.parse({
    type: 'quill',
    title: 'Quill',
    package: NAME,
    version,
    builtin: false,
    schemes: [],
    extensions: [],
    config_schema: {},
    panel: { slot: 'source.setup', expose: './Setup' },
  });
const panelOf = (version: string) => withPanels([info(version)])[0]?.panel;
const get = (address: string) =>
  servePanelAsset(
    address.replace('/panels/', ''),
    installedPanels({ previous: true }).map(({ panel }) => panel),
  );

it('gives the panel of the version in use, with addresses that change with its content', async () => {
  layOut('1.0.0');
  lock('1.0.0');
  const panel = panelOf('1.0.0');
  const base = panel?.entry?.replace('entry.js', '') ?? '';
  expect(base).toMatch(/^\/panels\/@acme\/kalla-connector-quill\/[0-9a-f]{16}\/$/);
  expect(panel).toEqual({
    slot: 'source.setup',
    expose: './Setup',
    remote: 'quill',
    entry: `${base}entry.js`,
    scripts: [`${base}entry.js`, `${base}setup.js`],
    styles: [`${base}setup.css`],
  });
  const script = await get(`${base}entry.js`);
  expect([script.status, await script.text()]).toEqual([200, '"1.0.0"']);
  expect(script.headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/);
});

it('follows the lock file: an upgrade, a way back, a removal', async () => {
  layOut('1.0.0');
  layOut('2.0.0');
  lock('1.0.0');
  const first = panelOf('1.0.0')?.entry ?? '';
  lock('2.0.0', '1.0.0');
  const second = panelOf('2.0.0')?.entry ?? '';
  expect(second).not.toBe(first);
  // The worker has not seen the change yet: the plain form, and no panel of another version.
  expect(panelOf('1.0.0')).toEqual({ slot: 'source.setup', expose: './Setup' });
  expect(await Promise.all([first, second].map(async (one) => (await get(one)).status))).toEqual([200, 200]);
  lock('1.0.0', '2.0.0');
  expect(panelOf('1.0.0')?.entry).toBe(first);
  lock(null);
  expect(await Promise.all([first, second].map(async (one) => (await get(one)).status))).toEqual([404, 404]);
  expect(installedPanels()).toEqual([]);
});

it('serves nothing but the files of the panel', async () => {
  const folder = layOut('1.0.0');
  writeFileSync(path.join(dataDir, 'secret.json'), '{}');
  symlinkSync(path.join(dataDir, 'secret.json'), path.join(folder, 'dist/panel/link.json'));
  lock('1.0.0');
  const base = panelOf('1.0.0')?.entry?.replace('entry.js', '') ?? '';
  for (const name of ['../index.js', '../../package.json', '..%2findex.js', 'link.json', '', '.', 'index.js', 'x\0.js'])
    expect([name, (await get(base + name)).status]).toEqual([name, 404]);
});

it.each<[string, Parameters<typeof layOut>[1], RegExp]>([
  [
    'is for another React',
    { mf: { shared: [{ name: 'react', requiredVersion: '^18.0.0' }] } },
    /needs react \^18\.0\.0/,
  ],
  ['has a manifest that is no JSON', { mf: '{' }, /is not JSON/],
  ['has a name that no script can have', { mf: { name: 'a b' } }, /letters, digits and underscores/],
  ['lies elsewhere', { panel: { manifest: './../../../outside/mf-manifest.json' } }, /outside of the package/],
  ['lies among the rest of the package', { panel: { manifest: './mf-manifest.json' } }, /no folder of its own/],
  ['is a folder', { panel: { manifest: './dist' } }, /cannot be read \(EISDIR\)/],
  ['is not there', { panel: { manifest: './gone/mf-manifest.json' } }, /has not been built/],
])('says why a panel that %s is not shown', (_, options, reason) => {
  const folder = layOut('1.0.0', options);
  for (const other of [folder, path.join(dataDir, 'outside')]) {
    mkdirSync(other, { recursive: true });
    const name = path.join(other, 'mf-manifest.json');
    symlinkSync(path.join(folder, 'dist/panel/mf-manifest.json'), name);
    writeFileSync(path.join(other, 'entry.js'), '');
  }
  lock('1.0.0');
  const panel = panelOf('1.0.0');
  expect(panel?.refused).toMatch(reason);
  expect(panel?.entry).toBeUndefined();
});

it('leaves the plain form where the lock file is damaged or the package is gone', () => {
  writeFileSync(path.join(dataDir, 'connectors.lock.json'), '{');
  expect(panelOf('1.0.0')).toEqual({ slot: 'source.setup', expose: './Setup' });
  lock('1.0.0');
  expect(panelOf('1.0.0')).toEqual({ slot: 'source.setup', expose: './Setup' });
});

it('leaves connectors without a panel, and those that come with Kalla, as they are', () => {
  const plain = { ...info('1.0.0'), panel: null };
  const own = { ...info('1.0.0'), builtin: true };
  expect(withPanels([plain, own])).toEqual([plain, own]);
  expect(sharedVersions.react).toMatch(/^19/);
});
