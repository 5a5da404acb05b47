import { createReadStream, createWriteStream } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  ConnectorError,
  throwIfAborted,
  type ConnectorHost,
  type Note,
  type Operation,
  quotedNames,
} from '@kalla/core';
import { partOf } from '@kalla/files';
import type { CsvConfig } from './config.ts';
import { inspectBytes, transcode, unpack, type ByteReport } from './encoding.ts';
import { foreignKind, isGzip } from './file-kind.ts';
import { findFooter } from './footer.ts';
import { detectTop, quoteLines, type Top } from './layout.ts';
import { throwFaults } from './locate.ts';
import { rewrite } from './rewrite.ts';
import type { LineEnd } from './records.ts';
import type { Encoding } from './types.ts';

const HEAD = 1 << 20;
const SOUND: ByteReport = { encoding: 'utf-8', broken: false, nul: false };

/** A file that DuckDB can read as it lies: UTF-8, rows and perhaps a header, nothing else. */
export interface Prepared {
  /** The name people know the file by. */
  name: string;
  path: string;
  bytes: number;
  encoding: Encoding;
  top: Top;
  footerLines: number;
  lineEnd: LineEnd;
  /** Physical line in the user's file of the first line at `path`. */
  firstLine: number;
  /** True where the text was written anew with one kind of line end. */
  rewritten: boolean;
  /** Set where the user's own file is sound UTF-8 without a NUL; see `Pinned`. */
  sound?: { bytes: number; modified_ms: number };
  notes: Note[];
}

/**
 * Brings the file to disk and makes it readable: unpacks gzip, turns other encodings into UTF-8, finds the header and the
 * rows and cuts off what stands above and below. The user's file itself is used wherever nothing has to be changed; where it has
 * to be unpacked or read in another encoding, `operation.onProgress` is told how much of that is done.
 */
export async function prepare(config: CsvConfig, host: ConnectorHost, operation: Operation): Promise<Prepared> {
  const { signal } = operation;
  throwIfAborted(signal);
  const local = await host.localFile(config.uri, operation);
  const name = config.filename ?? local.name;
  const notes: Note[] = [];
  let path = local.path;
  const scratch = () => scratchFile(host);

  let head = await readHead(path, 65_536);
  if (head.length === 0) throw emptyFile(name);
  if (isGzip(head)) {
    const target = scratch();
    await unpack(path, target, name, host.maxFileBytes, partOf(operation, 0, 0.5));
    path = target;
    head = await readHead(path, 65_536);
    if (head.length === 0) throw emptyFile(name);
  }
  refuseForeign(head, name);

  const { size: bytes, mtimeMs: modified_ms } = await stat(path);
  const { sound } = config.pinned ?? {};
  const known = sound?.bytes === bytes && sound.modified_ms === modified_ms && config.pinned?.encoding === 'utf-8';
  const report = known ? SOUND : await inspectBytes(path, head, signal);
  const encoding = config.pinned?.encoding ?? config.options?.encoding ?? report.encoding;
  let { nul, broken } = report;
  if (encoding === 'utf-8') broken ||= report.encoding !== 'utf-8';
  else {
    const target = scratch();
    await transcode(path, target, encoding, name, partOf(operation, path === local.path ? 0 : 0.5, 1));
    path = target;
    if (!config.options?.encoding) notes.push({ message: `The text is read as ${ENCODING_NAMES[encoding]}.` });
    nul = (await inspectBytes(path, await readHead(path, 65_536), signal)).nul;
    broken = false;
  }

  const size = (await stat(path)).size;
  let text = await readHead(path, HEAD);
  if (text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf) text = text.subarray(3);
  const bom = Math.min(size, HEAD) - text.length;
  refuseBinary(text, name);
  const whole = size <= HEAD;
  const lineEnd: LineEnd = !text.includes(10) && text.includes(13) ? 'cr' : 'lf';
  const { pinned } = config;
  const options = pinned
    ? {
        delimiter: pinned.delimiter,
        quote: pinned.quote,
        header: pinned.header,
        skip_lines: pinned.skip_lines,
      }
    : (config.options ?? {});
  checkCharacter('delimiter', options.delimiter);
  checkCharacter('quote', options.quote);
  const top = detectTop(text, whole, lineEnd, options);
  const width = top.names.length;
  const footer = await findFooter(
    path,
    size,
    { start: bom + top.start, header: top.header, dialect: top.dialect, width, lineEnd },
    config.options?.skip_footer,
  );
  if (footer.texts.length) {
    notes.push({
      message: `${footer.texts.length === 1 ? 'One line' : `${footer.texts.length} lines`} below the last row left out: ${quoteLines(footer.texts)}`,
      count: footer.texts.length,
    });
  }
  const prepared: Prepared = {
    name,
    path,
    bytes: local.bytes,
    encoding,
    top,
    footerLines: footer.lines,
    lineEnd,
    firstLine: top.skipLines + 1,
    rewritten: false,
    ...(path === local.path && encoding === 'utf-8' && !nul && !broken ? { sound: { bytes, modified_ms } } : {}),
    notes: [...notes, ...top.notes],
  };
  if (pinned) checkPinned(config, prepared);
  if (top.start > 0 || footer.start < size) {
    // DuckDB can leave out lines at the top but none at the bottom, and it counts quoted line ends; a plain copy is exact.
    const target = scratch();
    const from = bom + top.start;
    if (footer.start <= from) await pipeline([], createWriteStream(target));
    else
      await pipeline(createReadStream(path, { start: from, end: footer.start - 1 }), createWriteStream(target), {
        signal,
      });
    prepared.path = target;
  }
  if (nul || broken) await throwFaults(prepared, operation);
  if (pinned?.rewrite || mixesLineEnds(text, lineEnd)) await rewrite(prepared, scratchFile(host), operation);
  return prepared;
}

