import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { quoteLiteral, recipeSchema, type Recipe } from '@kalla/core';
import { centsToText, csvLine } from './csv-text.ts';
import type { Sample } from './sample-data.ts';

const LEDGER_COLUMNS = [
  'entry_id',
  'booking_date',
  'customer',
  'invoice_number',
  'amount',
  'currency',
  'note',
] as const;
const BANK_COLUMNS = ['statement_id', 'value_date', 'payer', 'reference', 'amount', 'currency', 'memo'] as const;

/** Types of the statement in `bank.parquet`; columns that are not named are VARCHAR. */
const BANK_TYPES: Partial<Record<(typeof BANK_COLUMNS)[number], string>> = {
  value_date: 'DATE',
  amount: 'DECIMAL(12,2)',
};

/** The invoice number without the letters, blanks and strokes that people put around it. */
const bareNumber = (column: string) =>
  `REPLACE(REPLACE(REPLACE(REPLACE(UPPER(${column}), 'INV', ''), '-', ''), '/', ''), ' ', '')`;

/** The recipe of the sample, in the SQL that means the same on every engine of Kalla. */
export const sampleRecipe: Recipe = recipeSchema.parse({
  recipe_id: 'sample-ledger-bank',
  name: 'Sample: ledger and bank statement',
  description:
    'Which invoices of the first quarter are paid, which are open, and which lines of the statement nobody has booked.',
  sources: {
    left: { alias: 'ledger', type: 'file', schema: [...LEDGER_COLUMNS], primary_key: ['entry_id'] },
    right: { alias: 'bank', type: 'file', schema: [...BANK_COLUMNS], primary_key: ['statement_id'] },
  },
  match_sql: [
    'SELECT l.entry_id, b.statement_id, l.invoice_number, b.reference, l.customer, l.booking_date, b.value_date, l.currency,',
    '  CAST(l.amount AS DECIMAL(14,2)) AS ledger_amount, CAST(b.amount AS DECIMAL(14,2)) AS bank_amount,',
    '  CAST(l.amount AS DECIMAL(14,2)) - CAST(b.amount AS DECIMAL(14,2)) AS bank_fee',
    'FROM ledger l',
    'JOIN bank b',
    `  ON ${bareNumber('l.invoice_number')}`,
    `   = ${bareNumber('b.reference')}`,
    '  AND l.currency = b.currency',
    '  AND CAST(b.amount AS DECIMAL(14,2))',
    '    BETWEEN CAST(l.amount AS DECIMAL(14,2)) - CAST(15.00 AS DECIMAL(14,2)) AND CAST(l.amount AS DECIMAL(14,2))',
    '  AND CAST(b.value_date AS DATE)',
    "    BETWEEN CAST(l.booking_date AS DATE) AND CAST(l.booking_date AS DATE) + INTERVAL '10' DAY",
  ].join('\n'),
  match_description:
    'A payment belongs to an invoice when it names the invoice number (in any spelling: INV-2026-00012, inv 2026 00012, ' +
    '2026/00012), is in the same currency, arrives within 10 days after the booking, and is the full amount or at most ' +
    '15.00 less, because a bank on the way may keep a fee.',
});

/** The sample as text files, by name. `bank.parquet` is made of `bank.csv` by `writeBankParquet`. */
export function sampleTexts(sample: Sample): Record<'ledger.csv' | 'bank.csv' | 'recipe.json', string> {
  return {
    'ledger.csv': table(LEDGER_COLUMNS, sample.ledger),
    'bank.csv': table(BANK_COLUMNS, sample.bank),
    'recipe.json': recipeText(sampleRecipe),
  };
}

/** JSON with each array on one line, as the formatter of this repository wants it. */
function recipeText(recipe: Recipe): string {
  const json = JSON.stringify(recipe, null, 2);
  return `${json.replace(/\[\s+([^\]]*?)\s+\]/g, (_, items: string) => `[${items.replace(/\s*\n\s*/g, ' ')}]`)}\n`;
}

function table<C extends string>(columns: readonly C[], rows: readonly Record<C, string | bigint | null>[]): string {
  const cell = (value: string | bigint | null) => (typeof value === 'bigint' ? centsToText(value) : value);
  const lines = rows.map((row) => csvLine(columns.map((column) => cell(row[column]))));
  return csvLine(columns) + lines.join('');
}

/** Writes the statement as Parquet: the rows of `bank.csv` with a date and a decimal for what is one. */
export async function writeBankParquet(csvPath: string, parquetPath: string): Promise<void> {
  const columns = BANK_COLUMNS.map((name) => `${quoteLiteral(name)}: ${quoteLiteral(BANK_TYPES[name] ?? 'VARCHAR')}`);
  // One thread: the rows are written in the order of the file, in one row group, the same on each machine.
  await withDuckdb(
    `COPY (FROM read_csv(${quoteLiteral(csvPath)}, columns = {${columns.join(', ')}}, auto_detect = false, header = true,
       delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false))
     TO ${quoteLiteral(parquetPath)} (FORMAT parquet, COMPRESSION zstd)`,
  );
}

/** Writes `ledger.csv`, `bank.csv`, `bank.parquet` and `recipe.json` into a folder that is there. */
export async function writeSample(folder: string, sample: Sample): Promise<void> {
  for (const [name, text] of Object.entries(sampleTexts(sample))) await writeFile(join(folder, name), text);
  await writeBankParquet(join(folder, 'bank.csv'), join(folder, 'bank.parquet'));
}

/** What in a folder is not what the generator makes; empty where all is as it should be. Text is compared by bytes, Parquet by rows and types. */
export async function differences(folder: string, sample: Sample): Promise<string[]> {
  const found: string[] = [];
  for (const [name, text] of Object.entries(sampleTexts(sample))) {
    if ((await textOf(join(folder, name))) !== text) found.push(`${name} is not what the generator makes.`);
  }
  const scratch = await mkdtemp(join(tmpdir(), 'kalla-sample-'));
  try {
    await writeSample(scratch, sample);
    const [committed, made] = [join(folder, 'bank.parquet'), join(scratch, 'bank.parquet')].map(quoteLiteral);
    const content = (path: string | undefined) =>
      `SELECT file_row_number, * FROM read_parquet(${path}, file_row_number = true)`;
    const rows = await withDuckdb(
      `SELECT (SELECT count(*) FROM ((${content(committed)}) EXCEPT ALL (${content(made)}))) +
              (SELECT count(*) FROM ((${content(made)}) EXCEPT ALL (${content(committed)}))) +
              (SELECT count(*) FROM ((SELECT name, type, logical_type FROM parquet_schema(${committed}))
                 EXCEPT ALL (SELECT name, type, logical_type FROM parquet_schema(${made}))))`,
    );
    if (rows[0]?.[0] !== '0') found.push('bank.parquet does not hold the rows that the generator makes.');
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return found;
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function withDuckdb(sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowsJson() as unknown[][];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
