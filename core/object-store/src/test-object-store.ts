import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ObjectExistsError, ObjectNotFoundError, type ObjectStore } from '@kalla/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * The tests that every object store passes. `open` gives a fresh, empty store each time.
 *
 * @example
 * testObjectStore('local', async () => localStore(await mkdtemp(join(tmpdir(), 'store-'))));
 */
export function testObjectStore(name: string, open: () => Promise<ObjectStore>): void {
  describe(`${name}: an object store`, () => {
    let store: ObjectStore;
    let scratch: string;
    beforeAll(async () => {
      store = await open();
      scratch = await mkdtemp(join(tmpdir(), 'kalla-store-scratch-'));
    });
    afterAll(async () => {
      await store.close();
      await rm(scratch, { recursive: true, force: true });
    });

    it('gives back the bytes that were put', async () => {
      const bytes = randomBytes(700_000);
      const info = await store.put('a/b.bin', chunked(bytes, 65_536));
      expect(info).toMatchObject({ key: 'a/b.bin', bytes: 700_000 });
      expect(Math.abs(info.modified.getTime() - Date.now())).toBeLessThan(60_000);
      expect(await collect(store.get('a/b.bin'))).toEqual(bytes);
      expect(await store.head('a/b.bin')).toMatchObject({ key: 'a/b.bin', bytes: 700_000 });
    });

    it('takes an empty object', async () => {
      expect((await store.put('empty', chunked(Buffer.alloc(0), 1))).bytes).toBe(0);
      expect(await collect(store.get('empty'))).toHaveLength(0);
    });

    it('reads ranges, end exclusive', async () => {
      await store.put('range', chunked(Buffer.from('0123456789'), 3));
      const text = async (start: number, end?: number) =>
        (await collect(store.get('range', { range: { start, end } }))).toString();
      expect(await text(2, 5)).toBe('234');
      expect(await text(7)).toBe('789');
      expect(await text(4, 4)).toBe('');
      expect(await text(8, 100)).toBe('89');
      await expect(text(5, 4)).rejects.toThrow(RangeError);
    });

    it('replaces a whole object, and with ifAbsent refuses to', async () => {
      await store.put('twice', chunked(Buffer.from('first'), 5));
      await store.put('twice', chunked(Buffer.from('second'), 5));
      await expect(store.put('twice', chunked(Buffer.from('third'), 5), { ifAbsent: true })).rejects.toThrow(
        ObjectExistsError,
      );
      expect((await collect(store.get('twice'))).toString()).toBe('second');
    });

    it('lets exactly one of ten put an absent object', async () => {
      const tries = await Promise.allSettled(
        Array.from({ length: 10 }, (_, n) =>
          store.put('race', chunked(Buffer.from(`winner ${n}`), 4), { ifAbsent: true }),
        ),
      );
      const winners = tries.flatMap((one, n) => (one.status === 'fulfilled' ? [n] : []));
      expect(winners).toHaveLength(1);
      expect((await collect(store.get('race'))).toString()).toBe(`winner ${winners[0]}`);
      for (const one of tries) if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(ObjectExistsError);
    });

    it('leaves nothing behind when a put is aborted or its body fails', async () => {
      const abort = new AbortController();
      const endless = async function* () {
        for (let n = 0; ; n++) {
          if (n === 3) abort.abort();
          yield Buffer.alloc(1000);
          await new Promise((next) => setImmediate(next));
        }
      };
      await expect(store.put('gone/aborted', endless(), { signal: abort.signal })).rejects.toThrow();
      const failing = async function* () {
        yield Buffer.alloc(10);
        throw new Error('the body broke');
      };
      await expect(store.put('gone/broken', failing())).rejects.toThrow('the body broke');
      expect(await store.head('gone/aborted')).toBeNull();
      expect(await keys(store.list('gone/'))).toEqual([]);
    });

    it('keeps the old object when a replacing put fails', async () => {
      await store.put('kept', chunked(Buffer.from('old'), 3));
      const failing = async function* () {
        yield Buffer.from('new');
        throw new Error('the body broke');
      };
      await expect(store.put('kept', failing())).rejects.toThrow('the body broke');
      expect((await collect(store.get('kept'))).toString()).toBe('old');
    });

    it('puts a file of the disk, and offers a path to read', async () => {
      const file = join(scratch, 'file');
      await writeFile(file, 'from the disk');
      expect(await store.putFile('files/one', file)).toMatchObject({ key: 'files/one', bytes: 13 });
      expect(await readFile(await store.localPath('files/one', scratch), 'utf8')).toBe('from the disk');
      await writeFile(file, 'another');
      await expect(store.putFile('files/one', file, { ifAbsent: true })).rejects.toThrow(ObjectExistsError);
    });

    it('says which object is absent', async () => {
      await expect(collect(store.get('no/such'))).rejects.toThrow(ObjectNotFoundError);
      await expect(store.localPath('no/such', scratch)).rejects.toThrow(ObjectNotFoundError);
      expect(await store.head('no/such')).toBeNull();
      await store.delete('no/such');
      await store.deletePrefix('no/such');
    });

    it('lists in key order and by whole folders', async () => {
      const all = ['l/a', 'l/a-b', 'l/a.b', 'l/ab/x', 'l/b/c/d', 'l/B', 'lx'].sort();
      for (const key of ['lx', 'l/b/c/d', 'l/a-b', 'l/B', 'l/ab/x', 'l/a', 'l/a.b'])
        await store.put(key, chunked(Buffer.from(key), 9));
      expect(await keys(store.list('l'))).toEqual(all.filter((key) => key.startsWith('l/')));
      expect(await keys(store.list('l/'))).toEqual(all.filter((key) => key.startsWith('l/')));
      expect(await keys(store.list(''))).toEqual(expect.arrayContaining(all));
      await store.deletePrefix('l/b');
      await store.delete('l/a');
      expect(await keys(store.list('l'))).toEqual(['l/B', 'l/a-b', 'l/a.b', 'l/ab/x']);
      await store.deletePrefix('l/');
      expect(await keys(store.list('l'))).toEqual([]);
      expect(await store.head('lx')).not.toBeNull();
      await expect(store.deletePrefix('')).rejects.toThrow(TypeError);
    });

    it('refuses keys that could leave the store', async () => {
      for (const key of [
        '',
        '/',
        '/etc/passwd',
        '../x',
        'a/../b',
        'a//b',
        'a/',
        './a',
        'a\\b',
        'a\0b',
        'ä',
        'a b',
        '~tmp/x',
        'x'.repeat(1025),
      ]) {
        await expect(store.put(key, chunked(Buffer.from('x'), 1)), key).rejects.toThrow(TypeError);
        await expect(collect(store.get(key)), key).rejects.toThrow(TypeError);
        await expect(store.head(key), key).rejects.toThrow(TypeError);
        await expect(store.delete(key), key).rejects.toThrow(TypeError);
        expect(() => store.uri(key), key).toThrow(TypeError);
      }
    });

    it('turns keys into URIs and back, whatever the key', () => {
      const part = fc.stringMatching(/^[A-Za-z0-9._=-]{1,20}$/).filter((text) => text !== '.' && text !== '..');
      fc.assert(
        fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
          const key = parts.join('/');
          expect(store.uri(key).startsWith(store.scheme)).toBe(true);
          expect(store.keyOf(store.uri(key))).toBe(key);
        }),
      );
    });

    it('knows no key for the URIs of elsewhere', () => {
      const inside = store.uri('a/b');
      for (const uri of [
        '',
        'https://example.com/a',
        'file:///etc/passwd',
        'not a uri',
        inside.replace(/a\/b$/, ''),
        inside.replace(/a\/b$/, '..%2f..%2fx'),
      ]) {
        expect(store.keyOf(uri), uri).toBeNull();
      }
    });
  });
}

async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

async function keys(objects: AsyncIterable<{ key: string }>): Promise<string[]> {
  const all: string[] = [];
  for await (const object of objects) all.push(object.key);
  return all;
}
