/** Bytes that are copied word by word up to here; a call of the runtime for more costs less than that. */
const COPY_FROM = 256;
/** Bytes of a word. */
const WORD = 4;

/** The same bytes, to be read and written by words. */
export const wordsOf = (buffer: Buffer) => new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);

/** Memory that grows as bytes are added, and may be used again. */
export class GrowingBytes {
  #data: Buffer;
  #words: DataView;
  size = 0;

  /** @param room Bytes that are expected. */
  constructor(room = 0) {
    this.#data = Buffer.allocUnsafeSlow(Math.max(4096, room));
    this.#words = wordsOf(this.#data);
  }

  /** What was in it is not needed any more. */
  clear(): void {
    this.size = 0;
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length).set(bytes, this.size);
    this.size += bytes.length;
  }

  byte(value: number): void {
    this.#reserve(1)[this.size++] = value;
  }

  /** Adds a part of a buffer. @param words The same bytes as `buffer`. */
  copy(buffer: Buffer, words: DataView, from: number, to: number): void {
    const length = to - from;
    const data = this.#reserve(length + WORD);
    const { size } = this;
    // The last word may reach beyond the part: what it brings is overwritten by what comes next or not looked at.
    if (length >= COPY_FROM || to + WORD > buffer.length) buffer.copy(data, size, from, to);
    else {
      const target = this.#words;
      for (let i = 0; i < length; i += WORD) target.setInt32(size + i, words.getInt32(from + i, true), true);
    }
    this.size += length;
  }

  /** All that was added; true until it is cleared. */
  bytes(): Buffer {
    return this.#data.subarray(0, this.size);
  }

  #reserve(bytes: number): Buffer {
    const end = this.size + bytes;
    if (end > this.#data.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(end, this.#data.length * 2));
      this.#data.copy(larger, 0, 0, this.size);
      this.#data = larger;
      this.#words = wordsOf(larger);
    }
    return this.#data;
  }
}
