import { testConnector } from '@kalla/testkit';
import { describeWith } from '../../../../testing/require-part.ts';
import plugin from './index.ts';
import { createTestDatabase } from './testing/test-database.ts';

describeWith('postgres', 'the PostgreSQL connector', (address) => {
  testConnector('postgres', async () => {
    const db = await createTestDatabase(address);
    await db.sql(`
      CREATE TABLE exact (id bigint PRIMARY KEY, amount numeric(18,2), note text, at timestamptz, day date, ok boolean, code uuid);
      INSERT INTO exact VALUES
        (9007199254740993, -1204.50, '', '2026-01-31 09:00:00.000001+01', '2026-01-31', true, '858bd1bf-76c1-6c54-a8f6-91add3bc4800'),
        (-9223372036854775808, 0.10, NULL, '1969-12-31 23:59:59Z', '1582-10-04', false, NULL),
        (3, NULL, '𝔸 "quoted"' || chr(10), NULL, NULL, NULL, NULL),
        (4, 9999999999999999.99, 'NULL', '2026-06-01 00:00:00Z', '9999-12-31', true, NULL);
      CREATE TABLE empty (id bigint, amount numeric(12,2));
      CREATE TABLE large AS SELECT i::bigint AS id, (i * 1.01)::numeric(18,2) AS amount, repeat('x', 200) AS note
        FROM generate_series(1, 400000) i;`);
    const { config } = db;
    const password = config.password ?? '';
    const credentials = `${config.user}:${encodeURIComponent(password)}`;
    return {
      subject: {
        plugin,
        config,
        uri: `postgres://${credentials}@${config.host}:${config.port}/${config.database}?table=public.exact`,
        secrets: [password],
        fixtures: {
          exact: {
            table: 'public.exact',
            columns: [
              { name: 'id', type: 'int64' },
              { name: 'amount', type: 'decimal(18,2)' },
              { name: 'note', type: 'text' },
              { name: 'at', type: 'timestamptz' },
              { name: 'day', type: 'date' },
              { name: 'ok', type: 'boolean' },
              { name: 'code', type: 'uuid' },
            ],
            rows: [
              [
                '9007199254740993',
                '-1204.50',
                '',
                '2026-01-31T08:00:00.000001Z',
                '2026-01-31',
                'true',
                '858bd1bf-76c1-6c54-a8f6-91add3bc4800',
              ],
              ['-9223372036854775808', '0.10', null, '1969-12-31T23:59:59Z', '1582-10-04', 'false', null],
              ['3', null, '𝔸 "quoted"\n', null, null, null, null],
              ['4', '9999999999999999.99', 'NULL', '2026-06-01T00:00:00Z', '9999-12-31', 'true', null],
            ],
          },
          filters: [
            { filter: { column: 'amount', op: 'lt', value: '0' }, rows: 1 },
            { filter: { column: 'note', op: 'is_null' }, rows: 1 },
            { filter: { column: 'note', op: 'contains', value: 'QUOTED' }, rows: 1 },
            { filter: { column: 'at', op: 'gte', value: '2026-01-31T08:00:00.000001Z' }, rows: 2 },
          ],
          empty: {
            table: 'public.empty',
            columns: [
              { name: 'id', type: 'int64' },
              { name: 'amount', type: 'decimal(12,2)' },
            ],
            rows: [],
          },
          missing: { table: 'public.gone' },
          wrongPassword: { config: { ...config, password: 'wrong-secret-4711' } },
          deadHost: { config: { ...config, port: 1 } },
          large: { table: 'public.large', rows: 400_000, boundedBytes: 96 * 2 ** 20 },
          openOnServer: async () => (await db.sessions()).length,
        },
      },
      dispose: () => db[Symbol.asyncDispose](),
    };
  });
});
