/** Files that people have and that nothing here reads, by their endings, and how they become one that can be read. */
const WAYS: readonly (readonly [endings: RegExp, way: string])[] = [
  [
    /\.(xls|xlsb|xlt|ods|fods|numbers)$/,
    'Open it in the program that it is of, and save or export it as an Excel workbook (.xlsx).',
  ],
  [/\.(zip|7z|rar|tar|tgz|gz|bz2|xz)$/, 'Unpack it, and add the file that is inside.'],
  [
    /\.(pdf|docx?|rtf|pages|html?|mht|png|jpe?g)$/,
    'It is a document to be read, not a table: ask where it comes from for the same as CSV or Excel.',
  ],
  [
    /\.(mt940|sta|940|xml|camt|ofx|qif|qfx|json|jsonl|ndjson)$/,
    'Most banks and programs offer the same as CSV: ask for that.',
  ],
];

/**
 * What to do with a file whose ending no connector reads.
 *
 * @param endings those that are read
 * @example wayOut('umsatz.xls', ['.csv', '.xlsx']) // 'Open it in the program that it is of, and save or export it as …'
 */
export function wayOut(filename: string, endings: readonly string[]): string {
  const lower = filename.toLowerCase();
  const way = WAYS.find(([ending]) => ending.test(lower))?.[1];
  if (way) return way;
  return /\.[a-z0-9]{1,10}$/.test(lower)
    ? 'If it is one of these by its content, give it that ending.'
    : `Its name has no ending that says what it is: give it one, such as ${endings[0] ?? '.csv'}.`;
}
