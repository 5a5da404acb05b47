import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { ConnectorError, type Connection } from '@kalla/core';
import { calm, TestFiles } from '@kalla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CsvConfig } from './config.ts';
import plugin from './index.ts';

let files: TestFiles<CsvConfig>;
beforeAll(async () => {
  files = await TestFiles.create(plugin, 'bank.csv');
});
afterAll(async () => {
  await files[Symbol.asyncDispose]();
});

/** The error of describing a file. */
async function failure(content: string | Buffer, settings = {}): Promise<ConnectorError> {
  const connection = await files.file(content, settings);
  const error: unknown = await connection.describe(undefined, calm()).then(
    () => new Error('describe did not fail'),
    (reason: unknown) => reason,
  );
  if (!ConnectorError.is(error)) throw error;
  return error;
}
async function typesOf(content: string | Buffer, settings = {}): Promise<string[]> {
  const info = await (await files.file(content, settings)).describe(undefined, calm());
  return info.columns.map(({ type }) => type);
}

describe('bad input names the place', () => {
  test.each<[string, string | Buffer, RegExp]>([
    ['empty file', '', /^bank.csv is empty/],
    ['blank lines only', ' \n\n', /^bank.csv is empty/],
    ['too few cells', 'id,a\n1,2\n3\n4,5\n', /^bank.csv, line 3: the row has 1 cell where 2 are expected/],
    ['too many cells', 'id,a\n1,2\n"x\ny",2\n3,4,5\n', /^bank.csv, line 5: the row has 3 cells where 2/],
    ['text after a quote', 'id,a\n1,"x"y\n', /line 2: column "a": text follows a closing quote/],
    ['a quote never closed', 'id,a\n1,x\n2,"y\n3,z\n', /line 3: column "a": a quote .* never closed/],
    ['a NUL', 'id,a\n1,x\n2,y\0z\n', /line 3: column "a": the cell holds a NUL byte/],
    [
      'a damaged character',
      Buffer.concat([Buffer.from('id,a\n1,ééé\n2,'), Buffer.from([0xff]), Buffer.from('\n')]),
      /line 3: column "a": the cell holds bytes that are not UTF-8/,
    ],
    ['a row of 9 MB', `id,a\n1,2\n3,${'x'.repeat(9e6)}\n4,5\n`, /line 3: the row is longer than 8000000 bytes/],
    ['a row of 20 MB', `id,a\n1,2\n3,${'x'.repeat(20e6)}\n4,5\n`, /line 3: the row is longer than 8000000 bytes/],
    ['ZIP', Buffer.from('504b030414000000', 'hex'), /it is a ZIP archive or an Excel workbook/],
    ['PDF', '%PDF-1.7\n', /it is a PDF document/],
    ['Parquet', 'PAR1\0\0', /it is a Parquet file/],
    ['JSON', '[\n { "id": 1, "a": 2 },\n { "id": 2, "a": 3 }\n]\n', /it is a JSON document/],
    ['XML', '\ufeff<?xml version="1.0"?>\n<Document><Amt>1.00</Amt></Document>\n', /it is an XML document/],
    ['PNG', Buffer.from('89504e470d0a1a0a', 'hex'), /it is a PNG image/],
    ['cut gzip', gzipSync('id,a\n1,2\n'.repeat(1000)).subarray(0, 40), /cannot be unpacked to the end/],
    ['below a preamble', 'Account;1\n\nid;a;b\n1;2;3\n1;2\n', /^bank.csv, line 5: the row has 2 cells where 3/],
  ])('%s', async (_name, content, sentence) => {
    const error = await failure(content);
    expect(error.message).toMatch(sentence);
    expect(error.kind).toBe('type');
  });

  test('a gzip that unpacks to more than the largest file, and nothing of it stays', async () => {
    const uri = join(await mkdtemp(join(files.folder, 'packed-')), 'bank.csv.gz');
    const content = 'id,a\n' + '1,2\n'.repeat(3 << 20);
    await writeFile(uri, gzipSync(content));
    const describe = async (maxFileBytes: number) => {
      const host = await files.host();
      host.maxFileBytes = maxFileBytes;
      await using connection = await plugin.open(plugin.config.parse({ uri }), host);
      const outcome: unknown = await connection.describe(undefined, calm()).catch((error: unknown) => error);
      return { outcome, left: await readdir(host.scratchDir) };
    };
    const { outcome, left } = await describe(1 << 20);
    expect(outcome).toMatchObject({
      kind: 'type',
      message: 'bank.csv.gz unpacks to more than 1 MiB, the most that is read of one file here.',
      hint: expect.stringContaining('KALLA_MAX_FILE_BYTES'),
    });
    expect(left).toEqual([]);
    expect((await describe(content.length)).outcome).toMatchObject({ rowCount: 3 << 20 });
  });

  test('a cell that keeps a column of numbers from its type, far below the rows that were looked at first', async () => {
    const rows = Array.from({ length: 4000 }, (_, index) => (index === 3210 ? '3211,"12,x"' : `${index + 1},1.50`));
    const content = `id,amount\n${rows.join('\n')}\n`;
    const info = await (await files.file(content)).describe(undefined, calm());
    const note = {
      column: 'amount',
      message: 'Column "amount" is kept as text: 1 of 4000 cells is no number, that in row 3211: "12,x".',
      count: 1,
      row: 3211,
      value: '12,x',
    };
    expect(info.notes).toContainEqual(note);
    // A run reads the file as it was described, and says so too: a rule that wants a number fails for this cell.
    const { pinned } = info.pinnedConfig as CsvConfig;
    const plan = await (await files.file(content, { pinned })).plan({}, calm());
    expect(plan.notes).toEqual([note]);
    // So does a question that is open.
    const open = 'id,day\n1,01/02/2026\n2,03/04/2026\n';
    const dates = await (await files.file(open)).describe(undefined, calm());
    const kept = dates.pinnedConfig as CsvConfig;
    const asking = await (await files.file(open, { pinned: kept.pinned })).plan({}, calm());
    expect(asking.notes).toMatchObject([{ column: 'day', choice: { date_order: ['dmy', 'mdy'] } }]);
    expect(asking.notes).toEqual(dates.notes);
    const more = await (await files.file(content.replace('\n2000,1.50', '\n2000,n/a'))).describe(undefined, calm());
    expect(more.notes.map(({ message }) => message)).toContain(
      'Column "amount" is kept as text: 2 of 4000 cells are no number, the first in row 2000: "n/a".',
    );
  });

  test('a cell that does not fit a forced type', async () => {
    const rows = 'id,amount\n' + '1,2.50\n'.repeat(3000) + '"a\nb","12,x"\n1,3\n2,oops\n';
    const error = await failure(rows, { options: { columns: { amount: 'decimal(12,2)' } } });
    expect(error.message).toBe(
      'bank.csv, line 3002, column "amount": "12,x" is not a number. 2 such cells were found.',
    );
    expect(error.hint).toBe('Mend the cell, or choose Text for this column.');
    expect(error.faults.map(({ line, value }) => [line, value])).toEqual([
      [3002, '12,x'],
      [3005, 'oops'],
    ]);
  });

  test('an unknown column or type in the options', async () => {
    expect((await failure('id\n1\n', { options: { columns: { nope: 'text' } } })).kind).toBe('config');
    expect((await failure('id\n1\n', { options: { columns: { id: 'money' } } })).message).toMatch(/no type/);
  });

  test('cancelled', async () => {
    const connection = await files.file('id\n1\n');
    await expect(connection.describe(undefined, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: 'cancelled',
    });
  });
});

