import { testConnector } from '@kalla/testkit';
import { startFront } from '../../../../scripts/parts/elasticsearch.mjs';
import { describeWith } from '../../../../testing/require-part.ts';
import type { ElasticsearchConfig } from './config.ts';
import plugin from './index.ts';
import { createTestServer } from './testing/test-server.ts';

// The real server speaks without sign-in and TLS, which are not published with it: a front before it asks for both.
const PASSWORD = 'a-secret-4711/+?';

describeWith('elasticsearch', 'the Elasticsearch connector', (address) => {
  testConnector<ElasticsearchConfig>('elasticsearch', async () => {
    const server = createTestServer(address);
    const front = await startFront({
      upstream: Number(new URL(address).port),
      allowed: [`Basic ${Buffer.from(`ada:${PASSWORD}`).toString('base64')}`],
    });
    const exact = await server.index(
      'exact',
      {
        id: { type: 'long' },
        price: { type: 'double' },
        note: { type: 'keyword', ignore_above: 256 },
        at: { type: 'date' },
        seen: { type: 'date_nanos' },
        day: { type: 'date', format: 'dd.MM.yyyy' },
        ok: { type: 'boolean' },
        place: { properties: { city: { type: 'text', fields: { raw: { type: 'keyword' } } } } },
      },
      [
        '{"id":9007199254740993,"price":-1204.50,"note":"","at":"2026-01-31T09:00:00.001+01:00","seen":"2026-01-31T08:00:00.123456789Z","day":"31.01.2026","ok":true,"place":{"city":"Köln"}}',
        '{"id":-9223372036854775808,"price":0.1,"note":null,"at":"1969-12-31T23:59:59Z","day":"04.10.1582","ok":false,"place.city":"𝔸 \\"quoted\\"\\n"}',
        '{"id":"3","note":"𝔸 \\"quoted\\"\\n","ok":[],"place":{"city":["a","b"]}}',
        '{"id":4,"price":9999999999999999.99,"note":"NULL","at":"2026-06-01","seen":"2026-06-01","day":"31.12.9999","ok":"true"}',
      ],
    );
    const empty = await server.index('empty', { id: { type: 'long' }, due: { type: 'date' } });
    const large = await server.index(
      'large',
      { id: { type: 'long' }, note: { type: 'keyword', index: false, doc_values: false } },
      Array.from({ length: 60_000 }, (_, i) => ({ id: i, note: 'x'.repeat(1000) })),
    );
    const base = {
      server: front.url,
      auth: { kind: 'basic' as const, user: 'ada', password: PASSWORD },
      ca: front.certificate!,
      decimal_fields: ['price:2'],
    };
    const config = plugin.config.parse(base);
    const withId = (columns: Array<{ name: string; type: string }>) => [{ name: '_id', type: 'text' }, ...columns];
    return {
      subject: {
        plugin,
        config,
        uri: `elasticsearch://ada:${encodeURIComponent(PASSWORD)}@${new URL(front.url).host}/${exact}?decimal_field=price:2`,
        secrets: [PASSWORD],
        fixtures: {
          exact: {
            table: exact,
            columns: withId([
              { name: 'at', type: 'timestamptz' },
              { name: 'day', type: 'date' },
              { name: 'id', type: 'int64' },
              { name: 'note', type: 'text' },
              { name: 'ok', type: 'boolean' },
              { name: 'place.city', type: 'text' },
              { name: 'price', type: 'decimal(38,2)' },
              { name: 'seen', type: 'text' },
            ]),
            rows: [
              [
                '1',
                '2026-01-31T08:00:00.001Z',
                '2026-01-31',
                '9007199254740993',
                '',
                'true',
                'Köln',
                '-1204.50',
                '2026-01-31T08:00:00.123456789Z',
              ],
              [
                '2',
                '1969-12-31T23:59:59Z',
                '1582-10-04',
                '-9223372036854775808',
                null,
                'false',
                '𝔸 "quoted"\n',
                '0.10',
                null,
              ],
              ['3', null, null, '3', '𝔸 "quoted"\n', null, '["a","b"]', null, null],
              [
                '4',
                '2026-06-01T00:00:00Z',
                '9999-12-31',
                '4',
                'NULL',
                'true',
                null,
                '9999999999999999.99',
                '2026-06-01T00:00:00.000000000Z',
              ],
            ],
          },
          filters: [
            { filter: { column: 'id', op: 'lt', value: '0' }, rows: 1 },
            { filter: { column: 'ok', op: 'eq', value: 'true' }, rows: 2 },
            { filter: { column: 'ok', op: 'ne', value: 'true' }, rows: 1 },
            { filter: { column: 'ok', op: 'is_null' }, rows: 1 },
            { filter: { column: 'day', op: 'gte', value: '2026-01-31' }, rows: 2 },
            { filter: { column: 'at', op: 'eq', value: '2026-01-31T08:00:00.001Z' }, rows: 1 },
            { filter: { column: '_id', op: 'ne', value: '3' }, rows: 3 },
            { filter: { column: 'note', op: 'contains', value: 'QUOTED' }, rows: 1 },
            { filter: { column: 'price', op: 'lt', value: '0' }, rows: 1 },
          ],
          empty: {
            table: empty,
            columns: withId([
              { name: 'due', type: 'timestamptz' },
              { name: 'id', type: 'int64' },
            ]),
            rows: [],
          },
          missing: { table: server.name('gone') },
          wrongPassword: { config: { ...config, auth: { kind: 'basic', user: 'ada', password: 'wrong-secret-4711' } } },
          deadHost: { config: { ...config, server: 'https://127.0.0.1:1' } },
          large: { table: large, rows: 60_000, boundedBytes: 48 * 2 ** 20 },
          openOnServer: () => server.open(),
        },
      },
      dispose: async () => {
        await front.stop();
        await server[Symbol.asyncDispose]();
      },
    };
  });
});
