import { open } from 'node:fs/promises';
import { ProblemError } from '@kalla/core';
import type { FoundConnector } from '../plugins/discover.ts';

const BYTES = 16;

/** What a file begins with, and what that means to a person. */
const WELL_KNOWN: { bytes: Buffer; what: string; hint: string }[] = [
  { bytes: Buffer.from('%PDF'), what: 'a PDF document', hint: 'Export the table as CSV.' },
  {
    bytes: Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    what: 'an old Excel workbook (.xls), or one with a password',
    hint: 'Save it without a password as .xlsx, or save the sheet as CSV.',
  },
  {
    bytes: Buffer.from('PK\x03\x04'),
    what: 'a ZIP archive or an Excel workbook (.xlsx)',
    hint: 'Give a workbook the ending .xlsx, or unpack the archive.',
  },
  { bytes: Buffer.from('BZh'), what: 'a bzip2 archive', hint: 'Unpack it first.' },
  { bytes: Buffer.from('28b52ffd', 'hex'), what: 'a zstd archive', hint: 'Unpack it first.' },
];
const GZIP = Buffer.from('1f8b', 'hex');

/**
 * Throws a `file-format` problem when a file is plainly not what its name says: when it begins like another connector's
 * files, like a well-known other format, or like gzip without `.gz` in its name. An empty file is the connector's matter, and
 * so is every file of a connector that `explains` itself.
 *
 * @param name The name people know the file by.
 */
export async function assertFileFormat(
  path: string,
  name: string,
  connector: FoundConnector,
  all: readonly FoundConnector[],
): Promise<void> {
  const head = await headOf(path);
  if (head.length === 0 || connector.explains) return;
  const starts = (magic: Buffer | string) => {
    const bytes = Buffer.from(magic as string);
    return head.subarray(0, bytes.length).equals(bytes);
  };
  if (connector.magic.some(starts)) return;

  const title = connector.info.title;
  const isGzip = starts(GZIP);
  const namedGzip = /\.gz$/i.test(name);
  if (isGzip && !namedGzip)
    throw refusal(
      name,
      `is compressed with gzip, but its name does not end in .gz. Rename it to "${name}.gz", or unpack it.`,
    );
  if (!isGzip && namedGzip)
    throw refusal(name, 'is not compressed with gzip, although its name ends in .gz. Give it its right name.');

  const other = all.find((one) => one !== connector && one.magic.some(starts));
  if (other) {
    const ending = other.info.extensions[0];
    throw refusal(
      name,
      `is a ${other.info.title} file and not ${title}.${ending ? ` Rename it so that it ends in ${ending}.` : ''}`,
    );
  }
  const known = WELL_KNOWN.find((one) => starts(one.bytes));
  if (known) throw refusal(name, `is ${known.what} and not ${title}. ${known.hint}`);
  if (connector.magic.length > 0)
    throw refusal(name, `is not a ${title} file: it does not begin as one. It may be cut off, or have the wrong name.`);
}

function refusal(name: string, what: string): ProblemError {
  return new ProblemError('file-format', `"${name}" ${what}`, [{ file: name, message: what }]);
}

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BYTES), 0, BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
