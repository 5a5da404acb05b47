import { open } from 'node:fs/promises';
import { beginsTotals, namesTotals } from '@kalla/files';
import { linesOf } from './layout.ts';
import { readRecord, type LineEnd } from './records.ts';
import type { Dialect } from './types.ts';

const TAIL = 256 << 10;
const RULE = /^[\s\-=_*#]{3,}$/;

/** The bottom of a file that holds no rows. */
export interface Footer {
  lines: number;
  texts: string[];
  /** First byte that is left out. */
  start: number;
}

/**
 * Finds totals lines at the end of the text. Cautious: at most 10 lines, and a line goes only if it names a sum or a
 * count and is not filled like a row. A row that was cut off in the middle is no footer; it stays and is an error.
 *
 * @param forced leaves out exactly this many lines whatever they say; 0 leaves out none.
 */
export async function findFooter(
  path: string,
  size: number,
  top: { start: number; dialect: Dialect; width: number; lineEnd: LineEnd },
  forced: number | undefined,
): Promise<Footer> {
  const none = { lines: 0, texts: [], start: size };
  if (forced === 0) return none;
  let want = TAIL;
  let tail = await readTail(path, size, want, top.start);
  const enough = (forced ?? 0) + 12;
  while (forced && linesOf(tail.bytes, top.lineEnd).length < enough && tail.from > top.start) {
    want *= 4;
    tail = await readTail(path, size, want, top.start);
  }
  const lines = physicalLines(tail.bytes, top.lineEnd);
  // The first line of the tail may be cut in half.
  if (tail.from > top.start) lines.shift();
  let keep = lines.length;
  if (forced) {
    while (keep > 0 && lines[keep - 1]?.text === '') keep--;
    keep = Math.max(0, keep - forced);
  } else if (top.width > 1) {
    for (let at = lines.length - 1; at >= 0 && lines.length - at <= 12; at--) {
      const text = lines[at]?.text ?? '';
      if (text.trim() === '' || RULE.test(text)) continue;
      if (!isTotals(text, top.dialect, top.width, top.lineEnd)) break;
      keep = at;
    }
    // Rules and blank lines between the rows and the totals belong to the totals.
    if (keep < lines.length) {
      while (keep > 0 && /^[\s\-=_*#]*$/.test(lines[keep - 1]?.text ?? '')) keep--;
    }
  }
  const out = lines.slice(keep);
  const first = out[0];
  if (!first || out.every((line) => line.text === '')) return none;
  return {
    lines: out.length,
    texts: out.map((line) => line.text).filter((text) => text.trim() !== ''),
    start: tail.from + first.start,
  };
}

function isTotals(text: string, dialect: Dialect, width: number, lineEnd: LineEnd): boolean {
  const record = readRecord(Buffer.from(text), 0, 1, dialect, lineEnd, true);
  if (!record || record.fault) return false;
  const filled = record.cells.filter((cell) => cell?.trim());
  if (filled.length >= width) return false;
  const first = filled[0]?.trim() ?? '';
  return record.cells.length === width ? namesTotals(first) : beginsTotals(text);
}

async function readTail(
  path: string,
  size: number,
  want: number,
  floor: number,
): Promise<{ bytes: Buffer; from: number }> {
  const from = Math.max(floor, size - want);
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(size - from);
    await file.read(bytes, 0, bytes.length, from);
    return { bytes, from };
  } finally {
    await file.close();
  }
}

function physicalLines(bytes: Buffer, lineEnd: LineEnd): { text: string; start: number }[] {
  const newline = lineEnd === 'cr' ? 13 : 10;
  const lines: { text: string; start: number }[] = [];
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(newline, start);
    const end = found < 0 ? bytes.length : found;
    lines.push({ text: bytes.toString('utf8', start, end).replace(/\r$/, ''), start });
    start = end + 1;
  }
  return lines;
}
