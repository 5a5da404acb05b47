import type { Recipe, ResultManifest } from '@kalla/core';
import { hashToken } from '../app/server/runs/run-callbacks.server.ts';
import type { RunRow } from '../app/server/runs/run-repository.server.ts';

export const recipe = (recipe_id = 'r1'): Recipe => ({
  recipe_id,
  name: 'Invoices and payments',
  description: '',
  sources: {
    left: { alias: 'invoices', type: 'file', schema: ['id', 'amount'], primary_key: ['id'] },
    right: { alias: 'payments', type: 'file', schema: ['id', 'amount'], primary_key: ['id'] },
  },
  match_sql: 'SELECT i.id AS left_id, p.id AS right_id FROM invoices i JOIN payments p ON i.id = p.id',
  match_description: 'Same id.',
});

export const TOKEN = 'token-of-the-run';

export const runRow = (runId: string, change: Partial<RunRow> = {}): RunRow => ({
  runId,
  recipeId: 'r1',
  recipeVersion: 1,
  recipe: recipe(),
  status: 'queued',
  attempt: 1,
  revision: 1,
  tokenHash: hashToken(TOKEN),
  outputPrefix: `results/${runId}/`,
  files: {},
  left: { alias: 'invoices', type: 'csv', primary_key: ['id'] },
  right: { alias: 'payments', type: 'csv', primary_key: ['id'] },
  counts: null,
  sums: null,
  outputs: null,
  warnings: [],
  error: null,
  releasePending: false,
  createdAt: new Date(),
  startedAt: null,
  finishedAt: null,
  heartbeatAt: new Date(),
  ...change,
});

const side = (alias: string) => ({
  alias,
  type: 'csv',
  rows: 3,
  columns: [],
  primary_key: ['id'],
  keys: { null_key_rows: 0, duplicate_keys: 0, duplicate_key_rows: 0 },
  notes: [],
});
const output = (name: string, rows: number) => ({ file: `${name}.parquet`, rows, bytes: 10, sha256: 'x', columns: [] });

export const manifest = (runId: string, attempt = 1): ResultManifest => ({
  kalla: 1,
  run_id: runId,
  attempt,
  match_sql: 'SELECT 1',
  counts: {
    left: 3,
    right: 3,
    matched: 2,
    unmatched_left: 1,
    unmatched_right: 1,
    matched_left_rows: 2,
    matched_right_rows: 2,
  },
  sums: { left: {}, right: {}, matched: {}, unmatched_left: {}, unmatched_right: {} },
  left: side('invoices'),
  right: side('payments'),
  outputs: {
    matched: output('matched', 2),
    unmatched_left: output('unmatched_left', 1),
    unmatched_right: output('unmatched_right', 1),
  },
  warnings: [],
  engine: { name: 'duckdb', version: '1.5' },
  started_at: '2026-01-31T08:00:00.000Z',
  finished_at: '2026-01-31T08:00:01.000Z',
});
