import { GrowingBytes, wordsOf } from '../growing-bytes.ts';
import { CellError, type Cells } from '../hits/cells.ts';
import { listText, scalarText } from './scalar.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
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

/**
 * Text: what stands between the quotes; a number or a truth as it is written; several values as a JSON list.
 *
 * @param room Bytes that are expected of all texts together.
 */
export function decodeTexts(cells: Cells, room = 0): Bytes {
  const { buffer, from, to, rows, more } = cells;
  const words = wordsOf(buffer);
  const offsets = new Int32Array(rows + 1);
  const out = new GrowingBytes(room);
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
  return { offsets, data: out.bytes() };
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
  const out = new GrowingBytes();
  for (let i = 0; i < rows; i++) {
    if (from[i]! >= 0) {
      const text = scalarText(cells, i).replace(/\s+/g, '');
      if (!/^[A-Za-z0-9+/_-]*=*$/.test(text)) throw new CellError(i, text.slice(0, 200), 'is not base64');
      out.append(Buffer.from(text, 'base64'));
    }
    offsets[i + 1] = out.size;
  }
  return { offsets, data: out.bytes() };
}
