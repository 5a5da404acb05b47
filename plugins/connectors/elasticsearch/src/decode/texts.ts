import { CellError, type Cells } from '../hits/cells.ts';
import { listText, scalarText } from './scalar.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
/** Cells longer than this are copied by the runtime, shorter ones word by word: a call costs more than this. */
const COPY_FROM = 256;
/** Bytes of a word. */
const WORD = 4;
/** What stands after a backslash, and the byte that is meant; `\u` is left to the runtime. */
const ESCAPES = new Uint8Array(128);
for (const [letter, meant] of Object.entries({
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}))
  ESCAPES[letter.charCodeAt(0)] = meant.charCodeAt(0);

export interface Bytes {
  offsets: Int32Array;
  data: Uint8Array;
}

/** Bytes that grow. */
class Growing {
  #data: Buffer;
  #words: DataView;
  size = 0;

  /** @param room Bytes that are expected. */
  constructor(room: number) {
    this.#data = Buffer.allocUnsafeSlow(Math.max(4096, room));
    this.#words = wordsOf(this.#data);
  }

  reserve(bytes: number): Buffer {
    if (this.size + bytes > this.#data.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.#data.length * 2, this.size + bytes));
      this.#data.copy(larger, 0, 0, this.size);
      this.#data = larger;
      this.#words = wordsOf(larger);
    }
    return this.#data;
  }

  /** @param words The same bytes as `buffer`. */
  copy(buffer: Buffer, words: DataView, from: number, to: number): void {
    const length = to - from;
    const data = this.reserve(length + WORD);
    const { size } = this;
    // The last word may reach beyond the cell: what it brings is overwritten by the next one or not looked at.
    if (length >= COPY_FROM || to + WORD > buffer.length) buffer.copy(data, size, from, to);
    else {
      const target = this.#words;
      for (let i = 0; i < length; i += WORD) target.setInt32(size + i, words.getInt32(from + i, true), true);
    }
    this.size += length;
  }

  byte(value: number): void {
    this.reserve(1)[this.size++] = value;
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length).set(bytes, this.size);
    this.size += bytes.length;
  }

  done(): Uint8Array {
    return this.#data.subarray(0, this.size);
  }
}

const wordsOf = (buffer: Buffer) => new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);

/**
 * Text: what stands between the quotes; a number or a truth as it is written; several values as a JSON list.
 *
 * @param room Bytes that are expected of all texts together.
 */
export function decodeTexts(cells: Cells, room = 0): Bytes {
  const { buffer, from, to, rows, more } = cells;
  const words = wordsOf(buffer);
  const offsets = new Int32Array(rows + 1);
  const out = new Growing(room);
  // Where the next backslash stands is asked once for many cells: most texts have none.
  let escape = -1;
  const escapeFrom = (at: number) => {
    const next = buffer.indexOf(BACKSLASH, at);
    return next === -1 ? buffer.length : next;
  };
  for (let i = 0; i < rows; i++) {
    const start = from[i]!;
    if (start >= 0) {
      const end = to[i]!;
      if (more !== null && more.has(i)) out.append(Buffer.from(listText(cells, i), 'utf8'));
      else if (buffer[start] !== QUOTE) out.copy(buffer, words, start, end);
      else {
        if (start > escape) escape = escapeFrom(start);
        const before = out.size;
        let at = start + 1;
        while (escape < end) {
          const letter = buffer[escape + 1]!;
          // Left to the runtime, with what stands before it.
          if (letter === LETTER_U) break;
          out.copy(buffer, words, at, escape);
          out.byte(ESCAPES[letter]!);
          at = escape + 2;
          escape = escapeFrom(at);
        }
        if (escape >= end) out.copy(buffer, words, at, end - 1);
        else {
          out.size = before;
          out.append(Buffer.from(unescaped(cells, i), 'utf8'));
          escape = escapeFrom(end);
        }
      }
    }
    offsets[i + 1] = out.size;
  }
  return { offsets, data: out.done() };
}

function unescaped({ buffer, from, to }: Cells, row: number): string {
  const text = JSON.parse(buffer.toString('utf8', from[row], to[row])) as string;
  if (!/\p{Surrogate}/u.test(text)) return text;
  throw new CellError(
    row,
    text.slice(0, 200).replace(/\p{Surrogate}/gu, '\uFFFD'),
    'holds half of a character, which is no text',
  );
}

/** base64, as Elasticsearch keeps bytes. */
export function decodeBinary(cells: Cells): Bytes {
  const { from, rows } = cells;
  const offsets = new Int32Array(rows + 1);
  const out = new Growing(0);
  for (let i = 0; i < rows; i++) {
    if (from[i]! >= 0) {
      const text = scalarText(cells, i).replace(/\s+/g, '');
      if (!/^[A-Za-z0-9+/_-]*=*$/.test(text)) throw new CellError(i, text.slice(0, 200), 'is not base64');
      out.append(Buffer.from(text, 'base64'));
    }
    offsets[i + 1] = out.size;
  }
  return { offsets, data: out.done() };
}
