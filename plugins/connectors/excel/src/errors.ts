import { open } from 'node:fs/promises';
import { ConnectorError, type CellFault } from '@kalla/core';
import { cut } from '@kalla/files';

/** A cell that does not fit its column: the first fault makes the sentence, all go along (at most 20). */
export function cellError(file: string, faults: (CellFault & { place: string })[]): ConnectorError {
  const [first] = faults;
  const hint = 'Mend the cell, or choose Text for this column.';
  const more = faults.length > 1 ? ` ${faults.length} such cells were found.` : '';
  return new ConnectorError(
    'type',
    `${file}, ${first?.place ?? 'a cell'}, column "${first?.column ?? '?'}": "${cut(first?.value ?? '')}" is ${first?.message ?? 'not of this type'}.${more}`,
    {
      hint,
      faults: faults
        .slice(0, 20)
        .map(({ place, ...fault }) => ({ file, hint, ...fault, message: `${place} is ${fault.message}` })),
    },
  );
}

/** A workbook whose ZIP or XML is broken, cut short or made to do harm. */
export function brokenError(file: string, what: string, hint?: string, cause?: unknown): ConnectorError {
  return new ConnectorError('type', `${file} cannot be read: ${what}.`, {
    hint: hint ?? 'Open it in Excel or LibreOffice and save it again, or transfer the file again.',
    cause,
  });
}

/** First bytes of files that people give the ending .xlsx, and what to tell them. */
const KINDS: readonly [magic: string, kind: string, advice: string][] = [
  ['25504446', 'a PDF document', 'Ask for the data as a workbook or as CSV.'],
  ['50415231', 'a Parquet file', 'Give it the ending .parquet and add it again.'],
  ['1f8b', 'compressed with gzip', 'Unpack it first.'],
  ['89504e47', 'a PNG image', 'Choose the workbook.'],
  ['ffd8ff', 'a JPEG image', 'Choose the workbook.'],
  ['377abcaf271c', 'a 7-Zip archive', 'Unpack it first.'],
  ['526172211a07', 'a RAR archive', 'Unpack it first.'],
];

/** Throws the sentence that says what a file is where it is no ZIP archive, as every .xlsx is. */
export async function refuseForeign(path: string, name: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    const head = buffer.subarray(0, bytesRead);
    if (head.length === 0) {
      throw new ConnectorError('type', `${name} is empty: it holds no bytes.`, {
        hint: 'Export or transfer the file again.',
      });
    }
    const hex = head.subarray(0, 16).toString('hex');
    if (hex.startsWith('504b0304')) return;
    if (hex.startsWith('504b0506')) throw foreign(name, 'an empty ZIP archive', 'Choose the workbook.');
    if (hex.startsWith('d0cf11e0a1b11ae1')) throw await oleError(file, head, name);
    const found = KINDS.find(([magic]) => hex.startsWith(magic));
    if (found) throw foreign(name, found[1], found[2]);
    const text = head
      .toString('latin1')
      .replace(/^\u00ef\u00bb\u00bf/, '')
      .trimStart()
      .toLowerCase();
    if (/^<\?xml/.test(text) && text.includes('excel.sheet')) {
      throw foreign(name, 'a workbook of Excel 2003 in XML', 'Open it in Excel and save it as .xlsx.');
    }
    if (/^(<!doctype html|<html|<table|<meta)/.test(text)) {
      throw foreign(name, 'a web page with a table', 'Open it in Excel and save it as .xlsx.');
    }
    const odd = [...head].filter((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27)).length;
    if (odd === 0) throw foreign(name, 'text, perhaps CSV', 'Give it the ending .csv and add it again.');
    throw foreign(
      name,
      'another kind of file, or damaged from its first byte',
      'Transfer it again, or choose the workbook.',
    );
  } finally {
    await file.close();
  }
}

/** An OLE container: a workbook with a password (its stream is called EncryptedPackage), or an old .xls or .doc. */
async function oleError(file: Awaited<ReturnType<typeof open>>, head: Buffer, name: string): Promise<ConnectorError> {
  const sector = 1 << Math.min(head.length > 32 ? head.readUInt16LE(30) : 9, 12);
  const first = head.length > 52 ? head.readUInt32LE(48) : 0;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, (first + 1) * sector);
  const names = buffer.subarray(0, bytesRead).toString('utf16le') + head.toString('utf16le');
  if (names.includes('EncryptedPackage')) {
    return new ConnectorError('type', `${name} is protected with a password, so that nobody else can read it.`, {
      hint: 'Open it in Excel, take the password away (File, Info, Protect Workbook, Encrypt with Password), save it and add it again.',
    });
  }
  if (/Workbook|Book/.test(names)) {
    return foreign(name, 'an old Excel workbook (.xls)', 'Open it in Excel and save it as .xlsx.');
  }
  return foreign(name, 'an old Office document', 'Open it in Excel and save the sheet as .xlsx.');
}

/** What a file is instead of a workbook. */
export function foreign(name: string, kind: string, advice: string): ConnectorError {
  return new ConnectorError('type', `${name} is not an Excel workbook (.xlsx): it is ${kind}.`, { hint: advice });
}
