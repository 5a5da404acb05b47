import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { packPackage } from '../../../testing/registry/pack-package.ts';
import { inspectTarball } from './tarball.server.ts';

const MIB = 1024 ** 2;
/** In pieces of `size` bytes, as a network brings them. */
const inPieces = (bytes: Buffer, size: number) =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size)),
  );
const look = (bytes: Buffer, most = MIB, size = 1000) => inspectTarball(inPieces(bytes, size), most);

it('reads package.json and sizes, however the bytes come', async () => {
  const { tarball, manifest } = packPackage({ name: 'x', version: '1.0.0' }, { 'a.bin': randomBytes(3000), empty: '' });
  for (const size of [1, 7, 512, 100_000]) {
    const found = await look(tarball, MIB, size);
    expect(found.manifest).toEqual(manifest);
    expect([found.files, found.unpackedBytes]).toEqual([3, 3000 + JSON.stringify(manifest).length]);
  }
});

it('takes the package.json at the top and no other', async () => {
  const { tarball } = packPackage({ name: 'x', version: '1.0.0' }, { 'node_modules/y/package.json': '{"name":"y"}' });
  expect((await look(tarball)).manifest).toMatchObject({ name: 'x' });
});

it('stops at what is too large unpacked, also where it packs small', async () => {
  const bomb = packPackage({ name: 'x', version: '1.0.0' }, { zeros: Buffer.alloc(20 * MIB) });
  expect(bomb.tarball.length).toBeLessThan(MIB);
  await expect(look(bomb.tarball)).rejects.toThrow('Unpacked it is larger than 1 MiB');
  // A header that says nothing of what follows.
  await expect(look(gzipSync(Buffer.alloc(200 * MIB), { level: 1 }))).rejects.toThrow(
    'Unpacked it is larger than 1 MiB',
  );
});

it('says what is no packed package', async () => {
  const { tarball } = packPackage({ name: 'x', version: '1.0.0' }, { 'a.bin': randomBytes(5000) });
  await expect(look(Buffer.from('a,b\n1,2\n'))).rejects.toThrow('it is no gzip file');
  await expect(look(Buffer.alloc(0))).rejects.toThrow(/it is no gzip file|holds no package.json/);
  await expect(look(tarball.subarray(0, 2000))).rejects.toThrow('cut off');
  await expect(look(gzipSync(randomBytes(2000)))).rejects.toThrow('it is no tar file inside');
  await expect(look(gzipSync(Buffer.alloc(1024)))).rejects.toThrow('holds no package.json');
  const broken = packPackage({ name: 'x', version: '1' });
  const text = JSON.stringify(broken.manifest);
  for (const [content, sentence] of [
    ['['.padEnd(text.length), 'not valid JSON'],
    ['[]'.padEnd(text.length), 'not a JSON object'],
  ] as const) {
    const { gunzipSync } = await import('node:zlib');
    const bytes = Buffer.from(gunzipSync(broken.tarball));
    bytes.write(content, 512);
    await expect(look(gzipSync(bytes))).rejects.toThrow(sentence);
  }
});
