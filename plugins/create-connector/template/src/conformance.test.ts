import { testConnector, type ConnectorSubject } from '@kalla/testkit';
import type { Config } from './config.ts';
import plugin from './index.ts';
import { cursorsOpen } from './source.ts';

/** What every connector of Kalla has to do. The fixtures are real tables of the source: put those of yours here. */
testConnector('my-source', async () => {
  const columns = [
    { name: 'id', type: 'int64' },
    { name: 'amount', type: 'decimal(18,2)' },
    { name: 'reference', type: 'text' },
    { name: 'paid_at', type: 'timestamptz' },
  ] as const;
  const subject: ConnectorSubject<Config> = {
    plugin,
    config: { host: 'demo', token: 'demo-token' },
    uri: 'my-source://token:demo-token@demo?table=payments',
    secrets: ['demo-token'],
    fixtures: {
      exact: {
        table: 'payments',
        columns,
        rows: [
          ['1001', '250.00', 'INV-1001', '2026-01-05T09:30:00Z'],
          ['1002', '-19.90', 'INV-1002', '2026-01-06T14:00:00.000001Z'],
          ['1003', '1204.50', '', null],
          ['9007199254740993', '0.10', 'Café 𝔸', '1969-12-31T23:59:59Z'],
          ['1005', null, null, '2026-01-08T11:15:00Z'],
        ],
      },
      filters: [{ filter: { column: 'id', op: 'eq', value: '1002' }, rows: 1 }],
      empty: { table: 'refunds', columns, rows: [] },
      missing: { table: 'no_such_table' },
      wrongPassword: { config: { host: 'demo', token: 'wrong' } },
      deadHost: { config: { host: 'dead.invalid', token: 'demo-token' } },
      large: { table: 'archive', rows: 40_000, boundedBytes: 32 * 2 ** 20 },
      openOnServer: async () => cursorsOpen(),
    },
  };
  return { subject };
});
