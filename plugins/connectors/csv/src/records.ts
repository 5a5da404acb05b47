import { open } from 'node:fs/promises';
import { isUtf8 } from 'node:buffer';
import { throwIfAborted } from '@kalla/core';
import type { Dialect } from './types.ts';

/** DuckDB refuses longer lines, and so does this scanner. */
export const MAX_LINE_BYTES = 8_000_000;
const CHUNK = 1 << 20;
const LF = 10;
const CR = 13;
const SPACE = 32;

/** One row of the text, with the physical line it begins in. */
export interface TextRecord {
  /** 1-based. */
  line: number;
  /** null is an unquoted empty cell; '' a quoted one. */
  cells: (string | null)[];
  /** First byte of the record and of what follows it, from the start of the text. */
  start: number;
  end: number;
  /** What is wrong with the record's own text. */
  fault?: { column: number; kind: 'quote' | 'unclosed' | 'nul' | 'utf8' };
}

/** How lines end: `\r` alone only where the text has no `\n` at all. */
export type LineEnd = 'lf' | 'cr';

/**
 * Reads the first record at `from`, or null where the buffer ends before the record does and `last` is false.
 *
 * The rules are DuckDB's strict ones: a quote opens a cell only at its begin (blanks before it are skipped), inside it is
 * doubled, and after the closing one only blanks may follow.
 */
export function readRecord(
  buffer: Buffer,
  from: number,
  line: number,
  dialect: Dialect,
  lineEnd: LineEnd,
  last: boolean,
): (TextRecord & { nextLine: number }) | null {
  const delimiter = dialect.delimiter.charCodeAt(0);
  const quote = dialect.quote ? dialect.quote.charCodeAt(0) : -1;
  const newline = lineEnd === 'cr' ? CR : LF;
  const length = buffer.length;
  const plain = plainRecord(buffer, from, line, dialect, newline);
  if (plain) return plain;
  const cells: (string | null)[] = [];
  let fault: TextRecord['fault'];
  let lines = 1;
  let at = from;
  for (;;) {
    let begin = at;
    if (quote >= 0) while (buffer[begin] === SPACE) begin++;
    let end: number;
    if (quote >= 0 && buffer[begin] === quote) {
      let parts = '';
      let scan = begin + 1;
      for (;;) {
        const close = buffer.indexOf(quote, scan);
        if (close < 0) {
          if (!last) return null;
          fault = { column: cells.length, kind: 'unclosed' };
          cells.push(parts + buffer.toString('utf8', scan, Math.min(length, scan + 200)));
          return { line, cells, start: from, end: length, fault, nextLine: line + lines };
        }
        if (close + 1 >= length && !last) return null;
        parts += buffer.toString('utf8', scan, close);
        if (buffer[close + 1] !== quote) {
          scan = close + 1;
          break;
        }
        parts += dialect.quote;
        scan = close + 2;
      }
      for (let i = buffer.indexOf(newline, begin); i >= 0 && i < scan; i = buffer.indexOf(newline, i + 1)) lines++;
      end = scan;
      while (buffer[end] === SPACE) end++;
      const after = afterReturns(buffer, end, newline);
      if ((after >= length || end + 1 >= length) && !last) return null;
      if (after < length && buffer[end] !== delimiter && buffer[after] !== newline) {
        fault ??= { column: cells.length, kind: 'quote' };
        while (end < length && buffer[end] !== delimiter && buffer[end] !== newline) end++;
      }
      cells.push(parts);
    } else {
      end = at;
      while (end < length && buffer[end] !== delimiter && buffer[end] !== newline) end++;
      let stop = end;
      if (newline === LF && buffer[end] !== delimiter) while (stop > at && buffer[stop - 1] === CR) stop--;
      const bytes = buffer.subarray(at, stop);
      if (!fault && bytes.includes(0)) fault = { column: cells.length, kind: 'nul' };
      cells.push(stop > at ? bytes.toString('utf8') : null);
    }
    if (end >= length && !last) return null;
    if (buffer[end] === delimiter && end < length) {
      at = end + 1;
      continue;
    }
    let next = afterReturns(buffer, end, newline);
    if (next < length) next++;
    return { line, cells, start: from, end: next, ...(fault ? { fault } : {}), nextLine: line + lines };
  }
}

