import { ProblemError } from '@kalla/core';

/** One part of a form. Its body has to be read, or is skipped, before the next part comes. */
export interface FormPart {
  name: string;
  filename: string | null;
  body: AsyncIterable<Uint8Array>;
  /** Bytes of the form before the part's own. */
  offset: number;
}

const MAX_HEADER_BYTES = 16 * 1024;
const MAX_PARTS = 20;
const CRLF = '\r\n';

/** The boundary of a multipart content type; throws `unsupported-media-type` where there is none. */
export function boundaryOf(contentType: string | null): string {
  const match = /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(
    contentType ?? '',
  );
  const boundary = match?.[1] ?? match?.[2];
  if (boundary) return boundary;
  throw new ProblemError(
    'unsupported-media-type',
    'An upload is a form with a file: send multipart/form-data with a part named "file", for example with curl -F file=@bank.csv.',
  );
}

/**
 * True where a part is certainly longer than `most`, by the length that the whole form was announced with: what follows it, if
 * anything, is the end of the form or another part with its headers.
 */
export function isSurelyLonger(part: FormPart, most: number, contentLength: number, boundary: string): boolean {
  const closing = `${CRLF}--${boundary}--${CRLF}`.length;
  const nextPart = `${CRLF}--${boundary}${CRLF}Content-Disposition: form-data; name="x"${CRLF}${CRLF}`.length;
  const excess = contentLength - part.offset - closing - most;
  return excess > 0 && excess < nextPart;
}

/**
 * Reads a multipart form as a stream. No more than one chunk of the body is held, however large a part is, which is why
 * `@remix-run/form-data-parser` does not serve here: it collects each part whole before it hands it over.
 */
export async function* formParts(body: AsyncIterable<Uint8Array>, boundary: string): AsyncGenerator<FormPart> {
  const reader = new DelimitedReader(body);
  try {
    // A line break before the first delimiter lets all of them be found in the same way.
    reader.push(Buffer.from(CRLF));
    const delimiter = Buffer.from(`${CRLF}--${boundary}`);
    await skip(reader.until(delimiter));
    for (let count = 0; ; count++) {
      const after = await reader.take(2);
      if (after === '--') return;
      if (after !== CRLF) throw malformed('a delimiter is broken');
      if (count >= MAX_PARTS) throw malformed(`it has more than ${MAX_PARTS} parts`);
      const head = await reader.line(Buffer.from(CRLF + CRLF), MAX_HEADER_BYTES);
      const part = { ...headersOf(head), body: reader.until(delimiter), offset: reader.taken - CRLF.length };
      yield part;
      await skip(part.body);
    }
  } finally {
    await reader.close();
  }
}

async function skip(body: AsyncIterable<Uint8Array>): Promise<void> {
  const chunks = body[Symbol.asyncIterator]();
  while (!(await chunks.next()).done);
}

function headersOf(text: string): { name: string; filename: string | null } {
  const header = text.split(CRLF).find((line) => /^content-disposition\s*:/i.test(line));
  const name = header && /;\s*name="([^"]*)"/i.exec(header)?.[1];
  if (!header || name === undefined) throw malformed('a part has no name');
  const extended = /;\s*filename\*=utf-8''([^;\s]+)/i.exec(header)?.[1];
  const plain = /;\s*filename="((?:\\.|[^"\\])*)"/i.exec(header)?.[1];
  if (extended !== undefined) return { name, filename: safeDecode(extended) };
  // Browsers write a quote in a name as %22, curl as \".
  return { name, filename: plain === undefined ? null : plain.replace(/\\(["\\])/g, '$1').replaceAll('%22', '"') };
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

function malformed(why: string): ProblemError {
  return new ProblemError('bad-request', `The form cannot be read: ${why}.`);
}

/** Hands out bytes of a stream up to a delimiter. */
class DelimitedReader {
  #held: Buffer = Buffer.alloc(0);
  #pushed = 0;
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#chunks = body[Symbol.asyncIterator]();
  }

  /** Bytes that were handed out. */
  get taken(): number {
    return this.#pushed - this.#held.length;
  }

  push(bytes: Buffer): void {
    this.#pushed += bytes.length;
    this.#held = this.#held.length ? Buffer.concat([this.#held, bytes]) : bytes;
  }

  /** Lets go of the stream, read to its end or not. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #more(): Promise<void> {
    const next = await this.#chunks.next();
    if (next.done) throw malformed('it ends in the middle; the upload was cut off');
    this.push(Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength));
  }

  /** Everything before the delimiter; the delimiter itself is eaten. A second iteration after the end yields nothing. */
  until(delimiter: Buffer): AsyncIterable<Uint8Array> {
    const step = () => this.#step(delimiter);
    let ended = false;
    return {
      async *[Symbol.asyncIterator]() {
        while (!ended) {
          const { bytes, last } = await step();
          ended = last;
          if (bytes.length > 0) yield bytes;
        }
      },
    };
  }

  async #step(delimiter: Buffer): Promise<{ bytes: Buffer; last: boolean }> {
    while (this.#held.length < delimiter.length) await this.#more();
    const at = this.#held.indexOf(delimiter);
    // Without a find, the last bytes may still be the beginning of a delimiter.
    const end = at === -1 ? this.#held.length - delimiter.length + 1 : at;
    const bytes = this.#held.subarray(0, end);
    this.#held = this.#held.subarray(at === -1 ? end : end + delimiter.length);
    return { bytes, last: at !== -1 };
  }

  async take(count: number): Promise<string> {
    while (this.#held.length < count) await this.#more();
    const text = this.#held.toString('latin1', 0, count);
    this.#held = this.#held.subarray(count);
    return text;
  }

  async line(end: Buffer, most: number): Promise<string> {
    for (;;) {
      const at = this.#held.indexOf(end);
      if (at !== -1 && at <= most) {
        const text = this.#held.toString('utf8', 0, at);
        this.#held = this.#held.subarray(at + end.length);
        return text;
      }
      if (this.#held.length > most) throw malformed('the header of a part is too long');
      await this.#more();
    }
  }
}