describe('layout', () => {
  test('header only is accepted and said', async () => {
    const info = await (await files.file('id,amount\n')).describe(undefined, calm());
    expect([info.rowCount, info.columns.length, info.notes.at(-1)?.message]).toEqual([
      0,
      2,
      'The file has column names and no rows.',
    ]);
  });

  test('no header', async () => {
    const info = await (await files.file('1,2026-01-31\n2,2026-02-01\n')).describe(undefined, calm());
    expect(info.rowCount).toBe(2);
    expect(info.columns.map(({ name }) => name)).toEqual(['column_1', 'column_2']);
  });

  test('three letters and a number are a name, unless the letters are a currency', async () => {
    const named = async (text: string) => (await (await files.file(text)).describe(undefined, calm())).columns;
    expect((await named('col0,ref1,top5,TAX2\n1,2,3,4\n5,6,7,8\n')).map(({ name, type }) => `${name} ${type}`)).toEqual(
      ['col0 int64', 'ref1 int64', 'top5 int64', 'TAX2 int64'],
    );
    expect((await named('EUR 12,a\nEUR 13,b\n')).map(({ name }) => name)).toEqual(['column_1', 'column_2']);
  });

  test('empty, repeated and reserved names', async () => {
    const info = await (await files.file('id,ID,,_row,id_2\n1,2,3,4,5\n')).describe(undefined, calm());
    expect(info.columns.map(({ name }) => name)).toEqual(['id', 'ID_3', 'column_3', '_row_2', 'id_2']);
    expect(info.notes).toHaveLength(3);
  });

  test('the one name that no object can have', async () => {
    const info = await (await files.file('__proto__,constructor\nx,1\n')).describe(undefined, calm());
    expect(info.columns.map(({ name, sample }) => [name, sample])).toEqual([
      ['__proto___2', ['x']],
      ['constructor', ['1']],
    ]);
  });

  test('skip_lines and skip_footer are obeyed, 0 keeps all', async () => {
    const text = 'id;x;amount\n1;a;5\nTotal;;5\n';
    const count = async (options: object) =>
      (await (await files.file(text, { options })).describe(undefined, calm())).rowCount;
    expect(await count({})).toBe(1);
    expect(await count({ skip_footer: 0 })).toBe(2);
    expect(await count({ skip_footer: 2 })).toBe(0);
    expect(await count({ skip_lines: 1, header: false, skip_footer: 0 })).toBe(2);
  });

  test('a row that only begins like a total stays', async () => {
    const info = await (await files.file('name,x,amount\nA,,1\nTotal Energies,y,5\n')).describe(undefined, calm());
    expect(info.rowCount).toBe(2);
  });

  test.each<[string, string, number, string[]]>([
    ['a payer called Total', 'payer,ref,amount,memo\nShell,a,6.00,x\nTotal,b,6.00,\n', 2, []],
    ['a total without an amount in a column of dates', 'd;x;n\n01.02.2026;a;1,00\nSumme;Soll;\n', 1, ['Summe;Soll;']],
    [
      'totals that say of what',
      'd;x;n\n01.02.2026;a;1,00\n13.02.2026;b;2,00\nSumme Soll;;3,00\nEndsaldo in EUR;;3,00\n',
      2,
      ['Summe Soll;;3,00', 'Endsaldo in EUR;;3,00'],
    ],
    ['a count of rows, padded', 'id;x;n\nA1;a;1,00\nA2;b;2,00\n\n2 rows;;\n', 2, ['2 rows;;']],
    [
      'padded names and values above',
      'Statement,,,\nFrom,2026-01-01,,\n,,,\nid,date,ref,amount\n1,2026-01-01,a,5.00\n,,,\nTotal,,,5.00\n1 record,,,\n',
      1,
      ['Total,,,5.00', '1 record,,,', 'Statement,,,', 'From,2026-01-01,,', ',,,'],
    ],
    ['sparse rows without a header', 'a,,,\nb,c,,\nd,e,f,g\nh,i,j,k\n', 3, []],
    ['a first line for Excel', 'sep=;\nid;ref,no;amount\n1;a;2,00\n2;b;3,00\n', 2, ['sep=;']],
  ])('lines above and below: %s', async (_name, content, rows, left) => {
    const info = await (await files.file(content)).describe(undefined, calm());
    expect(info.rowCount).toBe(rows);
    const said = info.notes.filter(({ message }) => message.includes('left out'));
    for (const line of left) expect(said.map(({ message }) => message).join()).toContain(`“${line}”`);
    // Nothing is left out that is not counted.
    const counted = said.reduce((sum, { count }) => sum + (count ?? 0), 0);
    expect(counted).toBeGreaterThanOrEqual(left.length);
    expect(left.length > 0 || said.length === 0).toBe(true);
    // A run reads the same rows.
    const { pinned } = info.pinnedConfig as CsvConfig;
    expect((await (await files.file(content, { pinned })).plan({}, calm())).columns).toHaveLength(info.columns.length);
  });

  test('lines that end in different ways, and files with \\r alone', async () => {
    // As programs write it that put a `\r` before each `\n` of text that has them already; each row was lost.
    for (const quote of ['', '"']) {
      const lines = ['id,a,n', `1,${quote}x${quote},2.50`, `2,3,${quote}4.00${quote}`, `3,${quote}y${quote},`];
      for (const ends of [() => '\r\r\n', (index: number) => (index === 1 ? '\r\r\n' : '\r\n')]) {
        const doubled = lines.map((line, index) => line + ends(index)).join('');
        const info = await (await files.file(doubled)).describe(undefined, calm());
        expect([info.rowCount, info.columns.map(({ name, type, sample }) => [name, type, sample])]).toEqual([
          3,
          [
            ['id', 'int64', ['1', '2', '3']],
            ['a', 'text', ['x', '3', 'y']],
            ['n', 'decimal(12,2)', ['2.50', '4.00', null]],
          ],
        ]);
      }
    }
    const lateDoubled = 'id,a\r\n' + '1,1234567890123456.50\r\n'.repeat(60_000) + '7,1.50\r\r\n8,2.50\r\r\n';
    const found = await (await files.file(lateDoubled)).describe(undefined, calm());
    expect([found.rowCount, found.columns[1]?.type]).toEqual([60_002, 'decimal(18,2)']);
    const mixed = await (await files.file('id,a\r\n1,x\n2,"y\nz"\r\n')).describe(undefined, calm());
    expect([mixed.rowCount, mixed.columns[1]?.sample]).toEqual([2, ['x', 'y\nz']]);
    const old = await (await files.file('id,a\r1,x\r2,y\r')).describe(undefined, calm());
    expect([old.rowCount, old.columns[1]?.sample]).toEqual([2, ['x', 'y']]);
    const late = 'id,a\n' + `1,${'x'.repeat(50)}\n`.repeat(40_000) + '7,z\r\n';
    const connection = await files.file(late);
    const info = await connection.describe(undefined, calm());
    expect(info.rowCount).toBe(40_001);
    expect(info.pinnedConfig).toMatchObject({ pinned: { rewrite: true } });
  });
});

