/**
 * Memory that an answer is collected in and the next but one again. Pages of some megabytes in memory of their own made the garbage
 * collector go through everything alive at each of them: a fifth of the time of a read.
 */
export class AnswerMemory {
  #data = Buffer.alloc(0);
  size = 0;

  /** What was in it is not needed any more. */
  clear(): void {
    this.size = 0;
  }

  append(chunk: Buffer): void {
    const end = this.size + chunk.length;
    if (end > this.#data.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(end, this.#data.length * 2));
      this.#data.copy(larger, 0, 0, this.size);
      this.#data = larger;
    }
    chunk.copy(this.#data, this.size);
    this.size = end;
  }

  /** All that was appended; true until it is cleared. */
  bytes(): Buffer {
    return this.#data.subarray(0, this.size);
  }
}
