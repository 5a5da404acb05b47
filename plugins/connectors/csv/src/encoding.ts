import { createReadStream, createWriteStream } from 'node:fs';
import { isUtf8 } from 'node:buffer';
import { Transform } from 'node:stream';
import { open, rm, stat, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ConnectorError, throwIfAborted, type Operation } from '@kalla/core';
import { unpacksTooLarge } from './errors.ts';
import type { Encoding } from './types.ts';

/** Bytes that are looked at together. */
export const CHUNK = 4 << 20;

/** What one pass over the bytes of a file found. */
export interface ByteReport {
  encoding: Encoding;
  /** True where bytes are neither UTF-8 nor a single-byte text: the file is damaged or mixes encodings. */
  broken: boolean;
  /** True where a NUL stands in the text. */
  nul: boolean;
}

/**
 * Reads every byte once and tells the encoding. A sample would not do: a name with an accent may stand in
 * the last line. Bytes that are not UTF-8 mean Windows-1252, unless the file also holds true UTF-8 sequences beyond ASCII.
 */
export async function inspectBytes(path: string, head: Buffer, signal: AbortSignal): Promise<ByteReport> {
  const wide = wideEncoding(head);
  if (wide) return { encoding: wide, broken: false, nul: false };
  const { valid, nul } = await inspectUtf8(path, signal);
  if (valid) return { encoding: 'utf-8', broken: false, nul };
  const mixed = await holdsUtf8Sequences(path, signal);
  return { encoding: mixed ? 'utf-8' : 'windows-1252', broken: mixed, nul };
}

/** Bytes before a chunk, for the beginning of a character whose rest is in the chunk. */
const ROOM = 3;
/** Chunks in memory: one is looked at, the others are read meanwhile. */
const BUFFERS = 3;

/**
 * Tells whether a file is UTF-8 from its first byte to its last, or up to the first that is not, and whether a NUL stands in it.
 * A few buffers take turns, so that a large file costs no new memory and more than one core reads it. A stream takes three
 * times as long, which was a fifth of all that is done with a file of 2 GB before its preview.
 */
async function inspectUtf8(path: string, signal: AbortSignal): Promise<{ valid: boolean; nul: boolean }> {
  await using file = await open(path);
  const buffers = Array.from({ length: BUFFERS }, () => Buffer.allocUnsafe(ROOM + CHUNK));
  const bufferOf = (chunk: number) => buffers[chunk % BUFFERS] as Buffer;
  const readings: Promise<number>[] = [];
  const begin = (chunk: number) => {
    const reading = fill(file, bufferOf(chunk), chunk * CHUNK);
    reading.catch(() => {}); // Heard of when it is awaited.
    readings.push(reading);
  };
  try {
    let nul = false;
    let carried = 0;
    for (let next = 0; next < BUFFERS - 1; next++) begin(next);
    for (let chunk = 0; ; chunk++) {
      const length = await readings.shift();
      throwIfAborted(signal);
      if (!length) return { valid: carried === 0, nul };
      begin(chunk + BUFFERS - 1);
      const bytes = bufferOf(chunk).subarray(ROOM - carried, ROOM + length);
      const whole = bytes.length - incompleteTail(bytes);
      nul ||= bytes.includes(0);
      if (!isUtf8(bytes.subarray(0, whole))) return { valid: false, nul };
      carried = bytes.length - whole;
      bytes.copy(bufferOf(chunk + 1), ROOM - carried, whole);
    }
  } finally {
    await Promise.allSettled(readings); // Else the file is closed below them.
  }
}