describe('types', () => {
  test.each<[string, string[], string]>([
    ['whole numbers', ['1', '-2', '900719925474099300'], 'int64'],
    ['more digits than 64 bits hold', ['1', '12345678901234567890'], 'decimal(20,0)'],
    ['leading zeros', ['0042', '7'], 'text'],
    ['decimals', ['12.90', '-0.05'], 'decimal(12,2)'],
    ['decimals of different length', ['12.9', '12.90', '3'], 'decimal(12,2)'],
    ['many digits', ['12345678901234567.89', '0.01'], 'decimal(19,2)'],
    ['too many digits', ['1'.repeat(40) + '.5'], 'text'],
    ['plus, trailing minus, parentheses', ['+1.50', '1.50-', '(1.50)', '−2.00'], 'decimal(12,2)'],
    ['one currency', ['EUR 1.50', '2.00 EUR', '3.00'], 'decimal(12,2)'],
    ['two currencies', ['EUR 1.50', 'USD 2.00'], 'text'],
    ['three capitals that are no currency', ['INV 123', 'INV 124'], 'text'],
    ['exponents', ['1e5', '2e5'], 'text'],
    ['an account number in groups', ['123 456 789', '987 654 321'], 'text'],
    ['thousands or decimals?', ['1.234', '5.678'], 'text'],
    ['thousands told by a cell', ['1.234', '5.678.901'], 'int64'],
    ['decimals told by a cell', ['1.234', '5.6'], 'decimal(12,3)'],
    ['ISO dates', ['2026-01-31', '2025-12-01'], 'date'],
    ['no such day', ['2026-02-30', '2026-02-01'], 'text'],
    ['infinity', ['infinity', '2026-01-01'], 'text'],
    ['day first', ['31/01/2026', '01/02/2026'], 'date'],
    ['month first, short years', ['1/31/26', '2/1/26'], 'date'],
    ['day or month?', ['01/02/2026', '03/04/2026'], 'text'],
    ['times', ['2026-01-31 08:00:00', '2026-01-31T08:00'], 'timestamp'],
    ['times with a zone', ['2026-01-31T08:00:00Z', '2026-01-31 08:00:00+02:00'], 'timestamptz'],
    ['nanoseconds', ['2026-01-31 08:00:00.123456789'], 'text'],
    ['booleans', ['true', 'FALSE'], 'boolean'],
    ['words', ['yes', 'no'], 'text'],
  ])('%s', async (_name, cells, type) => {
    const content = 'name;x\n' + cells.map((cell) => `n;"${cell}"\n`).join('');
    expect((await typesOf(content))[1]).toBe(type);
  });

  test('dates in both orders are text, with one of each', async () => {
    const dates = ['01/02/2026', '13/02/2026', '02/13/2026', '03/04/2026'];
    const content = 'id,paid\n' + Array.from({ length: 80 }, (_, at) => `${at},${dates[at % 4] ?? ''}\n`).join('');
    const info = await (await files.file(content)).describe(undefined, calm());
    expect(info.columns[1]?.type).toBe('text');
    expect(info.notes.map(({ column, message, choice }) => [column, message, choice])).toEqual([
      [
        'paid',
        'Column "paid" is kept as text: in "13/02/2026" the day comes first, in "02/13/2026" the month. Ask for a file whose dates are all written in one way, or match without this column.',
        undefined,
      ],
    ]);
  });

  describe('numbers with a decimal point and with a decimal comma are text, with the first of each', () => {
    const advice = 'Ask for a file whose numbers are all written in one way, or match without this column.';
    const remarks = async (cells: readonly string[]) => {
      const content = 'id;amount\n' + cells.map((cell, at) => `${at};${cell}\n`).join('');
      const info = await (await files.file(content)).describe(undefined, calm());
      expect(info.columns[1]?.type).toBe('text');
      return info.notes.map(({ column, message, count, row, value }) => ({ column, message, count, row, value }));
    };
    const many = (rows: number, cell: (at: number) => string) => Array.from({ length: rows }, (_, at) => cell(at));

    test('half and half, where some cells are read the same both ways', async () => {
      const written = ['1,234.56', '100', '1.234,56', '7.654'];
      expect(await remarks(many(80, (at) => written[at % 4] ?? ''))).toEqual([
        {
          column: 'amount',
          message: `Column "amount" is kept as text: in "1,234.56" in row 1 the point is the decimal sign, in "1.234,56" in row 3 the comma. ${advice}`,
          count: 20,
          row: 3,
          value: '1.234,56',
        },
      ]);
    });

    test('with the cells that are no number at all', async () => {
      const written = (at: number) => (at === 50 ? 'n/a' : at % 2 ? `${at}.25 EUR` : `${at},25 EUR`);
      expect((await remarks(many(80, written)))[0]).toMatchObject({
        message: `Column "amount" is kept as text: in "0,25 EUR" in row 1 the comma is the decimal sign, in "1.25 EUR" in row 2 the point. 1 of 80 cells is no number either way. ${advice}`,
        count: 40,
      });
    });

    test('one of a hundred, in the sample of the first rows and behind it', async () => {
      for (const odd of [70, 4_970]) {
        const cells = many(5_000, (at) => (at === odd ? '1.234,56' : '1,234.56'));
        expect(await remarks(cells)).toEqual([
          {
            column: 'amount',
            message: `Column "amount" is kept as text: in "1,234.56" in row 1 the point is the decimal sign, in "1.234,56" in row ${odd + 1} the comma. ${advice}`,
            count: 1,
            row: odd + 1,
            value: '1.234,56',
          },
        ]);
      }
    });

    test('two files put together, of which the first is longer than the sample', async () => {
      for (const [first, then] of [
        ['1.234,56', '1,234.56'],
        ['1234.56', '1.234,56'],
      ]) {
        const [remark] = await remarks(many(5_000, (at) => (at < 2_500 ? first : then) ?? ''));
        expect(remark?.message).toContain(`in "${first}" in row 1 `);
        expect(remark?.message).toContain(`in "${then}" in row 2501 `);
      }
      const dates = await remarks(many(5_000, (at) => (at < 2_500 ? '13/02/2026' : '02/13/2026')));
      expect(dates[0]?.message).toContain('in "13/02/2026" the day comes first, in "02/13/2026" the month.');
    });

    test('nothing is said of texts that look like numbers now and then, nor of names', async () => {
      expect(await remarks(many(80, (at) => (at % 2 ? 'AB-1' : '12,5')))).toEqual([]);
      expect(await remarks(many(80, (at) => (at % 2 ? 'INV 1.5' : 'INV 1,5')))).toEqual([]);
      expect(await remarks(many(80, (at) => (at % 2 ? '12' : 'AB-1')))).toEqual([]);
    });
  });

  test('what is asked is typed once it is answered', async () => {
    const content = 'd;n\n01/02/2026;1.234\n03/04/2026;5.678\n';
    const asked = await (await files.file(content)).describe(undefined, calm());
    expect(asked.notes.map(({ choice }) => choice)).toEqual([{ date_order: ['dmy', 'mdy'] }, { decimal: ['.', ','] }]);
    const told = await (
      await files.file(content, { options: { date_order: 'mdy', decimal: '.' } })
    ).describe(undefined, calm());
    expect(told.columns.map(({ type, sample }) => [type, sample])).toEqual([
      ['date', ['2026-01-02', '2026-03-04']],
      ['decimal(12,3)', ['1.234', '5.678']],
    ]);
  });

  test('a number column with text in row 900,000 becomes text, with the cell in a note', async () => {
    const numbers = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => `${from + i},${from + i}.25\n`).join('');
    const [before, after] = [numbers(0, 899_999), numbers(900_000, 1_000_000)];
    const rows = (text: string) => `id,amount\n${before}899999,${text}\n${after}`;
    const info = await (await files.file(rows('"12,x"'))).describe(undefined, calm());
    expect(info.rowCount).toBe(1_000_000);
    expect(info.columns.map(({ type }) => type)).toEqual(['int64', 'text']);
    expect(info.notes[0]).toMatchObject({
      column: 'amount',
      count: 1,
      message: expect.stringContaining('"12,x"') as string,
    });
    const late = await (await files.file(rows('12.999'))).describe(undefined, calm());
    expect(late.columns[1]?.type).toBe('decimal(12,3)');
    const insisted = await failure(rows('"12,x"'), { options: { columns: { amount: 'decimal(12,2)' } } });
    expect(insisted.message).toBe('bank.csv, line 900001, column "amount": "12,x" is not a number.');
    expect(insisted.faults[0]).toMatchObject({ file: 'bank.csv', line: 900_001, column: 'amount', value: '12,x' });
  }, 120_000);
});

