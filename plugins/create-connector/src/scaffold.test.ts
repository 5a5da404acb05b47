import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pluginManifestSchema } from '@kalla/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { scaffold } from './scaffold.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const answers = {
  id: 'acme',
  title: 'Acme Söhne',
  packageName: '@acme/kalla',
  kind: 'warehouse',
  panel: false,
} as const;
let parent: string;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'kalla-scaffold-'));
});
afterAll(() => rm(parent, { recursive: true, force: true }));

it('writes a package with the given names and nothing of the template left', async () => {
  const folder = await scaffold(answers, parent);
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const texts = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')));
  expect(texts.join('\n')).not.toMatch(/my-source|My source/);
  expect(files.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['package.json', 'tsconfig.json', '.gitignore', 'README.md', 'index.ts', 'dev.mjs']),
  );
  expect(files.filter(({ name }) => name.startsWith('_'))).toEqual([]);
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  expect(manifest).toMatchObject({ name: '@acme/kalla', keywords: ['kalla-connector'] });
  expect(pluginManifestSchema.parse(manifest.kalla).connectors).toMatchObject([
    { id: 'acme', title: 'Acme Söhne', kind: 'warehouse', schemes: ['acme'] },
  ]);
  expect((await readdir(parent)).filter((name) => name.startsWith('.'))).toEqual([]);
});

it('adds a panel where one is wanted, and nothing of it where not', async () => {
  const folder = await scaffold({ ...answers, id: 'shown', panel: true }, parent);
  const read = (file: string) => readFile(join(folder, file), 'utf8');
  expect(await read('panel/setup.tsx')).toContain('Acme Söhne shows its host');
  expect(JSON.parse(await read('panel/tsconfig.json'))).toMatchObject({ extends: '../tsconfig.json' });
  const manifest = JSON.parse(await read('package.json'));
  expect(pluginManifestSchema.parse(manifest.kalla).connectors[0]?.panels).toEqual([
    { slot: 'source.setup', expose: './Setup' },
  ]);
  expect(manifest.scripts).toMatchObject({
    build: expect.stringContaining('build-panel.mjs'),
    typecheck: expect.stringContaining('-p panel'),
  });
  const plain = await scaffold({ ...answers, id: 'plain' }, parent);
  const names = await readdir(plain, { recursive: true });
  expect(names.filter((name) => name.includes('panel'))).toEqual([]);
  const { scripts, devDependencies } = JSON.parse(await readFile(join(plain, 'package.json'), 'utf8'));
  expect(JSON.stringify([scripts, devDependencies])).not.toMatch(/panel|react|rspack|@kalla\/ui/);
});

it('never writes into what is there', async () => {
  await mkdir(join(parent, 'kept'));
  await writeFile(join(parent, 'kept', 'mine.txt'), 'mine');
  await expect(scaffold({ ...answers, id: 'kept' }, parent)).rejects.toThrow(/already something at .*kept/);
  expect(await readdir(join(parent, 'kept'))).toEqual(['mine.txt']);
  await writeFile(join(parent, 'file'), 'mine');
  await expect(scaffold({ ...answers, id: 'file' }, parent)).rejects.toThrow(/already something/);
});

it('says where a folder cannot be made', async () => {
  await expect(scaffold(answers, join(parent, 'not-there'))).rejects.toThrow(/cannot be made \(ENOENT\)/);
});

it('writes the config schema as our own connectors do, with tools of the same versions', async () => {
  const script = (folder: string) => readFile(join(ROOT, folder, 'write-config-schema.mjs'), 'utf8');
  expect(await script('plugins/create-connector/template/scripts')).toBe(await script('scripts'));
  const manifest = async (folder: string) => JSON.parse(await readFile(join(ROOT, folder, 'package.json'), 'utf8'));
  const made = await manifest('plugins/create-connector');
  const ours = {
    ...(await manifest('.')).devDependencies,
    ...(await manifest('core/contracts')).dependencies,
    ...(await manifest('plugins/panels/source-setup')).devDependencies,
    // Of the package that brings it.
    '@module-federation/runtime-tools': (await manifest('plugins/panels/source-setup')).devDependencies[
      '@module-federation/enhanced'
    ],
  };
  for (const [name, version] of Object.entries({ ...made.kallaTemplate, ...made.kallaTemplatePanel }))
    expect([name, version]).toEqual([name, ours[name]]);
});
