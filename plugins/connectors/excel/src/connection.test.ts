import { fileURLToPath } from 'node:url';
import { ConnectorError } from '@kalla/core';
import { calm, readAll, withConnection } from '@kalla/testkit';
import { describe, expect, test } from 'vitest';
import type { ExcelConfig } from './config.ts';
import plugin from './index.ts';
import { partsOf, textCell, textRow, workbookOf, zipOf } from './testing/make-workbook.ts';
import { readPath, readPinned, readWorkbook } from './testing/open-file.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}.xlsx`, import.meta.url));
const typesOf = (found: Awaited<ReturnType<typeof readPath>>) =>
  Object.fromEntries(found.info.columns.map(({ name, type }) => [name, type]));
const one = (rows: string, more: Partial<Parameters<typeof workbookOf>[0]> = {}) =>
  workbookOf({ sheets: [{ name: 'Sheet1', rows }], ...more });
const v = (ref: string, value: string, style = 0) => `<c r="${ref}" s="${style}"><v>${value}</v></c>`;

async function refusal(content: Buffer | string, options = {}): Promise<ConnectorError> {
  const error: unknown = await readWorkbook(content, options).then(
    () => new Error('It was read.'),
    (thrown: unknown) => thrown,
  );
  if (!ConnectorError.is(error)) throw error;
  expect(error.kind).not.toBe('bug');
  expect(error.hint ?? error.field).toBeTruthy();
  return error;
}

describe('a workbook as banks send it', () => {
  test('title lines, formats, hidden rows and columns, merged cells, totals and other sheets', async () => {
    const found = await readPath(fixture('bank'), { sheet: 'Statement 2026' });
    expect(typesOf(found)).toEqual({
      Booked: 'date',
      Reference: 'text',
      Amount: 'decimal(12,2)',
      VAT: 'decimal(12,2)',
      Branch: 'text',
      Text: 'text',
    });
    expect(found.rows).toHaveLength(12);
    expect(found.rows[0]).toEqual(['2026-01-01', '000040', '1204.50', '0.19', '0007', 'Payment 0']);
    expect(found.rows[1]).toEqual(['2026-01-02', '000041', '-12.50', '0.19', '0007', null]);
    expect(found.info.keyCandidates).toEqual([['Reference']]);
    for (const part of [
      '"Read me", "Old" (hidden)',
      '3 rows above the header left out: “Muster Bank AG” (row 1)',
      'One row below the last row left out: “Total” (row 20)',
      'hidden in Excel is included, the first is row 9',
      '"VAT" (D)',
      'merged cells (F6:F8)',
      '"€" is left out of the values of "Amount"',
      '0.19 stands for 19 %',
      "0007 in 'Statement 2026'!E6",
    ]) {
      expect(found.said).toContain(part);
    }
  });

  test('mixed columns, errors, formulas without results, texts that are dates, names', async () => {
    const found = await readPath(fixture('mixed'));
    expect(typesOf(found)).toEqual({
      id: 'int64',
      amount: 'text',
      Amount_2: 'decimal(12,1)',
      column_4: 'text',
      booked: 'date',
      'paid on': 'timestamp',
      ok: 'boolean',
    });
    expect(found.rows[7]?.[1]).toBe('n/a');
    expect(found.rows[10]?.[1]).toBeNull();
    expect(found.rows[3]?.[5]).toContain('2026-03-01');
    expect(found.said).toContain('18 numbers and 1 text. The first text is "n/a" in Sheet1!B9');
    expect(found.said).toContain('#N/A in Sheet1!B12');
    expect(found.said).toContain('no stored result and is read as empty, the first in Sheet1!D7');
  });

  test('formatted rows without data', async () => {
    const found = await readPath(fixture('formatted'));
    expect(found.info.rowCount).toBe(10);
    expect(found.info.notes).toEqual([]);
  });

  test('a sheet that is asked for, one that is not there, and more than one with data', async () => {
    const book = workbookOf({
      sheets: [
        { name: 'Empty', rows: '<row r="1"><c r="A1" s="0"/></row>' },
        { name: 'Jan & "co"', rows: textRow(1, ['a', 'b']) + textRow(2, ['1', '2']) },
        { name: 'Feb', rows: textRow(1, ['a', 'b']) + textRow(2, ['3', '4']) },
        { name: 'Secret', state: 'veryHidden', rows: textRow(1, ['x', 'y']) + textRow(2, ['9', '9']) },
      ],
    });
    const first = await readWorkbook(book);
    expect(first.rows).toEqual([['1', '2']]);
    expect(first.info.notes[0]?.choice).toEqual({ sheet: ['Jan & "co"', 'Feb'] });
    const second = await readWorkbook(book, { sheet: 'feb' });
    expect(second.rows).toEqual([['3', '4']]);
    expect(second.info.notes[0]?.choice).toBeUndefined();
    expect((await readWorkbook(book, { sheet: 'Secret' })).said).toContain('is hidden in Excel');
    const error = await refusal(book, { sheet: 'March' });
    expect(error.message).toContain('has no sheet "March"');
    expect(error.hint).toContain('"Feb"');
    expect((await refusal(book, { sheet: 'Empty' })).message).toContain('The sheet "Empty" of book.xlsx is empty');
  });
});