test('reads columns in the types asked for where every cell allows it', async () => {
  const content = 'ref,amount,day,note\n1001,12,2026-01-31,7\n1002,3,2026-02-01,x\n';
  const found = await (await files.file(content)).describe(undefined, calm());
  const types = { ref: 'text', amount: 'decimal(12,2)', note: 'int64' };
  for (const pinned of [undefined, found.pinnedConfig as CsvConfig]) {
    const connection = pinned ? await files.connect(pinned) : await files.file(content);
    const plan = await connection.plan({ types }, calm());
    expect(plan.columns.map(({ type }) => type)).toEqual(['text', 'decimal(12,2)', 'date', 'text']);
    const duckdb = await (await DuckDBInstance.create()).connect();
    const sql = `SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (${plan.scan?.sql}) LIMIT 1`;
    expect((await duckdb.runAndReadAll(sql)).getRows()).toEqual([['1001', '12.00', '2026-01-31', '7']]);
  }
});

describe('pinned configuration', () => {
  async function pinned(content: string): Promise<unknown> {
    return (await (await files.file(content)).describe(undefined, calm())).pinnedConfig;
  }
  async function again(config: unknown, content: string): Promise<Connection> {
    const { uri: _uri, ...rest } = plugin.config.parse(config);
    return files.file(content, rest);
  }
  async function rows(connection: Connection): Promise<number> {
    const plan = await connection.plan({}, calm());
    let count = 0;
    for await (const batch of connection.read(plan, { id: 'file' }, calm())) count += batch.numRows;
    return count;
  }
  const first = 'id;amount\n1;2,50\n2;3,75\n';

  test('types the next file as the first, and a cell that does not fit is named by explain', async () => {
    const config = await pinned(first);
    const connection = await again(config, 'id;amount\n1;2,5\n2;abc\n');
    const plan = await connection.plan({}, calm());
    expect(plan.columns.map(({ type }) => type)).toEqual(['int64', 'decimal(12,2)']);
    const instance = await DuckDBInstance.create(':memory:');
    const engine = await instance.connect();
    const message = await engine.runAndReadAll(plan.scan?.sql ?? '').then(
      () => '',
      (error: Error) => error.message,
    );
    engine.closeSync();
    instance.closeSync();
    const error = await connection.explain?.(plan, message, calm());
    expect(error).toMatchObject({ kind: 'type', faults: [{ line: 3, column: 'amount', value: 'abc' }] });
    expect(await connection.explain?.(plan, 'Out of Memory Error: failed', calm())).toBeNull();
    await expect(rows(connection)).rejects.toMatchObject({ kind: 'type', faults: [{ line: 3 }] });
  });

  test('other columns, or another footer, are a change that is said', async () => {
    const config = await pinned(first);
    await expect((await again(config, 'id;sum\n1;2,5\n')).plan({}, calm())).rejects.toMatchObject({
      kind: 'schema-changed',
    });
    await expect((await again(config, 'id;amount\n1;2,5\n')).plan({ columns: ['x'] }, calm())).rejects.toMatchObject({
      kind: 'schema-changed',
    });
    const total = await pinned('id;x;amount\n1;a;2,50\nTotal;;2,50\n');
    await expect((await again(total, 'id;x;amount\n1;a;2,50\n2;b;3,00\n')).plan({}, calm())).rejects.toMatchObject({
      kind: 'schema-changed',
    });
    expect(await rows(await again(config, 'id;amount\n5;1,00\n'))).toBe(1);
  });

  test('another file than the one that was looked at is looked at whole: a NUL or a broken letter is found', async () => {
    const config = await pinned(first);
    expect(config).toMatchObject({ pinned: { sound: { bytes: first.length } } });
    for (const bad of ['id;amount\n1;2,5\0\n', Buffer.from('id;amount\n1;2,5\n2;é1,0\n\xff', 'latin1')]) {
      const { uri: _uri, ...rest } = plugin.config.parse(config);
      await expect(rows(await files.file(bad, rest))).rejects.toMatchObject({ kind: 'type' });
    }
  });
});

