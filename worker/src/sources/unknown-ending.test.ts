import { expect, it } from 'vitest';
import { findConnector } from './find-connector.ts';
import type { FoundConnector } from '../plugins/discover.ts';

const connectors = [{ info: { type: 'csv', error: null, schemes: [], extensions: ['.csv', '.csv.gz'] } }] as unknown;
const said = (filename: string) => {
  try {
    findConnector({ type: 'file', uri: 'file:///x', filename }, connectors as FoundConnector[]);
    return 'read';
  } catch (error) {
    return (error as Error).message;
  }
};

it.each([
  ['bank.csv', /^read$/],
  ['Umsatz 2026.XLS', /^"Umsatz 2026\.XLS" is no kind of file .* Known endings: \.csv, \.csv\.gz\. Open it .*\.xlsx/],
  ['books.ods', /Open it in the program/],
  ['march.zip', /Unpack it/],
  ['invoice.pdf', /not a table/],
  ['statement.mt940', /offer the same as CSV/],
  ['export', /Its name has no ending that says what it is: give it one, such as \.csv\./],
  ['data.dat', /If it is one of these by its content, give it that ending\./],
])('says of %s what becomes of it', (filename, sentence) => {
  expect(said(filename)).toMatch(sentence);
});