describe('cells', () => {
  test('numbers have the 15 digits that Excel shows, and formats make amounts', async () => {
    const rows =
      textRow(1, ['id', 'amount', 'long', 'big', 'exp']) +
      `<row r="2">${v('A2', '1')}${v('B2', '0.30000000000000004', 1)}${v('C2', '12345678901234567')}${v('D2', '1E+40')}${v('E2', '1.5E-3')}</row>` +
      `<row r="3">${v('A3', '2')}${v('B3', '1200', 1)}${v('C3', '3')}${v('D3', '2')}${v('E3', '-2E2')}</row>`;
    const found = await readWorkbook(one(rows, { formats: ['#,##0.00'] }));
    expect(typesOf(found)).toEqual({
      id: 'int64',
      amount: 'decimal(12,2)',
      long: 'int64',
      big: 'text',
      exp: 'decimal(12,4)',
    });
    expect(found.rows).toEqual([
      ['1', '0.30', '12345678901234567', '1'.padEnd(41, '0'), '0.0015'],
      ['2', '1200.00', '3', '2', '-200.0000'],
    ]);
    expect(found.said).toContain('0.30000000000000004 in Sheet1!B2');
  });

  test('decimals that Excel does not show are kept and said', async () => {
    const rows = textRow(1, ['id', 'amount']) + `<row r="2">${v('A2', '1')}${v('B2', '33.333', 1)}</row>`;
    const found = await readWorkbook(one(rows, { formats: ['0.00'] }));
    expect(found.rows).toEqual([['1', '33.333']]);
    expect(found.said).toContain('33.333 in Sheet1!B2, where 2 are shown');
  });

  test.each([
    [false, '1', '1900-01-01'],
    [false, '59', '1900-02-28'],
    [false, '61', '1900-03-01'],
    [false, '46053', '2026-01-31'],
    [true, '0', '1904-01-01'],
    [true, '44591', '2026-01-31'],
  ])('the epoch of 1904 %s: %s is %s', async (epoch1904, serial, day) => {
    const rows = textRow(1, ['id', 'day']) + `<row r="2">${v('A2', '1')}${v('B2', serial, 1)}</row>`;
    const found = await readWorkbook(one(rows, { formats: ['yyyy-mm-dd'], epoch1904 }));
    expect(typesOf(found).day).toBe('date');
    expect(found.rows).toEqual([['1', day]]);
  });

  test('the 29 February 1900 that never was is text', async () => {
    const rows =
      textRow(1, ['id', 'day']) +
      `<row r="2">${v('A2', '1')}${v('B2', '60', 1)}</row><row r="3">${v('A3', '2')}${v('B3', '61', 1)}</row>`;
    const found = await readWorkbook(one(rows, { formats: ['yyyy-mm-dd'] }));
    expect(found.rows).toEqual([
      ['1', '1900-02-29'],
      ['2', '1900-03-01'],
    ]);
    expect(found.said).toContain('Sheet1!B2');
  });

  test('times, times of a day, lengths of time, truths, rich texts and blanks', async () => {
    const rows =
      textRow(1, ['id', 'at', 'time', 'hours', 'ok', 'text', 'n']) +
      `<row r="2">${v('A2', '1')}${v('B2', '46053.3333333333', 1)}${v('C2', '0.5', 2)}${v('D2', '1.5625', 3)}<c r="E2" t="b"><v>1</v></c><c r="F2" t="s"><v>0</v></c><c r="G2"><v>5</v></c></row>` +
      `<row r="3">${v('A3', '2')}${v('B3', '46053', 1)}${v('C3', '0.75', 2)}${v('D3', '0', 3)}<c r="E3" t="b"><v>0</v></c><c r="F3" t="str"><f>""</f><v></v></c><c r="G3" t="str"><f>IF(1,"")</f><v></v></c></row>`;
    const strings = [
      '<r><rPr><b/></rPr><t>Ge</t></r><r><t xml:space="preserve">ld _x000D_&amp;</t></r><rPh sb="0" eb="1"><t>no</t></rPh>',
    ];
    const found = await readWorkbook(one(rows, { formats: ['dd.mm.yyyy hh:mm', 'hh:mm', '[h]:mm'], strings }));
    expect(typesOf(found)).toEqual({
      id: 'int64',
      at: 'timestamp',
      time: 'time',
      hours: 'text',
      ok: 'boolean',
      text: 'text',
      n: 'int64',
    });
    expect(found.rows[0]?.slice(2)).toEqual([expect.stringContaining('12:00:00'), '37:30:00', 'true', 'Geld \r&', '5']);
    expect(found.rows[0]?.[1]).toContain('2026-01-31');
    expect(found.rows[0]?.[1]).toContain('08:00:00');
    expect(found.rows[1]?.slice(4)).toEqual(['false', '', null]);
    expect(found.info.columns[6]?.nulls).toBe(1);
  });

  test('a column that shows two currencies', async () => {
    const rows =
      textRow(1, ['id', 'a']) +
      `<row r="2">${v('A2', '1')}${v('B2', '5', 1)}</row><row r="3">${v('A3', '2')}${v('B3', '6', 2)}</row>`;
    expect((await readWorkbook(one(rows, { formats: ['0.00 "EUR"', '[$$-409]0.00'] }))).said).toContain(
      'EUR in 1, $ in 1',
    );
  });

  test('a cell far to the right of all others', async () => {
    const many = Array.from(
      { length: 700 },
      (_, i) => `<row r="${i + 2}">${v(`A${i + 2}`, String(i))}${v(`B${i + 2}`, '1.5')}</row>`,
    ).join('');
    const found = await readWorkbook(
      one(
        `${textRow(1, ['id', 'a'])}${many}<row r="702">${v('A702', '9999')}${v('B702', '2')}${textCell('Z702', 'far')}</row>`,
      ),
    );
    expect(found.rows).toHaveLength(701);
    expect(found.rows.at(-1)).toEqual(['9999', '2.0', 'far']);
    expect(found.said).toContain('Column 3 has no name in the file');
  });
});