test('reading is cancelled in the middle', async () => {
  const connection = await files.file('id,x\n' + '1,2\n'.repeat(300_000));
  const plan = await connection.plan({}, calm());
  const controller = new AbortController();
  const read = async () => {
    for await (const batch of connection.read(plan, { id: 'file' }, { signal: controller.signal })) {
      expect(batch.numRows).toBeGreaterThan(0);
      controller.abort();
    }
  };
  await expect(read()).rejects.toMatchObject({ kind: 'cancelled' });
});

test('a shown address holds no secret', () => {
  expect(plugin.toUri({ uri: 'https://u:pw@x.example/a.csv?sig=1&v=2' })).toBe('https://x.example/a.csv?v=2');
  expect(plugin.fromUri('s3://bucket/tmp/a%20b.csv').config).toEqual({
    uri: 's3://bucket/tmp/a%20b.csv',
    filename: 'a b.csv',
  });
});

test('a line of spaces holds no cell and is skipped', async () => {
  const info = await (await files.file('a,b\n1,2\n   \n3,4\n')).describe(undefined, calm());
  expect(info.rowCount).toBe(2);
  expect(info.columns.map(({ sample }) => sample)).toEqual([
    ['1', '3'],
    ['2', '4'],
  ]);
});

test('hundreds of columns are looked at in bounded memory', { timeout: 120_000 }, async () => {
  const line = (cell: (index: number) => string) => Array.from({ length: 200 }, (_, index) => cell(index)).join(',');
  const rows = Array.from({ length: 20 }, (_, row) => line((index) => String(index + row)));
  const info = await (await files.file([line((index) => `c${index}`), ...rows].join('\n'))).describe(undefined, calm());
  expect(info.rowCount).toBe(20);
  expect(info.columns.map(({ name }) => name)).toEqual(line((index) => `c${index}`).split(','));
  expect(new Set(info.columns.map(({ type }) => type))).toEqual(new Set(['int64']));
  expect(info.columns[199]?.sample).toEqual(['199', '200', '201', '202', '203']);
});