/** Reads a chunk, whole but for the last of a file; returns its bytes. */
async function fill(file: FileHandle, buffer: Buffer, position: number): Promise<number> {
  let length = 0;
  while (length < CHUNK) {
    const { bytesRead } = await file.read(buffer, ROOM + length, CHUNK - length, position + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}

/** UTF-16 by its byte order mark, or by zeros in every other byte. */
function wideEncoding(head: Buffer): Encoding | null {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const sample = head.subarray(0, 4096);
  if (sample.length < 4) return null;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < sample.length; i++)
    if (sample[i] === 0) {
      if (i % 2) odd++;
      else even++;
    }
  const half = sample.length / 2;
  if (odd > half * 0.7 && even < half * 0.05) return 'utf-16le';
  if (even > half * 0.7 && odd < half * 0.05) return 'utf-16be';
  return null;
}

/** Bytes at the end that begin a UTF-8 sequence whose rest is in the next chunk. */
function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

/** True where more bytes beyond ASCII belong to right UTF-8 sequences than stand alone: a damaged UTF-8 file, no Latin text. */
async function holdsUtf8Sequences(path: string, signal: AbortSignal): Promise<boolean> {
  let sequences = 0;
  let alone = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK, signal }) as AsyncIterable<Buffer>) {
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] ?? 0;
      if (byte < 0x80) continue;
      const length =
        byte >= 0xf0 && byte < 0xf5 ? 4 : byte >= 0xe0 && byte < 0xf0 ? 3 : byte >= 0xc2 && byte < 0xe0 ? 2 : 1;
      if (length > 1 && isUtf8(chunk.subarray(i, i + length))) {
        sequences++;
        i += length - 1;
      } else alone++;
    }
  }
  return sequences > alone;
}

/**
 * Unpacks gzip into `target`. Throws `type` where the archive is damaged or cut short, or holds more than `maxBytes`: some kilobytes may
 * be the beginning of a full disk. What was written until then is gone when it throws.
 */
export async function unpack(
  path: string,
  target: string,
  name: string,
  maxBytes: number | undefined,
  operation: Operation,
): Promise<void> {
  const { signal } = operation;
  const most = maxBytes ?? Infinity;
  let bytes = 0;
  const measured = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > most) done(unpacksTooLarge(name, most));
      else done(null, chunk);
    },
  });
  try {
    await pipeline(
      await readTold(path, operation),
      createGunzip({ chunkSize: 1 << 18 }),
      measured,
      createWriteStream(target),
      {
        signal,
      },
    );
  } catch (cause) {
    await rm(target, { force: true });
    if (cause instanceof Error && 'code' in cause && /^Z_|ERR_ZLIB|ERR_BUFFER/.test(String(cause.code))) {
      throw new ConnectorError('type', `${name} is damaged: its gzip data cannot be unpacked to the end.`, {
        hint: 'Transfer the file again.',
        cause,
      });
    }
    throw cause;
  }
}

/** Streams a text of another encoding into UTF-8. Throws `type` where UTF-16 text is cut or has half characters. */
export async function transcode(
  path: string,
  target: string,
  encoding: Encoding,
  name: string,
  operation: Operation,
): Promise<void> {
  const { signal } = operation;
  const decode = decoderOf(encoding);
  const recode = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        done(null, Buffer.from(decode(chunk, true), 'utf8'));
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      try {
        done(null, Buffer.from(decode(Buffer.alloc(0), false), 'utf8'));
      } catch (error) {
        done(error as Error);
      }
    },
  });
  try {
    await pipeline(await readTold(path, operation), recode, createWriteStream(target), { signal });
  } catch (cause) {
    if (cause instanceof TypeError) {
      throw new ConnectorError(
        'type',
        `${name} is not right ${encoding.toUpperCase()} text: it holds half characters.`,
        {
          hint: 'Save the file again as UTF-8, or choose another encoding.',
          cause,
        },
      );
    }
    throw cause;
  }
}

/** The bytes of a file; `onProgress` is told how many of them have come. */
async function readTold(path: string, { onProgress }: Operation): Promise<AsyncGenerator<Buffer>> {
  const { size } = await stat(path);
  return (async function* () {
    let bytes = 0;
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      yield chunk;
      bytes += chunk.length;
      onProgress?.(Math.min(bytes / size, 1));
    }
  })();
}

/** `latin1` maps byte for byte; TextDecoder would read that name as Windows-1252. */
function decoderOf(encoding: Encoding): (chunk: Buffer, stream: boolean) => string {
  if (encoding === 'latin1') return (chunk) => chunk.toString('latin1');
  const decoder = new TextDecoder(encoding, { fatal: encoding.startsWith('utf') });
  return (chunk, stream) => decoder.decode(chunk, { stream });
}