/** A fresh path in the connection's own folder. */
export function scratchFile(host: ConnectorHost): string {
  return join(host.scratchDir, `${randomUUID()}.csv`);
}

const ENCODING_NAMES: Record<Encoding, string> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16',
  'utf-16be': 'UTF-16 (big-endian)',
  latin1: 'Latin-1',
  'windows-1252': 'Windows-1252 (Western European)',
};

/** True where some lines end in `\r\n` and some in `\n`, or a `\r` stands alone: DuckDB takes only one kind in a file. */
function mixesLineEnds(text: Buffer, lineEnd: LineEnd): boolean {
  if (lineEnd === 'cr' || !text.includes(13)) return false;
  const sample = text.toString('latin1');
  const pairs = sample.split('\r\n').length - 1;
  return pairs !== sample.split('\n').length - 1 || pairs !== sample.split('\r').length - 1;
}

function checkPinned(config: CsvConfig, prepared: Prepared): void {
  const { pinned } = config;
  if (!pinned) return;
  const expected = pinned.columns.map((column) => column.name);
  const { names } = prepared.top;
  const missing = expected.filter((name) => !names.includes(name));
  const added = names.filter((name) => !expected.includes(name));
  if (missing.length || added.length) {
    const parts = [
      missing.length ? `${quotedNames(missing)} missing` : '',
      added.length ? `${quotedNames(added)} new` : '',
    ];
    throw new ConnectorError(
      'schema-changed',
      `The columns of ${prepared.name} are not those it was set up with: ${parts.filter(Boolean).join('; ')}.`,
      { hint: 'Give the file with the old columns, or set the source up again.' },
    );
  }
  if (expected.some((name, index) => names[index] !== name)) {
    throw new ConnectorError('schema-changed', `The columns of ${prepared.name} stand in another order than before.`, {
      hint: 'Set the source up again.',
    });
  }
  if (prepared.footerLines !== pinned.footer_lines) {
    throw new ConnectorError(
      'schema-changed',
      `${prepared.name} ends with ${prepared.footerLines} lines below the rows; it was set up with ${pinned.footer_lines}.`,
      { hint: 'Set the source up again, so that no row is taken for a total.' },
    );
  }
}

/** The first bytes of a file. */
async function readHead(path: string, length: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function emptyFile(name: string): ConnectorError {
  return new ConnectorError('type', `${name} is empty: it holds no bytes.`, {
    hint: 'Export or transfer the file again.',
  });
}

function refuseForeign(head: Buffer, name: string): void {
  const foreign = foreignKind(head);
  if (foreign) {
    throw new ConnectorError('type', `${name} is not a text file: it is ${foreign.kind}.`, { hint: foreign.advice });
  }
}

function refuseBinary(text: Buffer, name: string): void {
  const sample = text.subarray(0, 65_536);
  let odd = 0;
  for (const byte of sample) if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) odd++;
  if (odd > 8 && odd > sample.length / 20) {
    throw new ConnectorError('type', `${name} is not a text file: it holds binary data.`, {
      hint: 'Choose the CSV file.',
    });
  }
  if (sample.toString('utf8').trim() === '' && text.toString('utf8').trim() === '') {
    throw new ConnectorError('type', `${name} is empty: it holds nothing but blanks.`, {
      hint: 'Export or transfer the file again.',
    });
  }
}

function checkCharacter(field: string, character: string | undefined): void {
  if (character && (character.charCodeAt(0) > 126 || /[\r\n\0]/.test(character))) {
    throw new ConnectorError('config', `The ${field} has to be one plain ASCII character.`, {
      field: `options.${field}`,
    });
  }
}
