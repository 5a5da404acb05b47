import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** A package as it goes to a registry: its package.json and its packed file. */
export interface PackedFixture {
  manifest: Record<string, unknown> & { name: string; version: string };
  tarball: Buffer;
  integrity: string;
}

/**
 * Packs files as `npm pack` does: below `package/`, package.json first.
 *
 * @param programs names of files that can be run
 */
export function packPackage(
  manifest: PackedFixture['manifest'],
  files: Record<string, string | Buffer> = {},
  programs: ReadonlySet<string> = new Set(),
): PackedFixture {
  const entries = Object.entries({ 'package.json': JSON.stringify(manifest), ...files });
  const blocks = entries.flatMap(([name, text]) => {
    const content = Buffer.from(text);
    const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
    return [header(`package/${name}`, content.length, programs.has(name)), content, padding];
  });
  const tarball = gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]), { level: 1 });
  return { manifest, tarball, integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}` };
}

function header(name: string, size: number, isProgram: boolean): Buffer {
  const block = Buffer.alloc(512);
  // A name of more than 100 bytes has its first folders in a place of their own.
  const cut = Buffer.byteLength(name) <= 100 ? -1 : name.indexOf('/', name.length - 101);
  if (Buffer.byteLength(name.slice(cut + 1)) > 100 || cut > 155) throw new Error(`${name} is too long for a tar file.`);
  block.write(name.slice(cut + 1), 0, 100);
  if (cut > 0) block.write(name.slice(0, cut), 345, 155);
  block.write(`0000${isProgram ? '755' : '644'}\x000000000\x000000000\x00`, 100);
  block.write(`${size.toString(8).padStart(11, '0')}\x00${'0'.repeat(11)}\x00`, 124);
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\x00 `, 148);
  return block;
}
