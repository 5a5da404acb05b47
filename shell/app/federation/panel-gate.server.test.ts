import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { servePanelAsset } from './panel-assets.server.ts';
import { checkPanel } from './panel-gate.server.ts';
import { scanPanels } from './panel-registry.server.ts';
import { sharedVersions } from './shared-versions.server.ts';

const kalla = {
  api: '^1.0.0',
  panels: [{ slot: 'run.view', expose: './Acme', remote: 'acme', manifest: './dist/mf-manifest.json' }],
};
const shared = [
  { name: 'react', requiredVersion: '^19.0.0', singleton: true },
  { name: '@kalla/core/panel', requiredVersion: `^${sharedVersions['@kalla/core/panel']}`, singleton: true },
];
const manifest = {
  name: 'acme',
  metaData: { remoteEntry: { name: 'remoteEntry.js', path: '', type: 'global' } },
  shared,
  exposes: [
    { path: './Acme', assets: { js: { sync: ['acme.js'], async: [] }, css: { sync: ['acme.css'], async: [] } } },
  ],
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kalla-panels-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function writePanel(
  block: unknown,
  mf: unknown,
  files: Record<string, string> = { 'remoteEntry.js': 'var acme', 'acme.js': '', 'acme.css': '' },
) {
  const dist = path.join(folder, 'acme', 'dist');
  mkdirSync(dist, { recursive: true });
  writeFileSync(
    path.join(folder, 'acme', 'package.json'),
    JSON.stringify({ name: '@acme/panel', version: '2.0.0', kalla: block }),
  );
  if (mf !== undefined)
    writeFileSync(path.join(dist, 'mf-manifest.json'), typeof mf === 'string' ? mf : JSON.stringify(mf));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(dist, name), text);
}
const refusal = () => scanPanels(folder)[0]?.entry.refused;

describe('the gate for panels', () => {
  it('lets a fitting panel in, with direct addresses that change with its content', () => {
    writePanel(kalla, manifest);
    const [first] = scanPanels(folder);
    const base = `/panels/@acme/panel/${first?.hash}`;
    expect(first?.entry).toEqual({
      package: '@acme/panel',
      version: '2.0.0',
      slot: 'run.view',
      remote: 'acme',
      expose: './Acme',
      entry: `${base}/remoteEntry.js`,
      scripts: [`${base}/remoteEntry.js`, `${base}/acme.js`],
      styles: [`${base}/acme.css`],
      refused: null,
      source: null,
    });
    writePanel(kalla, manifest, { 'acme.js': 'changed' });
    expect(scanPanels(folder)[0]?.hash).not.toBe(first?.hash);
  });

  const withShared = (...modules: unknown[]) => ({ ...manifest, shared: modules });
  it.each([
    [
      'another React',
      withShared({ name: 'react', requiredVersion: '^18.2.0' }),
      `It needs react ^18.2.0, this Kalla has ${sharedVersions.react}.`,
    ],
    [
      'a React of its own',
      withShared(),
      'It brings a React of its own: share "react" as a singleton without a fallback.',
    ],
    ['no version named', withShared({ name: 'react' }), 'It does not say which version of react it needs.'],
    [
      'something not shared',
      withShared(...shared, { name: 'react-router', requiredVersion: '^7.0.0' }),
      'It expects Kalla to share "react-router", which it does not.',
    ],
    [
      'another name',
      { ...manifest, name: 'other' },
      'Its mf-manifest.json is for the remote "other", its package.json names "acme".',
    ],
    ['no such module', { ...manifest, exposes: [] }, 'It does not expose ./Acme.'],
    [
      'an ES module entry',
      { ...manifest, metaData: { remoteEntry: { name: 'remoteEntry.js', path: '', type: 'module' } } },
      'Its remote entry is of type "module"; build it as a plain script ("global").',
    ],
    [
      'a missing entry',
      { ...manifest, metaData: { remoteEntry: { name: 'gone.js', path: '', type: 'global' } } },
      'Its remote entry gone.js is missing.',
    ],
    [
      'an entry outside of its folder',
      { ...manifest, metaData: { remoteEntry: { name: 'package.json', path: '..', type: 'global' } } },
      'Its remote entry package.json is missing.',
    ],
    ['no JSON', '{', 'Its mf-manifest.json is not JSON.'],
    ['no build', undefined, 'It has not been built: its mf-manifest.json is missing.'],
  ])('refuses %s, in words', (_, mf, sentence) => {
    writePanel(kalla, mf);
    expect(refusal()).toBe(sentence);
  });

  it('refuses another panel API and a range that is none', () => {
    writePanel({ ...kalla, api: '^2.0.0' }, manifest);
    expect(refusal()).toBe('It needs panel API ^2.0.0, this Kalla has 1.0.0.');
    writePanel({ ...kalla, api: 'newest' }, manifest);
    expect(refusal()).toBe('Its "kalla.api" is "newest", which is not a version range.');
  });

  it('says where a manifest is not as expected', () => {
    writePanel(kalla, { ...manifest, metaData: {} });
    expect(refusal()).toMatch(/^Its mf-manifest\.json is not as expected at "metaData\.remoteEntry"/);
  });

  it('passes on errors that are not about the panel', () => {
    const manifestPath = folder;
    expect(() => checkPanel({ remote: 'a', expose: './A', api: '^1.0.0', manifestPath, shared: {} })).toThrow(/EISDIR/);
  });

  it('leaves out folders that are no panels', () => {
    mkdirSync(path.join(folder, 'empty'));
    expect(scanPanels(folder)).toEqual([]);
    expect(scanPanels(path.join(folder, 'absent'))).toEqual([]);
  });

  it('takes the source in development, built or not', () => {
    writePanel({ ...kalla, panels: [{ ...kalla.panels[0], source: './panel.tsx' }] }, undefined);
    writeFileSync(path.join(folder, 'acme', 'panel.tsx'), '');
    expect(scanPanels(folder, true)[0]?.entry).toMatchObject({ source: 'acme/panel.tsx', refused: null, entry: null });
  });
});

describe('the files of a panel', () => {
  const get = (splat: string) => servePanelAsset(splat, scanPanels(folder));

  it('are served with a lasting address, JSON without', async () => {
    writePanel(kalla, manifest);
    const hash = scanPanels(folder)[0]?.hash;
    const script = await get(`@acme/panel/${hash}/remoteEntry.js`);
    expect(await script.text()).toBe('var acme');
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    const json = await get(`@acme/panel/${hash}/mf-manifest.json`);
    expect(json.headers.get('cache-control')).toBe('no-cache');
  });

  it('are the only ones that are served', async () => {
    writePanel(kalla, manifest, {
      'remoteEntry.js': '',
      'acme.js': '',
      'acme.css': '',
      'notes.txt': '',
      'page.html': '',
    });
    symlinkSync(path.join(folder, 'acme', 'package.json'), path.join(folder, 'acme', 'dist', 'link.json'));
    const hash = scanPanels(folder)[0]?.hash;
    for (const name of [
      '../package.json',
      '..%2fpackage.json',
      'link.json',
      'notes.txt',
      'page.html',
      'gone.js',
      '',
      '.',
      'a\0.js',
    ]) {
      expect((await get(`@acme/panel/${hash}/${name}`)).status, name).toBe(404);
    }
    expect((await get('@acme/panel/0000000000000000/remoteEntry.js')).status).toBe(404);
    expect((await get('@other/panel/x/remoteEntry.js')).status).toBe(404);
  });
});