describe('options', () => {
  const rows =
    textRow(1, ['Report']) + textRow(2, ['id', 'day']) + textRow(3, ['1', '03/04/2026']) + textRow(4, ['Total', '']);

  test('date_order, skip_lines, header, skip_footer', async () => {
    expect((await readWorkbook(one(rows))).info.notes.find(({ choice }) => choice)?.choice).toEqual({
      date_order: ['dmy', 'mdy'],
    });
    expect((await readWorkbook(one(rows), { date_order: 'mdy' })).rows).toEqual([['1', '2026-03-04']]);
    const all = await readWorkbook(one(rows), { skip_lines: 0, header: false, skip_footer: 0 });
    expect(all.rows).toHaveLength(4);
    expect(all.info.columns.map(({ name }) => name)).toEqual(['column_1', 'column_2']);
  });

  test('types that the user insists on: read where they fit, else every cell at fault is named', async () => {
    const book = one(
      textRow(1, ['id', 'x']) +
        `<row r="2">${v('A2', '1')}${v('B2', '1.5')}</row><row r="3">${v('A3', '2')}${textCell('B3', 'n/a')}</row>`,
    );
    expect((await readWorkbook(book, { columns: { id: 'text' } })).rows[0]).toEqual(['1', '1.5']);
    const error = await refusal(book, { columns: { x: 'decimal(12,2)' } });
    expect(error.message).toBe('book.xlsx, Sheet1!B3, column "x": "n/a" is not a number.');
    expect(error.faults[0]).toMatchObject({ row: 3, column: 'x', value: 'n/a' });
    expect((await refusal(book, { columns: { nope: 'text' } })).message).toContain('no column "nope"');
  });
});