test.each([
  ['12.00DR', '1.00CR'],
  ['12.00 EURDR', '1.00 EURCR'],
  ['12.00EURDR', '1.00EURCR'],
  ['12.00₽DR', '1.00₽ CR'],
  ['12.00złDR', '1.00złCR'],
  ['12.00krDR', '1.00kr CR'],
  ['12.00 IDR DR', '1.00 IDR CR'],
  ['12.00IDRDR', '1.00IDRCR'],
])('%s is minus, however the currency stands beside it', async (debit, credit) => {
  const info = await (await files.file(`id;amount\n1;${debit}\n2;${credit}\n`)).describe(undefined, calm());
  expect(info.columns[1]).toMatchObject({ type: 'decimal(12,2)', sample: ['-12.00', '1.00'] });
  expect(info.notes).toContainEqual(
    expect.objectContaining({ message: expect.stringMatching(/DR is read as minus/), count: 2 }),
  );
});

test('a currency that ends like a mark is no mark', async () => {
  const info = await (
    await files.file('id;a;b\n1;12.00 IDR;12.00 SCR\n2;1.00IDR;3.00SCR\n')
  ).describe(undefined, calm());
  expect(info.columns.slice(1).map(({ sample }) => sample)).toEqual([
    ['12.00', '1.00'],
    ['12.00', '3.00'],
  ]);
  expect(info.notes.filter(({ message }) => message.includes('DR is read'))).toEqual([]);
});

