import { fileURLToPath } from 'node:url';
import type { TableInfo } from '@kalla/core';
import { calm, TestFiles } from '@kalla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CsvConfig } from './config.ts';
import plugin from './index.ts';

let files: TestFiles<CsvConfig>;
beforeAll(async () => {
  files = await TestFiles.create(plugin, 'bank.csv');
});
afterAll(async () => {
  await files[Symbol.asyncDispose]();
});

async function look(name: string): Promise<TableInfo> {
  const uri = fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
  return (await files.connect({ uri })).describe(undefined, calm());
}
const types = (info: TableInfo) => info.columns.map(({ name, type }) => `${name} ${type}`);
const samples = (info: TableInfo) => info.columns.map(({ sample }) => sample);

test('a German bank: Windows-1252, lines above, a total below, decimal comma, day first', async () => {
  const info = await look('german-bank.csv');
  expect(types(info)).toEqual([
    'Buchungstag date',
    'Valuta date',
    'Verwendungszweck text',
    'Betrag decimal(12,2)',
    'Währung text',
  ]);
  expect(info.rowCount).toBe(3);
  expect(samples(info)).toEqual([
    ['2026-01-31', '2026-01-15', '2026-01-02'],
    ['2026-02-02', '2026-01-15', '2026-01-02'],
    ['Müller; Miete', 'Gebühr €', 'Eingang 0042'],
    ['-1234.56', '-3.00', '2500.00'],
    ['EUR', 'EUR', 'EUR'],
  ]);
  const said = info.notes.map(({ message }) => message).join('\n');
  expect(said).toMatch(/2 lines above the header left out: “Konto;DE02 .*”, “Zeitraum;Januar 2026”/);
  expect(said).toMatch(/One line below the last row left out: “Summe;;;1.262,44;EUR”/);
  expect(said).toMatch(/Windows-1252/);
});

test('a US bank: byte order mark, month first, parentheses, trailing minus, dollar sign', async () => {
  const info = await look('us-bank.csv');
  expect(types(info)).toEqual(['Date date', 'Reference text', 'Amount decimal(12,2)', 'Balance decimal(12,2)']);
  expect(samples(info)).toEqual([
    ['2026-01-15', '2026-01-02', '2025-12-31'],
    ['INV-001', 'INV-002', 'INV-003'],
    ['-1234.56', '-12.00', '2000.00'],
    ['10000.00', '9988.00', '11988.00'],
  ]);
  expect(info.keyCandidates).toEqual([['Reference']]);
  expect(info.notes.some(({ message, count }) => /below the last row/.test(message) && count === 1)).toBe(true);
});

test('UTF-16 with tabs and apostrophes', async () => {
  const info = await look('swiss-utf16.tsv');
  expect(types(info)).toEqual(['Datum date', 'Betrag decimal(12,2)', 'Text text']);
  expect(samples(info)[1]).toEqual(['1234.50', '-3.00']);
  expect(samples(info)[2]).toEqual(['Miete', 'Gebühr']);
});

test('pipes, and blanks of every kind between thousands', async () => {
  const info = await look('french-pipe.txt');
  expect(types(info)).toEqual(['id int64', 'ville text', 'montant decimal(12,2)']);
  expect(samples(info)[2]).toEqual(['1234.56', '7000.00', '-0.50']);
  expect(info.columns[1]?.nulls).toBe(1);
});

test('gzip; NULL and the empty text stay apart', async () => {
  const info = await look('people.csv.gz');
  expect(samples(info)[1]).toEqual(['Ada', null, '']);
  expect(info.columns[1]?.nulls).toBe(1);
});
