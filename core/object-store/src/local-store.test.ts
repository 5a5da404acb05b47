import { mkdir, mkdtemp, readFile, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localStore } from './local-store.ts';
import { openStore, stagingPath, storeRoot } from './open-store.ts';
import { testObjectStore } from './test-object-store.ts';

const roots: string[] = [];
const folder = async () => {
  const path = await mkdtemp(join(tmpdir(), 'kalla-store-'));
  roots.push(path);
  return path;
};
const body = async function* (text: string) {
  yield Buffer.from(text);
};

testObjectStore('local', async () => localStore(await folder()));

describe('the local store', () => {
  let root: string;
  let outside: string;
  beforeEach(async () => {
    root = join(await folder(), 'my objects');
    outside = await folder();
  });
  afterEach(async () => {
    for (const path of roots.splice(0)) await rm(path, { recursive: true, force: true });
  });

  it('writes URIs that are absolute paths', () => {
    expect(localStore(root).uri('runs/r-1/matched.parquet')).toMatch(
      /^file:\/\/\/.*\/my%20objects\/runs\/r-1\/matched\.parquet$/,
    );
  });

  it('reads URIs that were made through a symbolic link to the root', async () => {
    await localStore(root).put('a', body('x'));
    const alias = join(outside, 'alias');
    await symlink(root, alias);
    const store = localStore(alias);
    expect(store.keyOf(`file://${alias}/a`)).toBe('a');
    expect(store.keyOf(localStore(root).uri('a'))).toBe('a');
  });

  it('never follows a symbolic link inside', async () => {
    const store = localStore(root);
    await writeFile(join(outside, 'secret'), 'secret');
    await symlink(outside, join(root, 'way-out'));
    await symlink(join(outside, 'secret'), join(root, 'link'));
    for (const key of ['way-out/secret', 'link']) {
      const read = async () => {
        for await (const chunk of store.get(key)) expect(chunk).toBe('never');
      };
      await expect(read(), key).rejects.toThrow('symbolic link');
      await expect(store.head(key), key).rejects.toThrow('symbolic link');
      await expect(store.localPath(key, outside), key).rejects.toThrow('symbolic link');
      await expect(store.delete(key), key).rejects.toThrow('symbolic link');
    }
    await expect(store.put('way-out/new/deeper', body('x'))).rejects.toThrow('symbolic link');
    await expect(store.deletePrefix('way-out')).rejects.toThrow('symbolic link');
    await expect(store.list('way-out')[Symbol.asyncIterator]().next()).rejects.toThrow('symbolic link');
    expect(await readdir(outside)).toEqual(['secret']);
    // A put replaces the link itself and not what it leads to.
    await store.put('link', body('mine'));
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
  });

  it('refuses to put a symbolic link or a folder as a file', async () => {
    const store = localStore(root);
    await writeFile(join(outside, 'secret'), 'secret');
    await symlink(join(outside, 'secret'), join(outside, 'link'));
    await expect(store.putFile('a', join(outside, 'link'))).rejects.toThrow();
    await expect(store.putFile('a', outside)).rejects.toThrow('regular file');
    expect(await store.head('a')).toBeNull();
  });

  it('moves the file that is put', async () => {
    const store = localStore(root);
    await writeFile(join(outside, 'file'), 'moved');
    await store.putFile('a', join(outside, 'file'));
    expect(await readdir(outside)).toEqual([]);
  });

  it('says so when a key is both an object and a folder', async () => {
    const store = localStore(root);
    await store.put('a/b', body('x'));
    await expect(store.put('a', body('x'))).rejects.toThrow('"a" cannot be used');
    await expect(store.put('a/b/c', body('x'))).rejects.toThrow('"a/b/c" cannot be used');
    expect(await store.head('a/b/c')).toBeNull();
    expect(await store.head('a')).toBeNull();
  });

  it('removes empty folders, and half-written objects of a process that died', async () => {
    await mkdir(join(root, '~tmp'), { recursive: true });
    await writeFile(join(root, '~tmp', 'old'), 'half');
    await writeFile(join(root, '~tmp', 'young'), 'half');
    await utimes(join(root, '~tmp', 'old'), new Date(0), new Date(0));
    const store = localStore(root);
    await store.put('deep/er/x', body('x'));
    await store.delete('deep/er/x');
    expect(await readdir(root)).toEqual(['~tmp']);
    expect(await readdir(join(root, '~tmp'))).toEqual(['young']);
  });

  it('survives puts and deletes of the same folder at once', async () => {
    const store = localStore(root);
    const work = Array.from({ length: 40 }, async (_, n) => {
      await store.put(`busy/${n % 4}/${n}`, body(`${n}`));
      await store.delete(`busy/${n % 4}/${n}`);
    });
    await Promise.all(work);
    expect(await readdir(root)).toEqual(['~tmp']);
  });

  it('puts an object whatever folders beside it are deleted in that moment', async () => {
    const store = localStore(root);
    const work = Array.from({ length: 4 }, async (_, n) => {
      for (let round = 0; round < 150; round++) {
        await store.put(`shared/${n}-${round}/x`, body('x'));
        await store.deletePrefix(`shared/${n}-${round}/`);
      }
    });
    await Promise.all(work);
    expect(await readdir(root)).toEqual(['~tmp']);
  });

  it('lists any set of keys in the order of whole keys', async () => {
    const part = fc.constantFrom('a', 'b', 'a-', 'a.', 'a0', 'B', 'a_', '=');
    const key = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key, { maxLength: 12 }), async (wanted) => {
        const fits = wanted.filter((one) => !wanted.some((other) => other.startsWith(`${one}/`)));
        const store = localStore(await folder());
        await Promise.all(fits.map((one) => store.put(one, body(one))));
        const found: string[] = [];
        for await (const object of store.list('')) found.push(object.key);
        expect(found).toEqual([...fits].sort());
      }),
      { numRuns: 25 },
    );
  });
});

describe('openStore', () => {
  it('takes the local disk', async () => {
    const data = await folder();
    const store = openStore({ KALLA_DATA_DIR: data });
    expect(store.keyOf(`file://${data}/objects/a/b`)).toBe('a/b');
    expect(storeRoot({})).toMatch(/\/\.kalla\/objects$/);
    expect(stagingPath({})).toMatch(/\/staging$/);
    expect(stagingPath({ STAGING_PATH: '/x' })).toBe('/x');
  });

  it('says what it cannot do', () => {
    expect(() => openStore({ AWS_ENDPOINT_URL: 'http://s3' })).toThrow(/^AWS_ENDPOINT_URL is set, but this version/);
    expect(() => openStore({ GCS_BUCKET: 'b' })).toThrow(/^GCS_BUCKET is set, but this version/);
  });
});