test('an amount with two currency signs stays text', async () => {
  const info = await (await files.file('id;a\n1;€ 12.00 EUR\n2;$3.00 EUR\n3;4.00 EUR\n')).describe(undefined, calm());
  expect(info.columns[1]).toMatchObject({ type: 'text', sample: ['€ 12.00 EUR', '$3.00 EUR', '4.00 EUR'] });
});

describe('a file that takes long', () => {
  // Larger than a piece that is read at once, and long enough for the engine to be asked how far it is.
  const rows = Array.from(
    { length: 500_000 },
    (_, row) => `${row},Müller & Söhne ${row % 97},${row % 9973}.25,2026-01-${10 + (row % 20)}`,
  );
  const text = `id,customer,amount,day\n${rows.join('\n')}\n`;
  const sharesOf = async (content: string | Buffer) => {
    const shares: number[] = [];
    const connection = await files.file(content);
    const told = await connection.describe(undefined, { ...calm(), onProgress: (share) => shares.push(share) });
    const quiet = await (await files.file(content)).describe(undefined, calm());
    expect([told.rowCount, told.columns]).toEqual([rows.length, quiet.columns]);
    expect(shares).toEqual(shares.toSorted((one, other) => one - other));
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
    return shares;
  };

  test('tells how much of it is looked through', { timeout: 60_000 }, async () => {
    expect(new Set(await sharesOf(text)).size).toBeGreaterThan(1);
  });

  test('tells how much of it is read where it has another encoding or is packed', { timeout: 120_000 }, async () => {
    const latin = Buffer.from(text, 'latin1');
    // In pieces of 1 MiB, before the engine sees anything of it.
    for (const content of [latin, gzipSync(latin)]) {
      const read = (await sharesOf(content)).filter((share) => share > 0 && share <= 0.2);
      expect(read.length).toBeGreaterThan(2);
    }
  });
});
