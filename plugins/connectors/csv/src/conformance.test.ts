import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testConnector, type ConnectorSubject } from '@kalla/testkit';
import type { CsvConfig } from './config.ts';
import plugin from './index.ts';

const noServer = { notApplicable: 'a file has no server, no password and no session' };

testConnector('csv', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kalla-csv-conformance-'));
  const file = async (name: string, text: string): Promise<CsvConfig> => {
    await writeFile(join(folder, name), text);
    return { uri: `file://${join(folder, name)}` };
  };
  const config = await file(
    'exact.csv',
    'id,amount,note,at,day\n' +
      '9007199254740993,-1204.50,"",2026-01-31T08:00:00.000001Z,2026-01-31\n' +
      '-9223372036854775808,0.10,,1969-12-31 23:59:59+00,1582-10-15\n' +
      '3,,"𝔸 ""quoted""\n",,\n',
  );
  const empty = await file('empty.csv', 'id,amount\n');
  const rows = 300_000;
  const line = (index: number) => `${index},${index}.01,${'x'.repeat(200)}\n`;
  const large = await file('large.csv', `id,amount,note\n${Array.from({ length: rows }, (_, i) => line(i)).join('')}`);
  const subject: ConnectorSubject<CsvConfig> = {
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
          ['-9223372036854775808', '0.10', null, '1969-12-31T23:59:59Z', '1582-10-15'],
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
      missing: { config: { uri: `file://${join(folder, 'gone.csv')}` } },
      wrongPassword: noServer,
      deadHost: noServer,
      large: { config: large, rows, boundedBytes: 192 * 2 ** 20 },
      openOnServer: noServer,
    },
  };
  return { subject, dispose: () => rm(folder, { recursive: true, force: true }) };
});
