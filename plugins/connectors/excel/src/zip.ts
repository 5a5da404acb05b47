import { crc32, createInflateRaw } from 'node:zlib';
import { ConnectorError, throwIfAborted, type Operation } from '@kalla/core';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { brokenError } from './errors.ts';

/** Beyond this a part may be no more than so many times as large as it is packed: real sheets are packed 5 to 30 times. */
const MOST_RATIO = 250;
const FREE_BYTES = 64 << 20;
/** No part of a workbook that Excel can open comes near this. */
const MOST_BYTES = 16 * 2 ** 30;
/** Unpacked bytes that are handed on at once. */
const CHUNK = 256 << 10;
const MOST_ENTRIES = 20_000;

/** A ZIP archive whose parts are read as streams; nothing but its directory is held in memory. */
export class Archive implements AsyncDisposable {
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly name: string;

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>, name: string) {
    this.#zip = zip;
    this.#entries = entries;
    this.name = name;
  }

  /** Opens the archive and reads its directory. Throws `type` errors for a broken archive. */
  static async open(path: string, name: string): Promise<Archive> {
    let zip: ZipFile;
    try {
      zip = await openPromise(path, { autoClose: false, lazyEntries: true });
    } catch (cause) {
      throw brokenZip(name, cause);
    }
    const entries = new Map<string, Entry>();
    try {
      for await (const entry of zip.eachEntry()) {
        if (entries.size >= MOST_ENTRIES) throw brokenError(name, `it holds more than ${MOST_ENTRIES} parts`);
        const key = keyOf(entry.fileName);
        if (entries.has(key)) throw brokenError(name, `it holds the part "${entry.fileName}" twice`);
        entries.set(key, entry);
      }
    } catch (cause) {
      zip.close();
      throw ConnectorError.is(cause) ? cause : brokenZip(name, cause);
    }
    return new Archive(zip, entries, name);
  }

  has(part: string): boolean {
    return this.#entries.has(keyOf(part));
  }

  /** The first part whose name fits, or undefined. */
  find(pattern: RegExp): string | undefined {
    return [...this.#entries.keys()].find((key) => pattern.test(key));
  }

  /** Unpacked bytes of a part as the archive tells them; a part that turns out larger ends with an error. */
  sizeOf(part: string): number {
    return this.#entries.get(keyOf(part))?.uncompressedSize ?? 0;
  }

  /** The unpacked part as chunks; `onShare` is told how much of it has come. Throws for a part that is packed like a bomb, with a password, or in an unknown way. */
  async *read(part: string, operation: Operation, onShare?: (share: number) => void): AsyncGenerator<Buffer> {
    const entry = this.#entries.get(keyOf(part));
    if (!entry) throw brokenError(this.name, `its part "${part}" is missing`);
    this.#refuse(entry);
    const deflated = entry.compressionMethod === 8;
    // Unpacked here and not by yauzl, whose chunks of 16 KiB cost more time than their contents.
    const packed = await this.#zip
      .openReadStreamPromise(entry, { decompress: deflated ? false : null, decrypt: null, start: null, end: null })
      .catch((cause: unknown) => {
        throw brokenZip(this.name, cause, part);
      });
    const stream = deflated ? packed.pipe(createInflateRaw({ chunkSize: CHUNK })) : packed;
    packed.on('error', (error) => stream.destroy(error));
    const stop = () => stream.destroy();
    operation.signal.addEventListener('abort', stop, { once: true });
    let bytes = 0;
    let sum = 0;
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > entry.uncompressedSize) {
          throw brokenError(this.name, `its part "${part}" unpacks to more bytes than it says`);
        }
        sum = crc32(chunk, sum);
        yield chunk;
        onShare?.(bytes / entry.uncompressedSize);
      }
      throwIfAborted(operation.signal);
      if (bytes < entry.uncompressedSize || sum !== entry.crc32) {
        throw brokenError(this.name, `its part "${part}" was damaged on the way`, 'Transfer the file again.');
      }
    } catch (cause) {
      if (ConnectorError.is(cause) || operation.signal.aborted) throw cause;
      throw brokenZip(this.name, cause, part);
    } finally {
      operation.signal.removeEventListener('abort', stop);
      packed.destroy();
      stream.destroy();
    }
  }

  #refuse(entry: Entry): void {
    const { fileName, compressedSize, uncompressedSize } = entry;
    if (entry.isEncrypted()) {
      throw new ConnectorError('type', `${this.name} is a ZIP archive with a password.`, {
        hint: 'Take the password away and add the workbook again.',
      });
    }
    if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
      throw brokenError(this.name, `its part "${fileName}" is packed in a way that Excel does not use`);
    }
    if (uncompressedSize > MOST_BYTES || uncompressedSize > FREE_BYTES + compressedSize * MOST_RATIO) {
      throw brokenError(
        this.name,
        `its part "${fileName}" would unpack to ${uncompressedSize} bytes out of ${compressedSize}, as no real workbook does`,
        'Whoever made the file should save it again in Excel or LibreOffice.',
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#zip.close();
  }
}

/** Names of parts are compared without regard to case, and some programs begin them with a slash. */
function keyOf(part: string): string {
  return part.replaceAll('\\', '/').replace(/^\/+/, '').toLowerCase();
}

function brokenZip(name: string, cause: unknown, part?: string): ConnectorError {
  const message = cause instanceof Error ? cause.message : '';
  if (/^E[A-Z]+$/.test((cause as NodeJS.ErrnoException | null)?.code ?? '')) throw cause;
  const where = part ? `its part "${part}"` : 'it';
  return brokenError(
    name,
    /end of central directory/i.test(message)
      ? 'its end is missing, so it was cut short'
      : `${where} is a damaged ZIP archive`,
    'Transfer the file again, or open it in Excel, let it be repaired, and save it.',
    cause,
  );
}
