import { packPackage, type PackedFixture } from './pack-package.ts';

/** What a test may change about the fixture connector. */
export interface FixtureOptions {
  name?: string;
  version?: string;
  id?: string;
  scheme?: string;
  /** Merged into package.json. */
  manifest?: Record<string, unknown>;
  /** Merged into the one connector of its `kalla` block. */
  connector?: Record<string, unknown>;
  /** In place of its entry module. */
  entry?: string;
  schema?: unknown;
  /** Further settings, texts, that have to be filled in. */
  required?: string[];
  files?: Record<string, string | Buffer>;
}

/**
 * A small connector whose one table `entries` is in its memory: `id` 1 to 10 and an `amount` of `id` plus the version's first number
 * hundredths, so that a result tells which version made it. It imports what Kalla brings along.
 */
export function fixtureConnector(options: FixtureOptions = {}): PackedFixture & { entry: string; schema: unknown } {
  const { name = 'kalla-connector-acme', version = '1.2.0', id = 'acme' } = options;
  const { scheme = id, required = [] } = options;
  const entry = options.entry ?? entryOf(scheme, version, required);
  const schema = options.schema ?? schemaOf(required);
  const packed = packPackage(
    {
      name,
      version,
      description: 'The ledger of Acme, for tests.',
      type: 'module',
      keywords: ['kalla-connector'],
      peerDependencies: { '@kalla/core': '>=0.1.0', zod: '^4.0.0' },
      ...options.manifest,
      kalla: options.manifest?.kalla ?? {
        api: '^1.0.0',
        connectors: [
          {
            id,
            title: 'Acme ledger',
            entry: './index.js',
            configSchema: './config.schema.json',
            schemes: [scheme],
            ...options.connector,
          },
        ],
      },
    },
    {
      'index.js': entry,
      'config.schema.json': JSON.stringify(schema),
      ...options.files,
    },
  );
  return { ...packed, entry, schema };
}

const schemaOf = (required: string[]) => ({
  type: 'object',
  properties: {
    tenant: { type: 'string', title: 'Tenant', description: 'The name of your company at Acme.' },
    token: { type: 'string', title: 'Token', writeOnly: true },
    ...Object.fromEntries(required.map((name) => [name, { type: 'string', title: name }])),
  },
  required: ['tenant', ...required],
  additionalProperties: false,
});

function entryOf(scheme: string, version: string, required: string[]): string {
  return `
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CONNECTOR_API_VERSION, ConnectorError } from '@kalla/core';
import { z } from 'zod';

const columns = [{ name: 'id', type: 'int64' }, { name: 'amount', type: 'decimal(12,2)' }];
const table = { id: 'entries', name: 'entries', kind: 'table' };
export default {
  apiVersion: CONNECTOR_API_VERSION,
  config: z.strictObject({ tenant: z.string().min(1), token: z.string().optional()${required.map((name) => `, ${name}: z.string()`).join('')} }),
  fromUri(uri) {
    const url = new URL(uri);
    return { config: { tenant: url.hostname, ...(url.password ? { token: url.password } : {}) }, table: url.searchParams.get('table') ?? undefined };
  },
  toUri: ({ tenant }, table) => '${scheme}://' + tenant + (table ? '?table=' + table : ''),
  open: async ({ tenant, token }) => ({
    async *check() {
      if (tenant === 'nobody') throw new ConnectorError('auth', 'Acme does not know "nobody".', { hint: 'Look at the tenant.' });
      for (const step of ['reach', 'authenticate', 'authorise', 'read'])
        yield { step, ok: true, ms: 1, message: 'Version ${version} did the step.' };
    },
    listTables: async () => ({ items: [table], next: null }),
    describe: async () => ({ table, columns, primaryKey: ['id'], keyCandidates: [], rowCount: 10, notes: [] }),
    plan: async (request) => {
      // A token that is a path: nothing is read before there is a file.
      while (token?.startsWith('/') && !existsSync(token)) await sleep(50);
      return ({
      columns: columns.filter(({ name }) => request.columns?.includes(name) ?? true),
      residual: [],
      splits: [{ id: 'all' }],
      estimate: { rows: 10, bytes: null },
      snapshot: true,
      notes: [],
      scan: {
        format: 'csv',
        paths: [],
        sql: 'SELECT ' + (request.columns ?? ['id', 'amount']).map((name) => '"' + name + '"').join(', ') +
          ' FROM (SELECT range + 1 AS id, CAST(range + 1 + ${version.split('.')[0]} * 0.01 AS DECIMAL(12,2)) AS amount FROM range(10))',
      },
      });
    },
    async *read() {},
    async [Symbol.asyncDispose]() {},
  }),
};
`;
}
