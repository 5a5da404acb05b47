import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { refuse, sizeInWords } from './refuse.server.ts';

/** What a packed package says of itself, known without unpacking it. */
export interface PackedPackage {
  /** Its package.json. */
  manifest: Record<string, unknown>;
  unpackedBytes: number;
  files: number;
}

const BLOCK = 512;
const MAX_FILES = 50_000;
const MAX_MANIFEST = 1024 * 1024;

/**
 * Reads through a packed package (`.tgz`) and returns its package.json. Stops where it is larger than `most` unpacked, whatever it says of itself.
 *
 * @throws ProblemError where it is no packed package, or too large
 */
export async function inspectTarball(content: AsyncIterable<Uint8Array>, most: number): Promise<PackedPackage> {
  const reader = new TarReader(most);
  const unzipped = createGunzip();
  // An error of either end ends the other, and comes out of the loop.
  const fed = pipeline(content, unzipped);
  fed.catch(() => undefined);
  try {
    for await (const chunk of unzipped) reader.push(chunk as Buffer);
    await fed;
  } catch (error) {
    if (/^Z_|^ERR_|unexpected end/.test(String((error as NodeJS.ErrnoException).code ?? (error as Error).message)))
      throw refuse('The file is not a packed npm package (.tgz): it is no gzip file, or it is cut off.', error);
    throw error;
  } finally {
    unzipped.destroy();
  }
  return reader.end();
}

/** Takes a tar file in pieces. Only the package.json at its top is kept. */
class TarReader {
  #held: Buffer = Buffer.alloc(0);
  /** Bytes of the present file that are still to come, with its padding. */
  #skip = 0;
  #keep: Buffer[] | null = null;
  #keepLeft = 0;
  #manifest: Buffer | null = null;
  #bytes = 0;
  #read = 0;
  #files = 0;

  constructor(private readonly most: number) {}

  push(chunk: Buffer): void {
    this.#read += chunk.length;
    if (this.#read > 2 * this.most + MAX_FILES * BLOCK) throw this.#tooLarge();
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    for (;;) {
      if (this.#skip > 0) {
        const taken = Math.min(this.#skip, this.#held.length);
        this.#take(this.#held.subarray(0, taken));
        this.#held = this.#held.subarray(taken);
        this.#skip -= taken;
        if (this.#skip > 0) return;
      }
      if (this.#held.length < BLOCK) return;
      this.#header(this.#held.subarray(0, BLOCK));
      this.#held = this.#held.subarray(BLOCK);
    }
  }

  end(): PackedPackage {
    if (!this.#manifest) throw refuse('The file is not a packed npm package: it holds no package.json.');
    let manifest: unknown;
    try {
      manifest = JSON.parse(this.#manifest.toString('utf8'));
    } catch (error) {
      throw refuse('Its package.json is not valid JSON.', error);
    }
    if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest))
      throw refuse('Its package.json is not a JSON object.');
    return { manifest: manifest as Record<string, unknown>, unpackedBytes: this.#bytes, files: this.#files };
  }

  #header(block: Buffer): void {
    if (block.every((byte) => byte === 0)) return;
    const text = (from: number, length: number) => block.toString('utf8', from, from + length).split('\0')[0] ?? '';
    const size = sizeOf(block);
    if (size === null || !isHeader(block))
      throw refuse('The file is not a packed npm package: it is no tar file inside.');
    const name = `${text(345, 155) ? `${text(345, 155)}/` : ''}${text(0, 100)}`;
    this.#skip = Math.ceil(size / BLOCK) * BLOCK;
    const type = text(156, 1);
    if (type !== '' && type !== '0' && type !== '7') return;
    this.#files += 1;
    this.#bytes += size;
    if (this.#files > MAX_FILES) throw refuse(`It has more than ${MAX_FILES} files, which no connector needs.`);
    if (this.#bytes > this.most) throw this.#tooLarge();
    if (/^[^/]+\/package\.json$/.test(name.replace(/^\.\//, '')) && size <= MAX_MANIFEST) {
      this.#keep = [];
      this.#keepLeft = size;
    }
  }

  #take(bytes: Buffer): void {
    if (!this.#keep) return;
    const wanted = bytes.subarray(0, this.#keepLeft);
    this.#keep.push(Buffer.from(wanted));
    this.#keepLeft -= wanted.length;
    if (this.#keepLeft > 0) return;
    this.#manifest = Buffer.concat(this.#keep);
    this.#keep = null;
  }

  #tooLarge() {
    return refuse(
      `Unpacked it is larger than ${sizeInWords(this.most)}, the most that this Kalla installs (KALLA_MAX_CONNECTOR_BYTES).`,
    );
  }
}

/** Each header holds the sum of its bytes, its own eight counted as spaces. */
function isHeader(block: Buffer): boolean {
  let sum = 8 * 32;
  for (let at = 0; at < BLOCK; at++) if (at < 148 || at >= 156) sum += block[at]!;
  return sum === parseInt(block.toString('latin1', 148, 156), 8);
}

/** Octal, or, for what no octal number holds, binary. Null where it is neither. */
function sizeOf(block: Buffer): number | null {
  const field = block.subarray(124, 136);
  if ((field[0] ?? 0) & 0x80) return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  const digits = field.toString('latin1').replaceAll('\0', ' ').trim();
  return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : null;
}
