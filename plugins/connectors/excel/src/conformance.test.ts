import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testConnector, type ConnectorSubject } from '@kalla/testkit';
import type { ExcelConfig } from './config.ts';
import plugin from './index.ts';
import { textCell, textRow, workbookOf } from './testing/make-workbook.ts';

const noServer = { notApplicable: 'a file has no server, no password and no session' };

testConnector('excel', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kalla-excel-conformance-'));
  const book = async (name: string, rows: string): Promise<ExcelConfig> => {
    await writeFile(
      join(folder, name),
      workbookOf({ sheets: [{ name: 'Sheet1', rows }], formats: ['yyyy-mm-dd', '0.00'] }),
    );
    return { uri: `file://${join(folder, name)}` };
  };
  const header = textRow(1, ['id', 'amount', 'note', 'at', 'day']);
  const config = await book(
    'exact.xlsx',
    `${header}<row r="2"><c r="A2"><v>9007199254740993</v></c><c r="B2" s="2"><v>-1204.5</v></c><c r="C2" t="str"><v></v></c>${textCell('D2', '2026-01-31T08:00:00.000001Z')}<c r="E2" s="1"><v>46053</v></c></row>` +
      `<row r="3"><c r="A3"><v>-900719925474099312</v></c><c r="B3" s="2"><v>0.1</v></c>${textCell('D3', '1969-12-31 23:59:59+00')}<c r="E3" s="1"><v>1</v></c></row>` +
      `<row r="4"><c r="A4"><v>3</v></c>${textCell('C4', '𝔸 "quoted"\n')}</row>`,
  );
  const empty = await book('empty.xlsx', textRow(1, ['id', 'amount']));
  const rows = 150_000;
  const filler = 'x'.repeat(400);
  const line = (index: number) =>
    `<row r="${index + 2}"><c r="A${index + 2}"><v>${index}</v></c>${textCell(`B${index + 2}`, `${index} ${filler}`)}</row>`;
  const large = await book(
    'large.xlsx',
    textRow(1, ['id', 'note']) + Array.from({ length: rows }, (_, index) => line(index)).join(''),
  );
  const subject: ConnectorSubject<ExcelConfig> = {
    plugin,
    config,
    uri: config.uri,
    secrets: [],
    fixtures: {
      exact: {
        columns: [
          { name: 'id', type: 'int64' },
          { name: 'amount', type: 'decimal(12,2)' },
          { name: 'note', type: 'text' },
          { name: 'at', type: 'timestamptz' },
          { name: 'day', type: 'date' },
        ],
        rows: [
          ['9007199254740993', '-1204.50', '', '2026-01-31T08:00:00.000001Z', '2026-01-31'],
          ['-900719925474099312', '0.10', null, '1969-12-31T23:59:59Z', '1900-01-01'],
          ['3', null, '𝔸 "quoted"\n', null, null],
        ],
      },
      filters: [{ filter: { column: 'amount', op: 'lt', value: '0' }, rows: 1 }],
      empty: {
        config: empty,
        columns: [
          { name: 'id', type: 'text' },
          { name: 'amount', type: 'text' },
        ],
        rows: [],
      },
      missing: { config: { uri: `file://${join(folder, 'gone.xlsx')}` } },
      wrongPassword: noServer,
      deadHost: noServer,
      large: { config: large, rows, boundedBytes: 192 * 2 ** 20 },
      openOnServer: noServer,
    },
  };
  return { subject, dispose: () => rm(folder, { recursive: true, force: true }) };
});
