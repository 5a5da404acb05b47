import ExcelJS from 'exceljs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stagedTable, table, testContext, type Cell } from '../testing/fixtures.ts';
import { exportResultRows } from './export-result-rows.ts';
import { readResultRows } from './read-result-rows.ts';

let context: Awaited<ReturnType<typeof testContext>>;
beforeAll(async () => void (context = await testContext()));
afterAll(() => context.dispose());

/** A result in the store, as a run leaves it. */
async function result(name: string, columns: Record<string, string>, rows: Cell[][]): Promise<string> {
  const { path: file } = await stagedTable(name, table(columns, rows), context.scratchDir);
  const key = `runs/${name}/matched.parquet`;
  await context.store.putFile(key, file, {});
  return context.store.uri(key);
}

async function download(uri: string, format: 'csv' | 'xlsx') {
  const chunks: Uint8Array[] = [];
  for await (const chunk of exportResultRows({ uri, format, filter: [] }, context)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function sheetOf(uri: string) {
  const book = new ExcelJS.Workbook();
  await book.xlsx.load((await download(uri, 'xlsx')) as unknown as ArrayBuffer);
  return book.worksheets[0]!;
}

const TIMES = { id: 'int32', day: 'date', at: 'timestamp', instant: 'timestamptz' };
const far: Cell[][] = [
  ['1', '0044-03-15 (BC)', '0044-03-15 (BC) 08:00:00.5', '0044-03-15 (BC) 08:00:00+00'],
  ['2', '0001-12-31 (BC)', '0001-12-31 (BC) 00:00:00', '0001-12-31 (BC) 23:59:59.000001+00'],
  ['3', '0001-01-01', '0001-01-01 00:00:00', '0001-01-01 00:00:00+00'],
  ['4', '9999-12-31', '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59+00'],
  ['5', '12345-01-02', '12345-01-02 03:04:05', '12345-01-02 03:04:05+00'],
  ['6', 'infinity', '-infinity', 'infinity'],
];
const iso = [
  ['-000043-03-15', '-000043-03-15T08:00:00.5', '-000043-03-15T08:00:00Z'],
  ['0000-12-31', '0000-12-31T00:00:00', '0000-12-31T23:59:59.000001Z'],
  ['0001-01-01', '0001-01-01T00:00:00', '0001-01-01T00:00:00Z'],
  ['9999-12-31', '9999-12-31T23:59:59.999999', '9999-12-31T23:59:59Z'],
  ['+012345-01-02', '+012345-01-02T03:04:05', '+012345-01-02T03:04:05Z'],
  ['infinity', '-infinity', 'infinity'],
];

describe('dates before year 1 and after 9999', () => {
  it('stand in ISO 8601 in JSON and CSV, and filters understand them', async () => {
    const uri = await result('far', TIMES, far);
    const page = await readResultRows({ uri, offset: 0, limit: 10, filter: [] }, context);
    expect(page.rows.map(({ day, at, instant }) => [day, at, instant])).toEqual(iso);
    // JavaScript reads the same instants.
    expect(new Date(String(page.rows[0]!.instant)).getUTCFullYear()).toBe(-43);
    expect(new Date(String(page.rows[4]!.instant)).getUTCFullYear()).toBe(12345);
    const csv = (await download(uri, 'csv')).toString();
    expect(csv).toBe(`id,day,at,instant\n${iso.map((row, index) => `${[index + 1, ...row].join(',')}\n`).join('')}`);
    for (const [index, [day = '', at = '']] of iso.slice(0, 5).entries()) {
      for (const [column, value] of [
        ['day', day],
        ['at', at],
      ] as const) {
        const found = await readResultRows(
          { uri, offset: 0, limit: 10, filter: [{ column, op: 'eq', value }] },
          context,
        );
        expect(found.rows.map(({ id }) => id)).toEqual([index + 1]);
      }
    }
  });
});

describe('a workbook', () => {
  it('has real dates where Excel holds them exactly, else their text', async () => {
    const uri = await result('dates', TIMES, [
      ['1', '1900-02-28', '1900-02-28 23:59:59', '1899-12-31 00:00:00+00'],
      ['2', '1900-03-01', '1900-03-01 00:00:00', '1900-03-01 00:00:00+00'],
      ['3', '2026-01-31', '2026-01-31 08:00:00.25', '2026-01-31 08:00:00+02'],
      ['4', '9999-12-31', '2026-01-31 08:00:00.000001', '2026-01-31 08:00:00.1234+00'],
      ...far.slice(4),
    ]);
    const sheet = await sheetOf(uri);
    const values = (row: number) => (sheet.getRow(row + 1).values as unknown[]).slice(2);
    const utc = (text: string) => new Date(text);
    expect(values(1)).toEqual(['1900-02-28', '1900-02-28T23:59:59', '1899-12-31T00:00:00Z']);
    expect(values(2)).toEqual([utc('1900-03-01'), utc('1900-03-01T00:00:00Z'), utc('1900-03-01T00:00:00Z')]);
    expect(values(3)).toEqual([utc('2026-01-31'), utc('2026-01-31T08:00:00.25Z'), utc('2026-01-31T06:00:00Z')]);
    expect(values(4)).toEqual([utc('9999-12-31'), '2026-01-31T08:00:00.000001', '2026-01-31T08:00:00.1234Z']);
    expect(values(5)).toEqual(['+012345-01-02', '+012345-01-02T03:04:05', '+012345-01-02T03:04:05Z']);
    expect([2, 3, 4].map((column) => sheet.getRow(4).getCell(column).numFmt)).toEqual([
      'yyyy-mm-dd',
      'yyyy-mm-dd hh:mm:ss.000',
      'yyyy-mm-dd hh:mm:ss.000"Z"',
    ]);
  });

  it('keeps numbers of more than 15 digits as text, and every character of a text', async () => {
    const odd = 'a\u0001b _x0041_ \tc\nd';
    const uri = await result('texts', { amount: 'decimal(38,2)', note: 'text' }, [
      ['1234567890123.45', 'x'],
      ['12345678901234.56', odd],
      ['0.01', 'ä'.repeat(32_767)],
    ]);
    const sheet = await sheetOf(uri);
    expect([2, 3, 4].map((row) => sheet.getRow(row).getCell(1).value)).toEqual([
      1234567890123.45,
      '12345678901234.56',
      0.01,
    ]);
    expect(sheet.getRow(3).getCell(2).value).toBe('a_x0001_b _x005F_x0041_ \tc\nd');
    expect(String(sheet.getRow(4).getCell(2).value)).toHaveLength(32_767);
  });

  it('is refused where a text is longer than a cell, with the way out', async () => {
    const uri = await result('long', { id: 'int32', note: 'text' }, [['1', 'x'.repeat(32_768)]]);
    await expect(download(uri, 'xlsx')).rejects.toMatchObject({
      problem: {
        status: 422,
        detail: expect.stringMatching(/column "note" has one with 32,768\. Download the rows as CSV or Parquet/),
      },
    });
    expect((await download(uri, 'csv')).length).toBeGreaterThan(32_768);
  });
});
