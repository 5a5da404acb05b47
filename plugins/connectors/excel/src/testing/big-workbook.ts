import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { crc32, createDeflateRaw } from 'node:zlib';
import { open } from 'node:fs/promises';
import { escapeXml, partsOf, textCell } from './make-workbook.ts';
import { directoryOf, entryOf, HEAD_BYTES, headOf } from './zip-records.ts';

/** What a workbook of many rows is made of, piece by piece, so that it can be larger than memory. */
export interface BigWorkbook {
  /** What stands inside `<sheetData>` of the sheet that is meant. */
  rows: Iterable<string>;
  /** What stands inside `<sheetData>` of a sheet before it; without, there is none. */
  before?: Iterable<string>;
  /** Shared texts. */
  strings?: Iterable<string>;
  /** Number format codes; style 1 is the first of them. */
  formats?: string[];
}

/** Writes a workbook of any size, holding one piece of it at a time. */
export async function writeBigWorkbook(path: string, workbook: BigWorkbook): Promise<void> {
  const { rows, before: first, strings, formats = [] } = workbook;
  const filled = [...(first ? [first] : []), rows];
  const sheets = filled.map((_, index) => ({ name: `Sheet${index + 1}`, rows: '\0' }));
  const parts = new Map<string, Iterable<string>>(
    Object.entries(partsOf({ sheets, formats, strings: strings ? ['\0'] : [] })).map(([name, xml]) => {
      const sheet = /sheet(\d+)\.xml$/.exec(name)?.[1];
      const [before = '', after] = xml.split(sheet ? '\0' : '<si>\0</si>');
      const middle = sheet ? (filled[Number(sheet) - 1] ?? []) : items(strings ?? []);
      return [name, after === undefined ? [before] : around(before, middle, after)];
    }),
  );
  const file = createWriteStream(path);
  const directory: Buffer[] = [];
  const heads: { at: number; head: Buffer }[] = [];
  let at = 0;
  const write = async (bytes: Buffer) => {
    at += bytes.length;
    if (!file.write(bytes)) await once(file, 'drain');
  };
  for (const [name, pieces] of parts) {
    const start = at;
    await write(Buffer.alloc(HEAD_BYTES));
    await write(Buffer.from(name));
    const deflate = createDeflateRaw({ level: 1 });
    const [begin, sum] = [at, { crc: 0, bytes: 0 }];
    const copying = (async () => {
      for await (const chunk of deflate as AsyncIterable<Buffer>) await write(chunk);
    })();
    for (const piece of batched(pieces)) {
      const bytes = Buffer.from(piece);
      sum.crc = crc32(bytes, sum.crc);
      sum.bytes += bytes.length;
      if (!deflate.write(bytes)) await once(deflate, 'drain');
    }
    deflate.end();
    await copying;
    const head = headOf({ name, crc: sum.crc, packedBytes: at - begin, bytes: sum.bytes });
    heads.push({ at: start, head });
    directory.push(entryOf(name, head, start));
  }
  await write(directoryOf(directory, at));
  file.end();
  await finished(file);
  const handle = await open(path, 'r+');
  try {
    for (const { at: place, head } of heads) await handle.write(head, 0, head.length, place);
  } finally {
    await handle.close();
  }
}

function* around(before: string, middle: Iterable<string>, after: string): Generator<string> {
  yield before;
  yield* middle;
  yield after;
}

function* items(strings: Iterable<string>): Generator<string> {
  for (const text of strings) yield `<si><t>${escapeXml(text)}</t></si>`;
}

function* batched(pieces: Iterable<string>): Generator<string> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < 1 << 18) continue;
    yield text;
    text = '';
  }
  yield text;
}

/** A ledger of so many rows: eight columns, two of them texts that are different on every row. */
export function ledgerOf(rows: number): BigWorkbook {
  return { formats: ['yyyy-mm-dd', '0.00'], rows: ledgerRows(rows), strings: ledgerTexts(rows) };
}

/** So many rows that hold nothing but a format, below one that holds something. */
export function formattedOf(rows: number): BigWorkbook {
  return { formats: ['0.00'], rows: emptyRows(rows) };
}

function* ledgerRows(rows: number): Generator<string> {
  const heads = ['id', 'reference', 'description', 'amount', 'day', 'account', 'quantity', 'status'];
  yield `<row r="1">${heads.map((name, at) => textCell(`${'ABCDEFGH'[at] ?? ''}1`, name)).join('')}</row>`;
  for (let index = 0; index < rows; index++) {
    const r = index + 2;
    yield (
      `<row r="${r}"><c r="A${r}"><v>${index}</v></c><c r="B${r}" t="s"><v>${index * 2}</v></c>` +
      `<c r="C${r}" t="s"><v>${index * 2 + 1}</v></c><c r="D${r}" s="2"><v>${(index * 37) % 100_000}.${10 + (index % 90)}</v></c>` +
      `<c r="E${r}" s="1"><v>${45_000 + (index % 900)}</v></c><c r="F${r}"><v>${4000 + (index % 50)}</v></c>` +
      `<c r="G${r}"><v>${index % 17}</v></c><c r="H${r}" t="s"><v>${(index % 5) * 2}</v></c></row>`
    );
  }
}

function* ledgerTexts(rows: number): Generator<string> {
  for (let index = 0; index < rows; index++) {
    yield `INV-2026-${String(index).padStart(8, '0')}`;
    yield `Delivery ${index} to the customer of the month, as agreed by letter ${index * 7}`;
  }
}

function* emptyRows(rows: number): Generator<string> {
  yield `<row r="1">${textCell('A1', 'reference')}${textCell('B1', 'amount')}</row>`;
  yield `<row r="2">${textCell('A2', 'R-1')}<c r="B2" s="1"><v>12.5</v></c></row>`;
  yield* formatOnly(3, rows + 2);
}

/** Rows that hold nothing but a format. */
export function* formatOnly(from: number, to: number): Generator<string> {
  for (let r = from; r <= to; r++)
    yield `<row r="${r}" s="1" customFormat="1"><c r="A${r}" s="1"/><c r="B${r}" s="1"/></row>`;
}
