import { open } from 'node:fs/promises';
import { beginsTotals, namesTotals } from '@kalla/files';
import { isTyped, linesOf } from './layout.ts';
import { readRecord, type LineEnd, type TextRecord } from './records.ts';
import type { Dialect } from './types.ts';

const TAIL = 256 << 10;
/** Lines above a totals line that are looked at for what its first column usually holds. */
const ROWS_ABOVE = 20;
const RULE = /^[\s\-=_*#]{3,}$/;

/** The bottom of a file that holds no rows. */
export interface Footer {
  lines: number;
  texts: string[];
  /** First byte that is left out. */
  start: number;
}

interface Layout {
  dialect: Dialect;
  width: number;
  lineEnd: LineEnd;
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
  top: Layout & { start: number; header: boolean },
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
    // A sheet saved as CSV pads empty lines with delimiters.
    const bare = (text: string) => text.replaceAll(top.dialect.delimiter, '');
    const isEmpty = (text: string) => bare(text).trim() === '';
    const firstRow = top.header && tail.from === top.start ? 1 : 0;
    for (let at = lines.length - 1; at >= firstRow && lines.length - at <= 12; at--) {
      const text = lines[at]?.text ?? '';
      if (isEmpty(text) || RULE.test(text)) continue;
      if (!isTotals(text, lines.slice(Math.max(firstRow, at - ROWS_ABOVE), at), top)) break;
      keep = at;
    }
    // Rules and blank lines between the rows and the totals belong to the totals.
    if (keep < lines.length) {
      while (keep > firstRow && /^[\s\-=_*#]*$/.test(bare(lines[keep - 1]?.text ?? ''))) keep--;
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

/**
 * A line of full width names a sum in its first filled cell and holds nothing but values besides: a payer may be called "Total".
 * Where the column holds amounts or dates only, such a name cannot be a cell of a row, and may say more: "Total in EUR".
 */
function isTotals(text: string, above: readonly { text: string }[], layout: Layout): boolean {
  const record = recordOf(text, layout);
  if (!record) return false;
  const filled = record.cells.filter((cell) => cell?.trim());
  if (filled.length >= layout.width) return false;
  if (record.cells.length !== layout.width) return beginsTotals(text);
  const first = filled[0]?.trim() ?? '';
  const column = record.cells.findIndex((cell) => cell?.trim());
  const rows = above.map((line) => recordOf(line.text, layout)).filter((row) => row?.cells.length === layout.width);
  // Other totals may stand above this one.
  const cells = rows.map((row) => row?.cells[column]?.trim() ?? '').filter((cell) => cell && !beginsTotals(cell));
  const amongValues = cells.length > 0 && cells.every(isTyped);
  const withValues = filled.slice(1).every((cell) => isValue(cell ?? ''));
  return namesTotals(first) ? withValues || amongValues : beginsTotals(first) && withValues && amongValues;
}

/** An amount, a date, or the currency of an amount. */
function isValue(cell: string): boolean {
  return isTyped(cell.trim()) || /^(?:[A-Z]{3}|[€$£¥₹])$/.test(cell.trim());
}

function recordOf(text: string, { dialect, lineEnd }: Layout): TextRecord | null {
  const record = readRecord(Buffer.from(text), 0, 1, dialect, lineEnd, true);
  return record && !record.fault ? record : null;
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
