import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { discoverConnectors } from './discover.ts';

describe('discoverConnectors', () => {
  let root: string;
  beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'kalla-plugins-'))));
  afterEach(() => rm(root, { recursive: true, force: true }));

  const write = async (path: string, content: unknown) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  };
  const connector = (more: object = {}) => ({
    id: 'good',
    title: 'Good',
    entry: './index.js',
    configSchema: './schema.json',
    ...more,
  });
  const manifest = (more: object = {}, block: object = {}) => ({
    name: 'k-good',
    version: '1.0.0',
    kalla: { api: '^1.0.0', connectors: [connector(more)], ...block },
  });
  const add = async (name: string, content: unknown) => {
    await write(`plugins/${name}/package.json`, content);
    await write(`plugins/${name}/index.js`, 'process.exit(9);');
    await write(`plugins/${name}/schema.json`, { type: 'object' });
  };
  const all = () => discoverConnectors({ pluginsDir: join(root, 'plugins'), dataDir: join(root, 'data') });
  const found = async () => (await all()).map((one) => one.info);

  it('lists what is good and says what is wrong with the rest', async () => {
    const cases: Record<string, [unknown, string]> = {
      'bad-json': ['{"name":', 'package.json is not valid JSON.'],
      'bad-name': [{ version: '1.0.0', kalla: {} }, 'package.json is not valid at "name"'],
      'bad-block': [{ name: 'x', version: '1.0.0', kalla: 'yes' }, '"kalla" block of its package.json is not valid'],
      'bad-id': [manifest({ id: '../up' }), 'at "connectors.0.id"'],
      'bad-api': [manifest({ id: 'a1' }, { api: '^2.0.0' }), 'written for connector API ^2.0.0; this Kalla has 1.0.0'],
      'no-entry': [manifest({ id: 'a2', entry: './none.js' }), './none.js is missing. Build it with'],
      escape: [manifest({ id: 'a3', entry: './../good/index.js' }), 'lies outside of the package'],
      'entry-folder': [manifest({ id: 'a4', entry: './sub' }), 'is not a file'],
      'schema-array': [manifest({ id: 'a5', configSchema: './array.json' }), 'is not a JSON Schema object'],
    };
    await add('good', manifest());
    for (const [name, [content]] of Object.entries(cases)) await add(name, content);
    await write('plugins/entry-folder/sub/x', '');
    await write('plugins/schema-array/array.json', []);
    await write('plugins/no-package/readme', '');
    await add('no-block', { name: 'plain', version: '1.0.0' });
    await add('twin', { ...manifest(), name: 'k-twin' });
    await add('link-out', manifest({ id: 'a6', entry: './link.js' }));
    await symlink('/etc/hostname', join(root, 'plugins/link-out/link.js'));

    const list = await found();
    expect(list.filter((one) => one.error === null)).toMatchObject([
      { type: 'good', package: 'k-good', builtin: true, config_schema: { type: 'object' } },
    ]);
    const errors = list.map((one) => one.error ?? '');
    for (const [name, [, sentence]] of Object.entries(cases)) {
      expect(
        errors.some((error) => error.includes(sentence)),
        name,
      ).toBe(true);
    }
    expect(errors.filter((error) => error.includes('already the connector of k-good'))).toHaveLength(1);
    expect(errors.filter((error) => error.includes('outside of the package'))).toHaveLength(2);
    expect(list).toHaveLength(Object.keys(cases).length + 3);
    for (const error of errors) expect(error).not.toContain(root);
  });

  it('reads the lock file of the data directory, and lives without', async () => {
    await add('good', manifest());
    expect(await found()).toHaveLength(1);
    await write('data/connectors/acme/package.json', { ...manifest({ id: 'acme' }), name: 'k-acme', version: '2.0.0' });
    await write('data/connectors/acme/index.js', '');
    await write('data/connectors/acme/schema.json', {});
    const entry = { name: 'k-acme', version: '2.0.0', path: 'connectors/acme' };
    await write('data/connectors.lock.json', {
      connectors: [entry, { name: 'k-gone', version: '1.0.0', path: 'connectors/gone' }],
    });
    expect(await found()).toMatchObject([
      { type: 'good', error: null },
      { type: 'acme', package: 'k-acme', version: '2.0.0', builtin: false, error: null },
      { package: 'k-gone', error: 'Its files are missing. Install it again.' },
    ]);
    const previous = { version: '1.0.0', path: 'connectors/acme-1' };
    await write('data/connectors/acme-1/package.json', { ...manifest({ id: 'acme' }), name: 'k-acme' });
    await write('data/connectors/acme-1/index.js', '');
    await write('data/connectors/acme-1/schema.json', {});
    await write('data/connectors.lock.json', { connectors: [{ ...entry, previous }] });
    expect(await all()).toMatchObject([
      { superseded: false, info: { type: 'good' } },
      { superseded: false, info: { type: 'acme', version: '2.0.0', previous_version: '1.0.0', error: null } },
      { superseded: true, info: { type: 'acme', version: '1.0.0', error: null } },
    ]);
    await rm(join(root, 'data/connectors/acme-1'), { recursive: true });
    expect(await found()).toMatchObject([{ type: 'good' }, { type: 'acme', version: '2.0.0', error: null }]);
    await write('data/connectors.lock.json', { connectors: [{ ...entry, version: '2.0.1' }] });
    expect((await found())[1]?.error).toBe(
      'The lock file names k-acme 2.0.1, but k-acme 2.0.0 is there. Install it again.',
    );
    await write('data/connectors.lock.json', '{"connectors":');
    expect(await found()).toMatchObject([
      { type: 'good', error: null },
      { error: expect.stringContaining('is damaged') as string },
    ]);
  });

  it('lists a package with any JSON in place of its block, and goes on', async () => {
    await add('good', manifest());
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (block) => {
        await add('wild', { name: 'wild', version: '1.0.0', kalla: block });
        expect((await found()).find((one) => one.type === 'good')?.error).toBeNull();
      }),
      { numRuns: 40 },
    );
  });
});
