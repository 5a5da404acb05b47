import { CellError, type Cells } from '../hits/cells.ts';
import { listText, scalarText } from './scalar.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
/** Cells longer than this are copied by the runtime, shorter ones byte by byte: a call costs more than 100 bytes. */
const COPY_FROM = 128;
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

/** Bytes that grow; the whole answer is more than enough for a column of it, and is not copied for that. */
class Growing {
  #data = Buffer.allocUnsafeSlow(4096);
  size = 0;

  reserve(bytes: number): Buffer {
    if (this.size + bytes > this.#data.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.#data.length * 2, this.size + bytes));
      this.#data.copy(larger, 0, 0, this.size);
      this.#data = larger;
    }
    return this.#data;
  }

  copy(buffer: Buffer, from: number, to: number): void {
    const length = to - from;
    const data = this.reserve(length);
    const { size } = this;
    if (length < COPY_FROM) for (let i = 0; i < length; i++) data[size + i] = buffer[from + i]!;
    else buffer.copy(data, size, from, to);
    this.size += length;
  }

  /**
   * Copies what stands between two quotes, with its escapes resolved. False, and nothing copied, where one of them is `\u`.
   */
  unescape(buffer: Buffer, from: number, to: number): boolean {
    const data = this.reserve(to - from);
    let { size } = this;
    for (let i = from; i < to; i++) {
      let byte = buffer[i]!;
      if (byte === BACKSLASH) {
        const letter = buffer[++i]!;
        if (letter === LETTER_U) return false;
        byte = ESCAPES[letter]!;
      }
      data[size++] = byte;
    }
    this.size = size;
    return true;
  }

  append(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.copy(bytes, 0, bytes.length);
  }

  done(): Uint8Array {
    return this.#data.subarray(0, this.size);
  }
}

/** Text: what stands between the quotes; a number or a truth as it is written; several values as a JSON list. */
export function decodeTexts(cells: Cells): Bytes {
  const { buffer, from, to, rows, more } = cells;
  const offsets = new Int32Array(rows + 1);
  const out = new Growing();
  for (let i = 0; i < rows; i++) {
    const start = from[i]!;
    if (start >= 0) {
      if (more !== null && more.has(i)) out.append(listText(cells, i));
      else if (buffer[start] !== QUOTE) out.copy(buffer, start, to[i]!);
      else if (!out.unescape(buffer, start + 1, to[i]! - 1)) out.append(unescaped(cells, i));
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
  const out = new Growing();
  for (let i = 0; i < rows; i++) {
    if (from[i]! >= 0) {
      const text = scalarText(cells, i).replace(/\s+/g, '');
      if (!/^[A-Za-z0-9+/_-]*=*$/.test(text)) throw new CellError(i, text.slice(0, 200), 'is not base64');
      const bytes = Buffer.from(text, 'base64');
      out.copy(bytes, 0, bytes.length);
    }
    offsets[i + 1] = out.size;
  }
  return { offsets, data: out.done() };
}
