import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../../testing/require-part.ts';
import { startWorker } from '../../../testing/real-worker.ts';
import { fixtureConnector } from '../../../testing/registry/fixture-connector.ts';
import { registryUser, type TestRegistryUser } from '../../../testing/registry/test-registry.ts';
import { readEvents, startTestShell, type TestShell } from '../../../testing/running-shell.ts';

describeWith('verdaccio', 'connectors from a registry', (registryUrl) => {
  let shell: TestShell;
  let worker: Awaited<ReturnType<typeof startWorker>>;
  let registry: TestRegistryUser;
  beforeAll(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'kalla-install-'));
    registry = await registryUser(registryUrl);
    worker = await startWorker(dataDir);
    shell = await startTestShell({ ...worker.env, KALLA_DATA_DIR: dataDir, KALLA_NPM_REGISTRY: registryUrl });
  }, 60_000);
  afterAll(async () => {
    await worker?.stop();
    await shell?.end();
  });

  const lock = () => JSON.parse(readFileSync(join(shell.dataDir, 'connectors.lock.json'), 'utf8')) as unknown;
  const install = (body: object) => shell.call('POST', '/api/connectors', body);
  const listed = async () =>
    (await shell.call('GET', '/api/connectors')).body.connectors.filter((one: { builtin: boolean }) => !one.builtin);

  it(
    'installs a package by name, reads with it in every way without a restart, and removes it',
    { timeout: 120_000 },
    async () => {
      await registry.publish(fixtureConnector());
      const answer = await install({ package: 'kalla-connector-acme', version: '1.2.0' });
      expect([answer.status, answer.body.detail]).toEqual([201, undefined]);
      expect(answer.body).toMatchObject({
        type: 'acme',
        title: 'Acme ledger',
        package: 'kalla-connector-acme',
        version: '1.2.0',
        builtin: false,
        config_schema: { type: 'object', properties: { token: { writeOnly: true } } },
        panel: null,
        error: null,
      });
      expect(await listed()).toMatchObject([{ type: 'acme', version: '1.2.0', error: null }]);
      expect(lock()).toMatchObject({
        connectors: [{ name: 'kalla-connector-acme', version: '1.2.0', integrity: expect.stringMatching(/^sha512-/) }],
      });

      const made = await shell.call('POST', '/api/sources', {
        alias: 'acme_ledger',
        type: 'acme',
        uri: 'acme://u:s3cr3t@mill?table=entries',
        primary_key: ['id'],
      });
      expect([made.status, made.body]).toMatchObject([
        201,
        { uri: 'acme://mill?table=entries', secrets_set: ['token'] },
      ]);
      const preview = await shell.call('GET', '/api/sources/acme_ledger/preview?limit=2');
      expect(preview.body.rows).toEqual([
        { id: '1', amount: '1.01' },
        { id: '2', amount: '2.01' },
      ]);
      const steps = await readEvents(await fetch(`${shell.address}/api/sources/acme_ledger/check`, { method: 'POST' }));
      expect(steps.map(({ data }) => [data.step, data.message]).at(-1)).toEqual([
        'read',
        'Version 1.2.0 did the step.',
      ]);
      expect((await shell.call('GET', '/api/sources/acme_ledger/tables')).body.tables).toMatchObject([
        { id: 'entries' },
      ]);

      const form = new FormData();
      form.append('file', new File(['ref,paid\n1,1.01\n2,2.01\n99,5.00\n'], 'paid.csv'));
      const { upload_id } = (await shell.call('POST', '/api/uploads', form)).body;
      const recipe = {
        recipe_id: 'acme-paid',
        name: 'Acme and payments',
        description: '',
        sources: {
          left: { alias: 'acme_ledger', type: 'acme' },
          right: { alias: 'paid', type: 'file', schema: ['ref', 'paid'], primary_key: ['ref'] },
        },
        match_sql: 'SELECT a.id, p.ref FROM acme_ledger a JOIN paid p ON a.id = p.ref AND a.amount = p.paid',
        match_description: 'Same number and amount.',
      };
      const stored = await shell.call('POST', '/api/recipes', recipe);
      expect([stored.status, stored.body.detail]).toEqual([201, undefined]);
      const started = await shell.call('POST', '/api/runs', { recipe_id: 'acme-paid', files: { paid: upload_id } });
      const run = (await readEvents(await fetch(`${shell.address}/api/runs/${started.body.run_id}/events`))).at(
        -1,
      )!.data;
      expect(run).toMatchObject({
        status: 'completed',
        counts: { left: 10, right: 3, matched: 2, unmatched_left: 8, unmatched_right: 1 },
      });
      const manifest = JSON.parse(
        readFileSync(join(shell.dataDir, 'objects', 'results', run.run_id, 'manifest.json'), 'utf8'),
      );
      expect(JSON.stringify(manifest)).toContain('"connector":{"package":"kalla-connector-acme","version":"1.2.0"}');

      const refused = await shell.call('DELETE', '/api/connectors/kalla-connector-acme');
      expect([refused.status, refused.body.detail]).toEqual([
        409,
        'kalla-connector-acme is used by the source "acme_ledger", and by the recipe "acme-paid". Remove or change them first.',
      ]);
      await shell.call('DELETE', '/api/recipes/acme-paid');
      await shell.call('DELETE', '/api/sources/acme_ledger');
      expect((await shell.call('DELETE', '/api/connectors/kalla-connector-acme')).status).toBe(204);
      expect(await listed()).toEqual([]);
      expect(lock()).toEqual({ connectors: [] });
      expect(existsSync(join(shell.dataDir, 'connectors', 'kalla-connector-acme'))).toBe(false);
      expect((await shell.call('DELETE', '/api/connectors/kalla-connector-acme')).status).toBe(404);
    },
  );
});
