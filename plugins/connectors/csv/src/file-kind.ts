/** First bytes of files that people upload in place of a text file, and what to tell them. */
const KINDS: readonly [magic: string, kind: string, advice: string][] = [
  ['504b0304', 'a ZIP archive or an Excel workbook', 'Unpack it, or save the sheet as CSV.'],
  ['504b0506', 'an empty ZIP archive', 'Unpack it, or save the sheet as CSV.'],
  ['d0cf11e0a1b11ae1', 'an old Excel or Word document', 'Save the sheet as CSV.'],
  ['25504446', 'a PDF document', 'Ask for the data as CSV.'],
  ['50415231', 'a Parquet file', 'Give it the ending .parquet and add it again.'],
  ['4152524f5731', 'an Arrow file', 'Save it as CSV or Parquet.'],
  ['89504e47', 'a PNG image', 'Choose the CSV file.'],
  ['ffd8ff', 'a JPEG image', 'Choose the CSV file.'],
  ['47494638', 'a GIF image', 'Choose the CSV file.'],
  ['425a68', 'compressed with bzip2', 'Unpack it, or compress it with gzip.'],
  ['fd377a585a00', 'compressed with xz', 'Unpack it, or compress it with gzip.'],
  ['28b52ffd', 'compressed with zstd', 'Unpack it, or compress it with gzip.'],
  ['377abcaf271c', 'a 7-Zip archive', 'Unpack it.'],
  ['526172211a07', 'a RAR archive', 'Unpack it.'],
  ['53514c69746520666f726d6174203300', 'an SQLite database', 'Export the table as CSV.'],
  ['7f454c46', 'a program', 'Choose the CSV file.'],
  ['4d5a9000', 'a program', 'Choose the CSV file.'],
];

/** Says what a file is by its first bytes where it is surely no text; null otherwise. */
export function foreignKind(head: Buffer): { kind: string; advice: string } | null {
  const hex = head.subarray(0, 16).toString('hex');
  const found = KINDS.find(([magic]) => hex.startsWith(magic));
  if (found) return { kind: found[1], advice: found[2] };
  const text = head.subarray(0, 512).toString('latin1').replace('ï»¿', '').trimStart().toLowerCase();
  if (text.startsWith('<!doctype html') || text.startsWith('<html')) {
    return { kind: 'a web page', advice: 'The address may need a sign-in; download the file itself.' };
  }
  if (text.startsWith('<?xml')) return { kind: 'an XML document', advice: 'Ask for the data as CSV.' };
  if (/^\[?\s*\{\s*"/.test(text)) return { kind: 'a JSON document', advice: 'Ask for the data as CSV.' };
  if (text.startsWith('{\\rtf')) return { kind: 'an RTF document', advice: 'Save it as CSV.' };
  return null;
}

/** True for gzip. */
export function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}
