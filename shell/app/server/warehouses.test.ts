import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Recipe } from '@kalla/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partAddress } from '../../../testing/require-part.ts';
import { sampleCounts } from '../../../testing/sample-counts.ts';
import { startWorker, workerIsBuilt } from '../../testing/real-worker.ts';
import { readEvents, startTestShell, type TestShell } from '../../testing/running-shell.ts';
import {
  createSamplePlaces,
  ledgerWorkbook,
  sampleRows,
  samples,
  type SamplePlaces,
} from '../../testing/sample-places.ts';

const recipe = JSON.parse(readFileSync(join(samples, 'recipe.json'), 'utf8')) as Recipe;
const [bigquery, elasticsearch, postgres] = [
  partAddress('bigquery'),
  partAddress('elasticsearch'),
  partAddress('postgres'),
];

describe.skipIf(!workerIsBuilt || !bigquery || !elasticsearch || !postgres)(
  'the sample, with its sides in warehouses, databases and workbooks',
  { timeout: 120_000 },
  () => {
    let sides: SamplePlaces;
    let shell: TestShell;
    let worker: Awaited<ReturnType<typeof startWorker>>;

    beforeAll(async () => {
      const dataDir = mkdtempSync(join(tmpdir(), 'kalla-shell-'));
      worker = await startWorker(dataDir);
      shell = await startTestShell({ ...worker.env, KALLA_DATA_DIR: dataDir });
      sides = await createSamplePlaces({ bigquery: bigquery!, elasticsearch: elasticsearch!, postgres: postgres! });
    }, 180_000);
    afterAll(async () => {
      await shell?.end();
      await worker?.stop();
      await sides?.stop();
    });

    async function register(alias: string, source: object) {
      const made = await shell.call('POST', '/api/sources', { alias, ...source });
      expect(made.status, JSON.stringify(made.body)).toBe(201);
      const steps = await readEvents(await fetch(`${shell.address}/api/sources/${alias}/check`, { method: 'POST' }));
      expect(steps.map(({ data }) => data).filter(({ ok }) => ok === false)).toEqual([]);
    }

    /** Runs the sample's rule over the given sides; a side that is not given is a registered source under its name. */
    async function run(id: string, left: object, right: object, files?: Record<string, string>) {
      const { ledger, bank } = { ledger: recipe.sources.left, bank: recipe.sources.right };
      const stored = await shell.call('POST', '/api/recipes', {
        ...recipe,
        recipe_id: id,
        sources: {
          left: { ...left, primary_key: ledger.primary_key },
          right: { ...right, primary_key: bank.primary_key },
        },
        match_sql: recipe.match_sql.replace('FROM ledger l', `FROM ${id}_l l`).replace('JOIN bank b', `JOIN ${id}_r b`),
      });
      expect(stored.status, JSON.stringify(stored.body)).toBe(201);
      const started = await shell.call('POST', '/api/runs', { recipe_id: id, ...(files ? { files } : {}) });
      expect(started.status, JSON.stringify(started.body)).toBe(202);
      const events = await readEvents(await fetch(`${shell.address}/api/runs/${started.body.run_id}/events`));
      return events.at(-1)!.data;
    }

    it('BigQuery × Elasticsearch', async () => {
      await register('be_l', sides.bigquery);
      await register('be_r', sides.elasticsearch);
      expect(await run('be', { alias: 'be_l' }, { alias: 'be_r' })).toMatchObject({
        status: 'completed',
        counts: sampleCounts,
      });
    });

    it('BigQuery × PostgreSQL', async () => {
      await register('bp_l', sides.bigquery);
      await register('bp_r', sides.postgres);
      expect(await run('bp', { alias: 'bp_l' }, { alias: 'bp_r' })).toMatchObject({
        status: 'completed',
        counts: sampleCounts,
      });
    });

    it('Excel × Elasticsearch', async () => {
      const form = new FormData();
      form.append('file', new Blob([await ledgerWorkbook()]), 'ledger.xlsx');
      const uploaded = await shell.call('POST', '/api/uploads', form);
      expect(uploaded.status, JSON.stringify(uploaded.body)).toBe(201);
      await register('xe_r', sides.elasticsearch);
      const left = { alias: 'xe_l', type: 'file', schema: Object.keys(sampleRows('ledger')[0] ?? {}) };
      const files = { xe_l: uploaded.body.upload_id as string };
      expect(await run('xe', left, { alias: 'xe_r' }, files)).toMatchObject({
        status: 'completed',
        counts: sampleCounts,
      });
    });
  },
);