/**
 * A record of one whole line without a quote or a NUL in it, as most are: one text that is split, in a tenth of the time that
 * its bytes take one by one. Undefined for any other.
 */
function plainRecord(
  buffer: Buffer,
  from: number,
  line: number,
  { delimiter, quote }: Dialect,
  newline: number,
): (TextRecord & { nextLine: number }) | undefined {
  const end = buffer.indexOf(newline, from);
  if (end < 0 || delimiter.length !== 1 || delimiter > '\x7f') return undefined;
  let stop = end;
  if (newline === LF) while (stop > from && buffer[stop - 1] === CR) stop--;
  const text = buffer.toString('utf8', from, stop);
  if ((quote !== '' && text.includes(quote)) || text.includes('\0')) return undefined;
  const cells: (string | null)[] = text.split(delimiter);
  for (let at = 0; at < cells.length; at++) if (cells[at] === '') cells[at] = null;
  return { line, cells, start: from, end: end + 1, nextLine: line + 1 };
}

/** What follows the `\r` before a `\n`: some programs write `\r\r\n` at the end of each line. */
function afterReturns(buffer: Buffer, at: number, newline: number): number {
  if (newline === LF) while (buffer[at] === CR) at++;
  return at;
}

/** Reads the records of a buffer, for the head of a file. An unfinished last record is left out unless `last`. */
export function recordsOf(buffer: Buffer, dialect: Dialect, lineEnd: LineEnd, last: boolean): TextRecord[] {
  const records: TextRecord[] = [];
  let at = 0;
  let line = 1;
  while (at < buffer.length) {
    const record = readRecord(buffer, at, line, dialect, lineEnd, last);
    if (!record) break;
    records.push(record);
    at = record.end;
    line = record.nextLine;
  }
  return records;
}

/** True for a line without any text. */
export function isBlank(record: TextRecord): boolean {
  return record.cells.length === 1 && (record.cells[0] ?? '').trim() === '';
}

/**
 * Streams the records of a file in bounded memory. Used to find the line of a fault, so it also reports NULs, bytes that
 * are not UTF-8 and quotes that never close.
 */
export async function* scanRecords(
  path: string,
  dialect: Dialect,
  lineEnd: LineEnd,
  firstLine: number,
  signal: AbortSignal,
): AsyncGenerator<TextRecord> {
  const file = await open(path, 'r');
  try {
    let pending = Buffer.alloc(0);
    let line = firstLine;
    let base = 0;
    let last = false;
    for (;;) {
      throwIfAborted(signal);
      if (!last) {
        const chunk = Buffer.allocUnsafe(CHUNK);
        const { bytesRead } = await file.read(chunk, 0, CHUNK);
        last = bytesRead === 0;
        pending = pending.length
          ? Buffer.concat([pending, chunk.subarray(0, bytesRead)])
          : chunk.subarray(0, bytesRead);
        if (base === 0 && line === firstLine && pending[0] === 0xef && pending[1] === 0xbb) {
          pending = pending.subarray(3);
          base = 3;
        }
      }
      const clean = isUtf8(pending);
      let at = 0;
      while (at < pending.length) {
        const record = readRecord(pending, at, line, dialect, lineEnd, last);
        if (!record) break;
        if (!clean && !record.fault && !isUtf8(pending.subarray(at, record.end))) {
          record.fault = { column: faultyColumn(record), kind: 'utf8' };
        }
        at = record.end;
        line = record.nextLine;
        yield { ...record, start: base + record.start, end: base + record.end };
      }
      base += at;
      pending = Buffer.from(pending.subarray(at));
      if (last) return;
      if (pending.length > MAX_LINE_BYTES * 2) {
        yield {
          line,
          cells: [pending.toString('utf8', 0, 200)],
          start: base,
          end: base + pending.length,
          // Without a quote in it, it is only long.
          ...(dialect.quote !== '' && pending.includes(dialect.quote)
            ? { fault: { column: 0, kind: 'unclosed' } }
            : {}),
        };
        return;
      }
    }
  } finally {
    await file.close();
  }
}

function faultyColumn(record: TextRecord): number {
  const column = record.cells.findIndex((cell) => cell?.includes('�'));
  return Math.max(column, 0);
}
