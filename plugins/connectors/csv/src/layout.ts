import type { Note, UploadOptions } from '@kalla/core';
import { ConnectorError } from '@kalla/core';
import { cut, isCurrency, usableNames } from '@kalla/files';
import { isBlank, recordsOf, type LineEnd, type TextRecord } from './records.ts';
import type { Dialect } from './types.ts';

/** The top of a file: where its rows begin and what its columns are called. */
export interface Top {
  dialect: Dialect;
  header: boolean;
  names: string[];
  skipLines: number;
  /** First byte of the header, or of the first row where there is none. */
  start: number;
  notes: Note[];
}

const DELIMITERS = [';', '\t', '|', ','];
/** An amount, with the three letters before it if there are any, a date or a truth value, as a whole cell. */
const TYPED =
  /^(?:[-+−(]?\s*(?:([A-Z]{3})\s?|[$€£¥₹]\s?)?[-+−]?\s*\d[\d.,'’\s\u00a0\u202f]*\)?\s*(?:[A-Z]{2,3}|[€$£%])?-?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?|true|false)$/i;

/** True for an amount, a date or a truth value. `EUR 12` is an amount, `COL12` and `top5` are names. */
export function isTyped(cell: string): boolean {
  const found = TYPED.exec(cell);
  const letters = found?.[1];
  return found !== null && (letters === undefined || (letters === letters.toUpperCase() && isCurrency(letters)));
}

/** Detects delimiter, quote, lines above the header and the header itself from the first megabyte of text. */
export function detectTop(head: Buffer, whole: boolean, lineEnd: LineEnd, options: UploadOptions): Top {
  const forcedSkip = options.skip_lines;
  const declared = forcedSkip === undefined ? declaredDelimiter(head) : null;
  const skip = declared ? 1 : (forcedSkip ?? 0);
  const from = skipLines(head, skip, lineEnd);
  const text = head.subarray(from);
  const dialect = detectDialect(text, whole, lineEnd, declared ? { delimiter: declared, ...options } : options);
  const records = recordsOf(text, dialect, lineEnd, whole);
  const filled = records.filter((record) => !isBlank(record));
  const width = usualWidth(filled);
  const above = forcedSkip === undefined ? preambleLength(filled, width, options) : 0;
  const first = filled[above] ?? filled[0];
  if (!first) {
    throw new ConnectorError('type', 'The file holds nothing but blank lines.', {
      hint: forcedSkip ? 'Leave out fewer lines at the top.' : 'Choose the file that holds the rows.',
    });
  }
  const rows = filled.slice(above + 1);
  const { header, sure } =
    options.header === undefined ? detectHeader(first, rows) : { header: options.header, sure: true };
  const count = columnCount(first, rows, header);
  const { names, notes } = header
    ? usableNames(first.cells, count)
    : { names: Array.from({ length: count }, (_, index) => `column_${index + 1}`), notes: [] };
  const skipped = skip + first.line - 1;
  const top: Note[] = [];
  const left = linesOf(head.subarray(0, from + first.start), lineEnd);
  const said = left.filter((line) => line.trim() !== '');
  if (said.length) {
    top.push({
      message: `${said.length === 1 ? 'One line' : `${said.length} lines`} above the ${header ? 'header' : 'first row'} left out: ${quoteLines(said)}`,
      count: said.length,
    });
  }
  if (!header && options.header === undefined) {
    top.push({ message: 'The file has no line of column names; the columns are called column_1, column_2 and so on.' });
  }
  if (header && !sure) {
    top.push({ message: 'The first line was taken as column names. If it is a row, say that the file has no header.' });
  }
  return { dialect, header, names, skipLines: skipped, start: from + first.start, notes: [...top, ...notes] };
}

/** The delimiter that a first line `sep=;` tells Excel; null where there is no such line. */
function declaredDelimiter(head: Buffer): string | null {
  return /^"?sep=([ -~\t])"?[;,\t]*(?:\r|\n|$)/i.exec(head.toString('latin1', 0, 40))?.[1] ?? null;
}

/** Byte offset behind the first `count` physical lines. */
export function skipLines(buffer: Buffer, count: number, lineEnd: LineEnd): number {
  const newline = lineEnd === 'cr' ? 13 : 10;
  let at = 0;
  for (let n = 0; n < count; n++) {
    const end = buffer.indexOf(newline, at);
    if (end < 0) return buffer.length;
    at = end + 1;
  }
  return at;
}

/** Texts of physical lines. */
export function linesOf(buffer: Buffer, lineEnd: LineEnd): string[] {
  const lines = buffer.toString('utf8').split(lineEnd === 'cr' ? '\r' : /\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Left-out lines as they are shown in a note. */
export function quoteLines(lines: readonly string[]): string {
  const shown = lines.slice(0, 20).map((line) => `“${cut(line.trim(), 200)}”`);
  return shown.join(', ') + (lines.length > shown.length ? ` and ${lines.length - shown.length} more.` : '.');
}

function detectDialect(text: Buffer, whole: boolean, lineEnd: LineEnd, options: UploadOptions): Dialect {
  const quote = options.quote ?? detectQuote(text);
  if (options.delimiter) return { delimiter: options.delimiter, quote };
  let best = { delimiter: ',', score: 0 };
  for (const delimiter of DELIMITERS) {
    const records = recordsOf(text, { delimiter, quote }, lineEnd, whole).filter((record) => !isBlank(record));
    const width = usualWidth(records);
    if (width < 2) continue;
    const share = records.filter((record) => record.cells.length === width).length / records.length;
    // Where two candidates split equally well, more columns win: "1,50" splits by comma as well as the true semicolon does.
    const score = share + 0.02 * Math.min(width, 10);
    if (score > best.score) best = { delimiter, score };
  }
  return { delimiter: best.delimiter, quote };
}

function detectQuote(text: Buffer): string {
  if (text.includes('"')) return '"';
  const lines = linesOf(text, 'lf').filter((line) => line.trim() !== '');
  const single = lines.filter((line) => /^'.*'$/.test(line)).length;
  return lines.length > 0 && single > lines.length / 2 ? "'" : '"';
}

function usualWidth(records: readonly TextRecord[]): number {
  const counts = new Map<number, number>();
  for (const { cells } of records) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0] ?? 1;
}

/** Number of filled records above the header. Cautious: what might be a header or a row stays. */
function preambleLength(records: readonly TextRecord[], width: number, options: UploadOptions): number {
  if (width < 2) return 0;
  const narrow = ({ cells }: TextRecord) =>
    cells.length === 1 || (cells.length < width && cells.length <= Math.max(2, width / 2));
  let above = 0;
  while (above < records.length && above < 1000 && narrow(records[above] as TextRecord)) above++;
  const only = above === 1 ? records[0] : undefined;
  if (only && only.cells.length > 1) {
    // One line alone may be a header that lacks names, unless it holds a value or a colon, or a blank line follows it.
    const value = only.cells.some((cell) => isTyped((cell ?? '').trim())) || /:\s*$/.test(only.cells[0] ?? '');
    const gap = (records[1]?.line ?? 0) > only.line + 1;
    if (!value && !gap) above = 0;
  }
  const next = records[above];
  if (!next || next.cells.length !== width) above = 0;
  else if (above > 0 && options.header !== false && !namesLike(next)) {
    // Rows follow at once: only lines without any delimiter are surely not a short header.
    if (records.slice(0, above).some((record) => record.cells.length > 1)) above = 0;
  }
  // A sheet saved as CSV pads its title lines with delimiters to the full width.
  if (width >= 4) {
    const filled = (record: TextRecord) => record.cells.filter((cell) => cell?.trim()).length;
    let title = false;
    let pairs = false;
    for (let at = above; at < Math.min(records.length, above + 30); at++) {
      const record = records[at] as TextRecord;
      if (record.cells.length !== width) break;
      if (filled(record) === width && namesLike(record)) {
        // A name and its value, padded, might be a row: then a title stands among them, and values below the header only.
        if (!pairs) return at;
        const { header, sure } = detectHeader(record, records.slice(at + 1));
        return title && header && sure ? at : above;
      }
      if (filled(record) <= 1) title = true;
      if (filled(record) <= width / 3) continue;
      if (filled(record) !== 2 || !record.cells[0]?.trim() || !record.cells[1]?.trim()) break;
      pairs = true;
    }
  }
  return above;
}

function namesLike(record: TextRecord): boolean {
  return record.cells.every((cell) => !isTyped((cell ?? '').trim()));
}

function detectHeader(first: TextRecord, rows: readonly TextRecord[]): { header: boolean; sure: boolean } {
  if (!namesLike(first)) return { header: false, sure: true };
  const sample = rows.slice(0, 1000);
  const contrast = first.cells.some((_, column) => {
    const cells = sample.map((row) => row.cells[column]?.trim()).filter((cell) => cell);
    return cells.length > 0 && cells.every((cell) => isTyped(cell ?? ''));
  });
  if (contrast || sample.length === 0) return { header: true, sure: true };
  const recurs = first.cells.some((cell, column) => cell?.trim() && sample.some((row) => row.cells[column] === cell));
  return recurs ? { header: false, sure: true } : { header: true, sure: false };
}

/** A delimiter at the end of each line makes no column. */
function columnCount(first: TextRecord, rows: readonly TextRecord[], header: boolean): number {
  const own = first.cells.length;
  if (!header || rows.length === 0) return own;
  const width = usualWidth(rows);
  return own === width + 1 && first.cells.at(-1) === null ? width : own;
}
