import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { quoteLiteral } from '@kalla/core';
import { testConnector, type ConnectorSubject } from '@kalla/testkit';
import type { ParquetConfig } from './config.ts';
import plugin from './index.ts';

const noServer = { notApplicable: 'a file has no server, no password and no session' };

testConnector('parquet', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kalla-parquet-conformance-'));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const file = async (name: string, sql: string): Promise<ParquetConfig> => {
    const path = join(folder, name);
    await connection.run(`COPY (${sql}) TO ${quoteLiteral(path)} (FORMAT parquet)`);
    return { uri: `file://${path}` };
  };
  const types = ['BIGINT', 'DECIMAL(18,2)', 'VARCHAR', 'TIMESTAMPTZ', 'DATE'];
  const names = ['id', 'amount', 'note', 'at', 'day'];
  const columns = names.map((name, index) => `CAST(c${index} AS ${types[index]}) AS ${name}`).join(', ');
  await connection.run("SET TimeZone = 'UTC'");
  const config = await file(
    'exact.parquet',
    `SELECT ${columns} FROM (VALUES
      ('9007199254740993', '-1204.50', '', '2026-01-31 08:00:00.000001+00', '2026-01-31'),
      ('-9223372036854775808', '0.10', NULL, '1969-12-31 23:59:59+00', '1582-10-04'),
      ('3', NULL, '𝔸 "quoted"' || chr(10), NULL, NULL)) t(c0, c1, c2, c3, c4)`,
  );
  const empty = await file('empty.parquet', 'SELECT 1::BIGINT AS id, 1::DECIMAL(12,2) AS amount WHERE FALSE');
  const rows = 400_000;
  const large = await file(
    'large.parquet',
    `SELECT i AS id, CAST(i AS DECIMAL(18,2)) AS amount, repeat('x', 200) || i AS note FROM range(${rows}) t(i)`,
  );
  connection.closeSync();
  instance.closeSync();
  const subject: ConnectorSubject<ParquetConfig> = {
    plugin,
    config,
    uri: config.uri,
    secrets: [],
    fixtures: {
      exact: {
        columns: [
          { name: 'id', type: 'int64' },
          { name: 'amount', type: 'decimal(18,2)' },
          { name: 'note', type: 'text' },
          { name: 'at', type: 'timestamptz' },
          { name: 'day', type: 'date' },
        ],
        rows: [
          ['9007199254740993', '-1204.50', '', '2026-01-31T08:00:00.000001Z', '2026-01-31'],
          ['-9223372036854775808', '0.10', null, '1969-12-31T23:59:59Z', '1582-10-04'],
          ['3', null, '𝔸 "quoted"\n', null, null],
        ],
      },
      filters: [{ filter: { column: 'amount', op: 'lt', value: '0' }, rows: 1 }],
      empty: {
        config: empty,
        columns: [
          { name: 'id', type: 'int64' },
          { name: 'amount', type: 'decimal(12,2)' },
        ],
        rows: [],
      },
      missing: { config: { uri: `file://${join(folder, 'gone.parquet')}` } },
      wrongPassword: noServer,
      deadHost: noServer,
      large: { config: large, rows, boundedBytes: 192 * 2 ** 20 },
      openOnServer: noServer,
    },
  };
  return { subject, dispose: () => rm(folder, { recursive: true, force: true }) };
});
