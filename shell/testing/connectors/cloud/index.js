import { CONNECTOR_API_VERSION } from '@kalla/core';
import { z } from 'zod';

/** A warehouse whose settings have variants, as those of the large ones do. Its one table has ten rows. */
const columns = [
  { name: 'entry', type: 'int64' },
  { name: 'value', type: 'decimal(12,2)' },
];
const known = ['open sesame', '{"key":"value"}'];

export default {
  apiVersion: CONNECTOR_API_VERSION,
  config: z.strictObject({
    project: z.string().regex(/^[a-z-]+$/, 'A project has lower-case letters and hyphens only.'),
    auth: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('password'), user: z.string(), password: z.string() }),
      z.strictObject({ kind: z.literal('key'), key: z.string() }),
    ]),
    region: z.enum(['eu', 'us']).optional(),
    legacy: z.boolean().optional(),
    labels: z.array(z.string()).optional(),
  }),
  fromUri: () => ({ config: {} }),
  toUri: ({ project }, table) => `cloud://${project}${table ? `?table=${table}` : ''}`,
  open: async ({ auth }) => ({
    async *check() {
      yield { step: 'reach', ok: true, ms: 1, message: 'It answers.' };
      const ok = known.includes(auth.kind === 'key' ? auth.key : auth.password);
      const failed = { message: 'It does not know us.', hint: 'Look at the sign-in.' };
      yield { step: 'authenticate', ok, ms: 1, ...(ok ? { message: `Signed in by ${auth.kind}.` } : failed) };
      if (!ok) return;
      yield { step: 'authorise', ok: true, ms: 1, message: 'It lets us read.' };
      yield { step: 'read', ok: true, ms: 1, message: 'A row was read.' };
    },
    listTables: async () => ({ items: [{ id: 'entries', name: 'entries', kind: 'table' }], next: null }),
    describe: async () => ({
      table: { id: 'entries', name: 'entries', kind: 'table' },
      columns,
      primaryKey: ['entry'],
      keyCandidates: [],
      rowCount: 10,
      notes: [],
    }),
    plan: async (request) => ({
      columns: columns.filter(({ name }) => request.columns?.includes(name) ?? true),
      residual: [],
      splits: [{ id: 'all' }],
      estimate: { rows: 10, bytes: null },
      snapshot: true,
      notes: [],
      scan: {
        format: 'csv',
        paths: [],
        sql: `SELECT ${(request.columns ?? ['entry', 'value']).map((name) => `"${name}"`).join(', ')} FROM
          (SELECT range AS entry, CAST(range AS DECIMAL(12,2)) AS value FROM range(10))`,
      },
    }),
    async *read() {},
    async [Symbol.asyncDispose]() {},
  }),
};
