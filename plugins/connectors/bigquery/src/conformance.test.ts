import { testConnector } from '@kalla/testkit';
import { describeWith } from '../../../../testing/require-part.ts';
import plugin from './index.ts';
import { createTestProject } from './testing/test-project.ts';

/**
 * Against local-bigquery, which lets everyone in: the front before it checks the tokens that the service account's key signs, and
 * counts the streams that are open.
 */
describeWith('bigquery', 'the BigQuery connector', (address) => {
  testConnector('bigquery', async () => {
    const project = await createTestProject(address);
    await project.sql(String.raw`
      CREATE TABLE @@.exact (id INT64, amount NUMERIC, note STRING, at TIMESTAMP, wall DATETIME, day DATE, clock TIME, ok BOOL, raw BYTES)`);
    await project.sql(String.raw`
      INSERT INTO @@.exact VALUES
        (9007199254740993, NUMERIC '-1204.50', '', TIMESTAMP '2026-01-31 09:00:00.000001+01', DATETIME '2026-01-31 08:00:00.000001', DATE '2026-01-31', TIME '08:00:00.000001', true, FROM_BASE64('AP8=')),
        (-9223372036854775808, NUMERIC '0.10', NULL, TIMESTAMP '1969-12-31 23:59:59+00', DATETIME '1969-12-31 23:59:59', DATE '1582-10-04', TIME '23:59:59.999999', false, NULL),
        (3, NULL, '𝔸 "quoted"\n', NULL, NULL, NULL, NULL, NULL, NULL),
        (4, NUMERIC '99999999999999999999999999999.999999999', 'NULL', TIMESTAMP '2026-06-01 00:00:00+00', DATETIME '9999-12-31 23:59:59.999999', DATE '9999-12-31', TIME '00:00:00', true, FROM_BASE64(''))`);
    await project.sql('CREATE TABLE @@.empty (id INT64, amount NUMERIC)');
    await project.sql(`CREATE TABLE @@.large AS SELECT CAST(i AS INT64) AS id, CAST(i * 1.01 AS NUMERIC) AS amount, REPEAT('x', 200) AS note
      FROM UNNEST(GENERATE_ARRAY(1, 400000)) AS i`);
    const { config, dataset, front } = project;
    const { key } = front;
    return {
      subject: {
        plugin,
        config,
        uri: `bigquery://kalla-test/${dataset}?table=${dataset}.exact&key=${encodeURIComponent(key)}&endpoint=${encodeURIComponent(config.endpoint!)}&storage_endpoint=${config.storage_endpoint}`,
        secrets: [key],
        fixtures: {
          exact: {
            table: `${dataset}.exact`,
            columns: [
              { name: 'id', type: 'int64' },
              { name: 'amount', type: 'decimal(38,9)' },
              { name: 'note', type: 'text' },
              { name: 'at', type: 'timestamptz' },
              { name: 'wall', type: 'timestamp' },
              { name: 'day', type: 'date' },
              { name: 'clock', type: 'time' },
              { name: 'ok', type: 'boolean' },
              { name: 'raw', type: 'binary' },
            ],
            rows: [
              [
                '9007199254740993',
                '-1204.500000000',
                '',
                '2026-01-31T08:00:00.000001Z',
                '2026-01-31T08:00:00.000001',
                '2026-01-31',
                '08:00:00.000001',
                'true',
                '00ff',
              ],
              [
                '-9223372036854775808',
                '0.100000000',
                null,
                '1969-12-31T23:59:59Z',
                '1969-12-31T23:59:59',
                '1582-10-04',
                '23:59:59.999999',
                'false',
                null,
              ],
              ['3', null, '𝔸 "quoted"\n', null, null, null, null, null, null],
              [
                '4',
                '99999999999999999999999999999.999999999',
                'NULL',
                '2026-06-01T00:00:00Z',
                '9999-12-31T23:59:59.999999',
                '9999-12-31',
                '00:00:00',
                'true',
                '',
              ],
            ],
          },
          filters: [
            { filter: { column: 'amount', op: 'lt', value: '0' }, rows: 1 },
            { filter: { column: 'note', op: 'is_null' }, rows: 1 },
            { filter: { column: 'note', op: 'eq', value: '𝔸 "quoted"\n' }, rows: 1 },
            { filter: { column: 'note', op: 'contains', value: 'QUOTED' }, rows: 1 },
            { filter: { column: 'at', op: 'gte', value: '2026-01-31T08:00:00.000001Z' }, rows: 2 },
            { filter: { column: 'day', op: 'lte', value: '1582-10-04' }, rows: 1 },
            { filter: { column: 'ok', op: 'eq', value: 'true' }, rows: 2 },
            { filter: { column: 'id', op: 'ne', value: '3' }, rows: 3 },
          ],
          empty: {
            table: `${dataset}.empty`,
            columns: [
              { name: 'id', type: 'int64' },
              { name: 'amount', type: 'decimal(38,9)' },
            ],
            rows: [],
          },
          missing: { table: `${dataset}.gone` },
          wrongPassword: {
            config: { ...config, credentials: { kind: 'service-account' as const, key: front.wrongKey } },
          },
          deadHost: { config: { ...config, endpoint: 'http://127.0.0.1:1' } },
          large: { table: `${dataset}.large`, rows: 400_000, boundedBytes: 96 * 2 ** 20 },
          openOnServer: async () => front.openStreams() + (await project.runningJobs()),
        },
      },
      dispose: () => project[Symbol.asyncDispose](),
    };
  });
});