describe('what is no workbook', () => {
  const ole = (stream: string) => {
    const bytes = Buffer.alloc(2048);
    Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(bytes);
    bytes.writeUInt16LE(9, 30);
    bytes.writeUInt32LE(1, 48);
    bytes.write(stream, 1024, 'utf16le');
    return bytes;
  };
  const good = partsOf({ sheets: [{ name: 'Sheet1', rows: textRow(1, ['a', 'b']) + textRow(2, ['1', '2']) }] });
  const sheet = 'xl/worksheets/sheet1.xml';

  test.each<[string, Buffer | string, string]>([
    ['a password', ole('EncryptedPackage'), 'protected with a password'],
    ['an old .xls', ole('Workbook'), 'an old Excel workbook (.xls)'],
    ['a CSV file', 'id;amount\n1;2\n', 'text, perhaps CSV'],
    ['a web page', '<html><table>', 'a web page'],
    ['nothing', '', 'holds no bytes'],
    ['a plain ZIP', zipOf({ 'a.txt': 'x' }), 'a ZIP archive without a workbook'],
    ['an .ods', zipOf({ mimetype: 'x', 'content.xml': '<x/>' }), 'OpenDocument'],
    ['half a file', zipOf(good).subarray(0, 700), 'cut short'],
    ['a damaged part', Buffer.concat([zipOf(good)]).fill(7, 60, 200), 'cannot be read'],
    ['a bomb by its own word', zipOf(good, { [sheet]: 4_000_000_000 }), 'as no real workbook does'],
    ['a part that unpacks to more than it says', zipOf(good, { [sheet]: 10 }), 'cannot be read'],
    [
      'a document type',
      zipOf({ ...good, [sheet]: '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><worksheet/>' }),
      'document type',
    ],
    [
      'an entity of its own',
      zipOf({
        ...good,
        [sheet]: '<worksheet><sheetData><row r="1"><c r="A1"><v>&lol;</v></c></row></sheetData></worksheet>',
      }),
      'no proper XML',
    ],
    ['XML that is cut', zipOf({ ...good, [sheet]: '<worksheet><sheetData><row r="1">' }), 'no proper XML'],
    [
      'a text that is not there',
      zipOf({
        ...good,
        [sheet]: '<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>7</v></c></row></sheetData></worksheet>',
      }),
      'Sheet1!A1',
    ],
    [
      'a number that is none',
      zipOf({ ...good, [sheet]: `<worksheet><sheetData><row r="3">${v('C3', 'x1')}</row></sheetData></worksheet>` }),
      'Sheet1!C3 holds "x1"',
    ],
    [
      'a missing sheet',
      zipOf(Object.fromEntries(Object.entries(good).filter(([name]) => name !== sheet))),
      'is missing',
    ],
    [
      'a text without end',
      zipOf({
        ...good,
        [sheet]: `<worksheet><sheetData><row r="1"><c r="A1"><v>${'1'.repeat(40 << 20)}</v></c></row></sheetData></worksheet>`,
      }),
      '16 MB',
    ],
  ])('%s', async (_, content, sentence) => {
    const error = await refusal(content);
    expect(error.message).toContain('book.xlsx');
    expect(error.message).toContain(sentence);
  });
});

test('a run says why a column of numbers is text, as the upload did', async () => {
  const { info } = await readPath(fixture('mixed'));
  const why = info.notes.find(({ column, message }) => column === 'amount' && message.includes('"n/a" in Sheet1!B9'));
  expect(why).toBeDefined();
  const plan = await withConnection(plugin, info.pinnedConfig as ExcelConfig, (one) => one.plan({}, calm()));
  expect(plan.notes).toContainEqual(why);
  expect(plan.notes.every(({ column }) => plan.columns.find(({ name }) => name === column)?.type !== 'int64')).toBe(
    true,
  );
});

test('a limit does not take away rows that a condition, which is left over, would have kept', async () => {
  const { info } = await readPath(fixture('bank'), { sheet: 'Statement 2026' });
  const filter = [{ column: 'Reference', op: 'eq' as const, value: '000045' }];
  const rows = await withConnection(plugin, info.pinnedConfig as ExcelConfig, async (connection) => {
    const plan = await connection.plan({ filter, limit: 1 }, calm());
    expect(plan.residual).toEqual(filter);
    return (await readAll(connection, plan)).reduce((sum, batch) => sum + batch.numRows, 0);
  });
  expect(rows).toBe(12);
});

test('another workbook under old pins says what changed, and a cell that no longer fits by its place', async () => {
  const rows = (header: string[], amount: string) =>
    textRow(1, header) +
    `<row r="2">${textCell('A2', 'x')}${v('B2', '1.5')}</row><row r="3">${textCell('A3', 'y')}${amount}</row>`;
  const { info } = await readWorkbook(one(rows(['id', 'amount'], v('B3', '2.5'))));
  const { pinned } = info.pinnedConfig as ExcelConfig;
  const under = (content: Buffer) => readPinned(content, pinned).then(String, (error: unknown) => error);
  expect(await under(one(rows(['id', 'amount'], v('B3', '3.5'))))).toBe('x,1.5,y,3.5');
  expect(await under(one(rows(['id', 'total'], v('B3', '2.5'))))).toMatchObject({
    kind: 'schema-changed',
    message: expect.stringContaining('"amount" missing; "total" new') as string,
  });
  expect(await under(one(rows(['id', 'amount'], textCell('B3', 'oops'))))).toMatchObject({
    kind: 'type',
    message: 'book.xlsx, Sheet1!B3, column "amount": "oops" is not a number.',
  });
});
