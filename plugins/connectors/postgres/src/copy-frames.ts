export const COPY_DATA = 0x64; // d
export const COPY_DONE = 0x63; // c
export const ERROR = 0x45; // E
/** Code and length, which counts itself but not the code. */
export const HEADER_BYTES = 5;
/** Pieces up to this are copied byte by byte: a call costs more. */
const COPY_FROM = 48;

/**
 * Takes the messages of the wire protocol apart while a COPY runs, however they cut the data, each with a header of five bytes.
 * The contents of the data messages are copied to where they are decoded. No object is made per row; that, and the garbage
 * it leaves, is half the cost of a general COPY stream.
 */
export class CopyFrames {
  /** Where in the last chunk the data ended: after CopyDone, or at an error message; null while it goes on. */
  end: number | null = null;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  /** Bytes of the message at hand that are still to come, and whether they are data. */
  #left = 0;
  #isData = false;

  /** Copies the data in `chunk` to `target` from `at` on and returns where it ends. `target` must have room for the chunk. */
  unwrap(chunk: Buffer, target: Buffer, at: number): number {
    let from = 0;
    let to = at;
    while (from < chunk.length && this.end === null) {
      if (this.#left > 0) {
        const bytes = Math.min(this.#left, chunk.length - from);
        if (this.#isData) {
          if (bytes > COPY_FROM) chunk.copy(target, to, from, from + bytes);
          else for (let k = 0; k < bytes; k++) target[to + k] = chunk[from + k]!;
          to += bytes;
        }
        from += bytes;
        this.#left -= bytes;
      } else if (this.#headerBytes === 0 && chunk[from] === ERROR) {
        this.end = from;
      } else if (this.#headerBytes === 0 && chunk.length - from >= HEADER_BYTES) {
        this.#begin(chunk, from, (from += HEADER_BYTES));
      } else {
        this.#header[this.#headerBytes++] = chunk[from++]!;
        if (this.#headerBytes < HEADER_BYTES) continue;
        this.#headerBytes = 0;
        this.#begin(this.#header, 0, from);
      }
    }
    return to;
  }

  /** A message begins; everything but data is skipped: notices, settings, the reply to the COPY itself. */
  #begin(header: Buffer, at: number, next: number): void {
    const code = header[at]!;
    this.#left = ((header[at + 1]! << 24) | (header[at + 2]! << 16) | (header[at + 3]! << 8) | header[at + 4]!) - 4;
    this.#isData = code === COPY_DATA;
    if (code === COPY_DONE) this.end = next;
  }
}
