import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../../testing/require-part.ts';
import { startWorker } from '../../../testing/real-worker.ts';
import { fixtureConnector } from '../../../testing/registry/fixture-connector.ts';
import { registryUser, type TestRegistryUser } from '../../../testing/registry/test-registry.ts';
import { readEvents, startTestShell, type TestShell } from '../../../testing/running-shell.ts';

const SHELL = resolve(import.meta.dirname, '../../../dist/server.js');

describeWith('verdaccio', 'the life of an installed connector', (registryUrl) => {
  let shell: TestShell;
  let worker: Awaited<ReturnType<typeof startWorker>>;
  let registry: TestRegistryUser;
  let dataDir: string;
  let scratch: string;
  const environment = () => ({ ...worker.env, KALLA_DATA_DIR: dataDir, KALLA_NPM_REGISTRY: registryUrl });
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'kalla-life-'));
    scratch = mkdtempSync(join(tmpdir(), 'kalla-life-scratch-'));
    registry = await registryUser(registryUrl);
    process.env.KALLA_MAX_RUNS = '1';
    worker = await startWorker(dataDir);
    shell = await startTestShell(environment());
  }, 90_000);
  afterAll(async () => {
    delete process.env.KALLA_MAX_RUNS;
    await worker?.stop();
    await shell?.end();
    rmSync(scratch, { recursive: true, force: true });
  });

  const install = (body: object) => shell.call('POST', '/api/connectors', body);
  const named = async (name: string) =>
    (await shell.call('GET', '/api/connectors')).body.connectors.find(
      (one: { package: string }) => one.package === name,
    );
  const lock = () =>
    JSON.parse(readFileSync(join(dataDir, 'connectors.lock.json'), 'utf8')) as {
      connectors: { name: string; version: string; previous: { version: string } | null }[];
    };
  const trees = (name: string) =>
    readdirSync(join(dataDir, 'connectors', name)).map((tree) => tree.replace(/-[0-9a-f]{12}$/, ''));
  const staged = () => {
    const folder = join(dataDir, 'connectors', '.staging');
    return existsSync(folder) ? readdirSync(folder) : [];
  };
  /** What a run says of itself, on one line. */
  const manifestOf = (runId: string) =>
    JSON.stringify(JSON.parse(readFileSync(join(dataDir, 'objects', 'results', runId, 'manifest.json'), 'utf8')));
  const firstAmount = async (alias: string) =>
    (await shell.call('GET', `/api/sources/${alias}/preview?limit=1`)).body.rows[0].amount as string;
  const finished = async (runId: string) =>
    (await readEvents(await fetch(`${shell.address}/api/runs/${runId}/events`))).at(-1)!.data;

  it('upgrades, keeps what began with the version before, goes back and forth', { timeout: 240_000 }, async () => {
    const name = '@life/kalla-connector-life';
    for (const version of ['1.0.0', '2.0.0', '3.0.0'])
      await registry.publish(fixtureConnector({ name, id: 'life', version }));
    expect((await install({ package: name, version: '1.0.0' })).status).toBe(201);
    const gate = join(scratch, 'gate');
    const source = { type: 'life', primary_key: ['id'] };
    for (const [alias, uri] of [
      ['gated', `life://u:${encodeURIComponent(gate)}@north?table=entries`],
      ['open', 'life://north?table=entries'],
    ] as const) {
      const config = alias === 'gated' ? { config: { tenant: 'north', token: gate }, table: 'entries' } : { uri };
      const made = await shell.call('POST', '/api/sources', { ...source, alias, ...config });
      expect([made.status, made.body.detail]).toEqual([201, undefined]);
    }
    const recipe = (id: string, left: string) => ({
      recipe_id: id,
      name: id,
      description: '',
      sources: { left: { alias: left, type: 'life' }, right: { alias: 'open', type: 'life' } },
      match_sql: `SELECT l.id AS left_id, r.id AS right_id, l.amount FROM ${left} l JOIN open r ON l.id = r.id`,
      match_description: 'Same number.',
    });
    // One run waits inside of its connector, the next in the worker's queue: both were started with 1.0.0.
    for (const [id, left] of [
      ['waits', 'gated'],
      ['queued', 'gated'],
    ] as const) {
      const stored = await shell.call('POST', '/api/recipes', recipe(id, left));
      expect([stored.status, stored.body.detail]).toEqual([201, undefined]);
    }
    const started: string[] = [];
    for (const id of ['waits', 'queued'])
      started.push((await shell.call('POST', '/api/runs', { recipe_id: id, files: {} })).body.run_id);
    await expect
      .poll(async () => (await shell.call('GET', `/api/runs/${started[0]}`)).body.status, { timeout: 30_000 })
      .toBe('staging');

    const upgraded = await install({ package: name, version: '2.0.0' });
    expect([upgraded.status, upgraded.body]).toMatchObject([201, { version: '2.0.0', previous_version: '1.0.0' }]);
    expect((await shell.call('GET', `/api/runs/${started[1]}`)).body.status).toBe('queued');
    expect(await firstAmount('open')).toBe('1.02');
    writeFileSync(gate, '');
    for (const runId of started) {
      const run = await finished(runId);
      expect(run).toMatchObject({ status: 'completed', counts: { left: 10, right: 10, matched: 10 } });
      const rows = await shell.call('GET', `/api/runs/${runId}/results/matched?limit=1&sort=left_id`);
      expect(rows.body.rows[0].amount).toBe('1.01');
      const manifest = manifestOf(runId);
      expect(manifest).toContain(`{"package":"${name}","version":"1.0.0"}`);
      expect(manifest).not.toContain('"version":"2.0.0"');
    }
    const after = await finished(
      (await shell.call('POST', '/api/runs', { recipe_id: 'waits', files: {} })).body.run_id,
    );
    expect(manifestOf(after.run_id)).toContain(`{"package":"${name}","version":"2.0.0"}`);

    // The name with its slash encoded, and as it is.
    const back = await shell.call('POST', `/api/connectors/${encodeURIComponent(name)}/rollback`);
    expect([back.status, back.body]).toMatchObject([200, { version: '1.0.0', previous_version: '2.0.0' }]);
    expect(await firstAmount('open')).toBe('1.01');
    const forth = await shell.call('POST', `/api/connectors/${name}/rollback`);
    expect([forth.status, forth.body.version]).toEqual([200, '2.0.0']);
    expect(await firstAmount('open')).toBe('1.02');
    expect((await install({ package: name, version: '3.0.0' })).status).toBe(201);
    expect(lock().connectors).toMatchObject([{ name, version: '3.0.0', previous: { version: '2.0.0' } }]);
    expect(trees('@life+kalla-connector-life').sort()).toEqual(['2.0.0', '3.0.0']);
    // What is there already is not installed a second time, and keeps the version before.
    expect((await install({ package: name, version: '3.0.0' })).body).toMatchObject({ previous_version: '2.0.0' });

    // A version without the connector that sources use would leave them without one.
    const other = fixtureConnector({ name, id: 'another', version: '4.0.0' });
    await registry.publish(other);
    const refused = await install({ package: name, version: '4.0.0' });
    expect([refused.status, refused.body.detail]).toEqual([
      422,
      `${name} 4.0.0 no longer has the connector "life", which is used by the sources "gated", "open", and by the recipes "queued", "waits".`,
    ]);
    // A version that does not work leaves the one that does.
    await registry.publish(fixtureConnector({ name, id: 'life', version: '5.0.0', entry: 'throw new Error("no");' }));
    expect((await install({ package: name, version: '5.0.0' })).status).toBe(422);
    expect(await firstAmount('open')).toBe('1.03');
    for (const id of ['waits', 'queued']) await shell.call('DELETE', `/api/recipes/${id}`);
    for (const alias of ['gated', 'open']) await shell.call('DELETE', `/api/sources/${alias}`);
    expect((await shell.call('DELETE', `/api/connectors/${name}`)).status).toBe(204);
    expect((await shell.call('POST', `/api/connectors/${name}/rollback`)).status).toBe(404);
  });

  it('keeps the build that a run began with where another has the same version', { timeout: 240_000 }, async () => {
    const name = 'kalla-connector-rebuilt';
    /** A build tells itself apart by the amounts. */
    const file = (cents: string) => {
      const { entry } = fixtureConnector({ name, id: 'rebuilt', version: '0.1.0' });
      const packed = fixtureConnector({
        name,
        id: 'rebuilt',
        version: '0.1.0',
        entry: entry.replace('0 * 0.01', cents),
      });
      const tarball = join(scratch, `rebuilt-${cents}.tgz`);
      writeFileSync(tarball, packed.tarball);
      return { tarball };
    };
    expect((await install(file('0.11'))).status).toBe(201);
    const gate = join(scratch, 'gate-of-builds');
    const source = { type: 'rebuilt', primary_key: ['id'], table: 'entries' };
    for (const [alias, config] of [
      ['held', { tenant: 'north', token: gate }],
      ['free', { tenant: 'north' }],
    ] as const)
      expect((await shell.call('POST', '/api/sources', { ...source, alias, config })).status).toBe(201);
    const stored = await shell.call('POST', '/api/recipes', {
      recipe_id: 'builds',
      name: 'builds',
      description: '',
      sources: { left: { alias: 'held' }, right: { alias: 'free' } },
      match_sql: 'SELECT l.id AS left_id, r.id AS right_id, l.amount FROM held l JOIN free r ON l.id = r.id',
      match_description: 'Same number.',
    });
    expect([stored.status, stored.body.detail]).toEqual([201, undefined]);
    // One waits inside of its connector, the next in the worker's queue, where no process has loaded anything yet.
    const started: string[] = [];
    for (let run = 0; run < 2; run++)
      started.push((await shell.call('POST', '/api/runs', { recipe_id: 'builds', files: {} })).body.run_id);
    await expect
      .poll(async () => (await shell.call('GET', `/api/runs/${started[0]}`)).body.status, { timeout: 30_000 })
      .toBe('staging');
    const rebuilt = await install(file('0.22'));
    expect([rebuilt.status, rebuilt.body]).toMatchObject([201, { version: '0.1.0', previous_version: '0.1.0' }]);
    expect(rebuilt.body.build.checksum).not.toBe(rebuilt.body.previous_build.checksum);
    expect(await firstAmount('free')).toBe('1.22');
    writeFileSync(gate, '');
    const amountOf = async (runId: string) => {
      expect(await finished(runId)).toMatchObject({ status: 'completed', counts: { matched: 10 } });
      const rows = await shell.call('GET', `/api/runs/${runId}/results/matched?limit=1&sort=left_id`);
      return rows.body.rows[0].amount as string;
    };
    for (const runId of started) expect(await amountOf(runId)).toBe('1.11');
    const next = await shell.call('POST', '/api/runs', { recipe_id: 'builds', files: {} });
    expect(await amountOf(next.body.run_id)).toBe('1.22');

    await shell.call('DELETE', '/api/recipes/builds');
    for (const alias of ['held', 'free']) await shell.call('DELETE', `/api/sources/${alias}`);
    expect((await shell.call('DELETE', `/api/connectors/${name}`)).status).toBe(204);
  });

  it(
    'does not touch what comes with Kalla, and has no version to go back to where there was none',
    { timeout: 60_000 },
    async () => {
      const builtin = '@kalla/connector-postgres';
      for (const [method, path] of [
        ['DELETE', `/api/connectors/${builtin}`],
        ['POST', `/api/connectors/${encodeURIComponent(builtin)}/rollback`],
      ] as const) {
        const answer = await shell.call(method, path);
        expect([answer.status, answer.body.detail]).toEqual([409, expect.stringContaining('comes with Kalla')]);
      }
      const packed = fixtureConnector({ name: 'kalla-connector-single', id: 'single' });
      writeFileSync(join(scratch, 'single.tgz'), packed.tarball);
      expect((await install({ tarball: join(scratch, 'single.tgz') })).status).toBe(201);
      const answer = await shell.call('POST', '/api/connectors/kalla-connector-single/rollback');
      expect([answer.status, answer.body.detail]).toEqual([
        409,
        'There is no version of kalla-connector-single before 1.2.0 to go back to.',
      ]);
      await shell.call('DELETE', '/api/connectors/kalla-connector-single');
    },
  );

  it('installs an upload and a folder, also the same version with another content', { timeout: 120_000 }, async () => {
    const form = new FormData();
    const packed = fixtureConnector({ name: 'kalla-connector-local', id: 'local', version: '1.0.0' });
    form.append('file', new File([new Uint8Array(packed.tarball)], 'kalla-connector-local-1.0.0.tgz'));
    const upload = await shell.call('POST', '/api/uploads', form);
    expect([upload.status, upload.body.format]).toEqual([201, 'package']);
    const answer = await install({ tarball: upload.body.upload_id });
    expect([answer.status, answer.body.package]).toEqual([201, 'kalla-connector-local']);
    const folder = join(scratch, 'local');
    mkdirSync(folder);
    for (const [file, text] of Object.entries({
      'package.json': JSON.stringify(packed.manifest),
      'index.js': `${fixtureConnector().entry}// changed\n`.replaceAll('acme:', 'local:'),
      'config.schema.json': JSON.stringify(fixtureConnector().schema),
    }))
      writeFileSync(join(folder, file), text);
    const changed = await install({ folder });
    expect([changed.status, changed.body.detail]).toEqual([201, undefined]);
    expect(lock().connectors).toMatchObject([{ version: '1.0.0', from: 'folder', previous: { from: 'tarball' } }]);
    // Each is told from the other, and the one that is gone back to is the one that was told.
    const { build, previous_build: before } = changed.body;
    const told = { version: '1.0.0', installed_at: expect.any(String), checksum: expect.stringMatching(/^\w{8}$/) };
    expect([build, before]).toEqual([told, told]);
    expect([build.checksum, build.installed_at]).not.toEqual([before.checksum, before.installed_at]);
    expect(before).toEqual(answer.body.build);
    const back = await shell.call('POST', '/api/connectors/kalla-connector-local/rollback');
    expect([back.status, back.body]).toMatchObject([200, { build: before, previous_build: build }]);
    await shell.call('DELETE', '/api/connectors/kalla-connector-local');
  });

  it('lets two installations at once go one after the other', { timeout: 120_000 }, async () => {
    const names = ['kalla-connector-one', 'kalla-connector-two'];
    for (const name of names) await registry.publish(fixtureConnector({ name, id: name.slice(16) }));
    const first = install({ package: names[0]!, version: '1.2.0' });
    await expect.poll(() => staged().length, { timeout: 20_000 }).toBe(1);
    const second = readEvents(
      await fetch(`${shell.address}/api/connectors`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ package: names[1], version: '1.2.0' }),
      }),
    );
    const third = install({ package: names[0]!, version: '1.2.0' });
    expect([(await first).status, (await third).status]).toEqual([201, 201]);
    const events = (await second).map(({ data }) => data.step ?? data.installed.package);
    expect(events).toEqual(['wait', 'look-up', 'download', 'check', 'dependencies', 'try', 'switch', names[1]]);
    expect(lock().connectors.map((one) => one.name)).toEqual(names);
    expect(staged()).toEqual([]);
    for (const name of names) expect((await shell.call('DELETE', `/api/connectors/${name}`)).status).toBe(204);
  });

  it('finds connectors in the registry by word, and nothing that is none', { timeout: 60_000 }, async () => {
    await registry.publish(fixtureConnector({ name: 'kalla-connector-sought', id: 'sought', version: '1.4.0' }));
    await registry.publish(
      fixtureConnector({ name: 'sought-but-none', id: 'none', manifest: { keywords: ['ledger'] } }),
    );
    const found = async (q: string) =>
      (await shell.call('GET', `/api/connectors/search?q=${encodeURIComponent(q)}`)).body;
    expect((await found('sought')).packages).toMatchObject([
      {
        package: 'kalla-connector-sought',
        version: '1.4.0',
        installed: null,
        description: 'The ledger of Acme, for tests.',
      },
    ]);
    expect((await found('')).packages.length).toBeGreaterThan(0);
    expect((await found('--registry=http://127.0.0.1:9 -g')).packages).toEqual([]);
    expect((await shell.call('GET', `/api/connectors/search?q=${'x'.repeat(300)}`)).status).toBe(422);
  });

  it('gives the registry the token of npm, and nobody else', { timeout: 90_000 }, async () => {
    const name = '@private/kalla-connector-secret';
    await registry.publish(fixtureConnector({ name, id: 'secret' }));
    const refused = await install({ package: name, version: '1.2.0' });
    expect([refused.status, refused.body.detail]).toEqual([
      422,
      expect.stringMatching(/asks for a sign-in|does not have|has no package/),
    ]);
    const npmrc = join(scratch, 'npmrc');
    writeFileSync(npmrc, `//${new URL(registryUrl).host}/:_authToken=${registry.token}\n`);
    process.env.npm_config_userconfig = npmrc;
    try {
      const answers = [
        await install({ package: name, version: '1.2.0' }),
        await install({ package: name, version: '7.7.7' }),
      ];
      expect(answers.map((one) => one.status)).toEqual([201, 422]);
      const kept = readFileSync(join(dataDir, 'connectors.lock.json'), 'utf8');
      expect(JSON.stringify([answers, refused]) + kept).not.toContain(registry.token);
    } finally {
      delete process.env.npm_config_userconfig;
    }
    await shell.call('DELETE', `/api/connectors/${name}`);
  });

  it(
    'leaves the old state when the server is killed in the middle, and clears up at the next start',
    { timeout: 180_000 },
    async () => {
      const name = 'kalla-connector-killed';
      await registry.publish(fixtureConnector({ name, id: 'killed', version: '1.0.0' }));
      await registry.publish(fixtureConnector({ name, id: 'killed', version: '2.0.0', entry: 'for (;;);' }));
      expect((await install({ package: name, version: '1.0.0' })).status).toBe(201);
      const before = readFileSync(join(dataDir, 'connectors.lock.json'), 'utf8');
      await shell.close();
      const child = spawn(process.execPath, [SHELL], {
        env: { ...process.env, ...environment(), PORT: '0', KALLA_SAMPLE: '0', VITEST: '' },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      try {
        let said = '';
        child.stdout.on('data', (chunk) => (said += chunk));
        await expect.poll(() => /Kalla is at (\S+)/.exec(said)?.[1], { timeout: 30_000 }).toBeTruthy();
        const address = /Kalla is at (\S+)/.exec(said)?.[1] ?? '';
        const events = await readEvents(
          await fetch(`${address}/api/connectors`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
            body: JSON.stringify({ package: name, version: '2.0.0' }),
            signal: AbortSignal.timeout(60_000),
          }).then((response) => {
            // Killed while its code is being tried.
            void expect
              .poll(
                () => staged().some((one) => existsSync(join(dataDir, 'connectors', '.staging', one, 'node_modules'))),
                {
                  timeout: 40_000,
                },
              )
              .toBe(true)
              .then(() => child.kill('SIGKILL'));
            return response;
          }),
        ).catch((error: unknown) => error);
        expect(events).toBeInstanceOf(Error);
      } finally {
        child.kill('SIGKILL');
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      }
      expect(staged()).not.toEqual([]);
      expect(readFileSync(join(dataDir, 'connectors.lock.json'), 'utf8')).toBe(before);
      // A version that got to its place and not into the lock file.
      mkdirSync(join(dataDir, 'connectors', name, '2.0.0-0123456789ab'), { recursive: true });
      mkdirSync(join(dataDir, 'connectors', 'kalla-connector-half', '1.0.0-0123456789ab'), { recursive: true });

      shell = await startTestShell(environment());
      expect(staged()).toEqual([]);
      expect(readdirSync(join(dataDir, 'connectors')).filter((one) => one !== '.staging')).toEqual([name]);
      expect(trees(name)).toEqual(['1.0.0']);
      expect(await named(name)).toMatchObject({ version: '1.0.0', error: null });
      expect((await shell.call('DELETE', `/api/connectors/${name}`)).status).toBe(204);
    },
  );

  it(
    'says that a damaged lock file is damaged, and goes on with what comes with Kalla',
    { timeout: 60_000 },
    async () => {
      writeFileSync(join(dataDir, 'connectors.lock.json'), '{"connectors":');
      const answer = await install({ package: 'kalla-connector-x', version: '1.0.0' });
      expect([answer.status, answer.body.detail]).toEqual([409, expect.stringContaining('is damaged')]);
      const listed = (await shell.call('GET', '/api/connectors')).body;
      expect(listed.problem).toBe(answer.body.detail);
      expect(listed.connectors.filter((one: { builtin: boolean }) => !one.builtin)).toEqual([]);
      expect((await named('@kalla/connector-postgres')).error).toBeNull();
      rmSync(join(dataDir, 'connectors.lock.json'));
      expect((await shell.call('GET', '/api/connectors')).body.problem).toBeNull();
    },
  );
});

describeWith('verdaccio', 'a registry that does not answer', () => {
  it('is said in words', { timeout: 60_000 }, async () => {
    const shell = await startTestShell({ KALLA_NPM_REGISTRY: 'http://127.0.0.1:9' });
    try {
      const answer = await shell.call('POST', '/api/connectors', { package: 'kalla-connector-x', version: '1.0.0' });
      const sentence = expect.stringMatching(
        /^The registry 127\.0\.0\.1:9 cannot be reached \(ECONNREFUSED\)/,
      ) as string;
      expect([answer.status, answer.body.detail]).toEqual([422, sentence]);
      const search = await shell.call('GET', '/api/connectors/search?q=x');
      expect([search.status, search.body.detail]).toEqual([422, sentence]);
    } finally {
      await shell.end();
    }
  });
});
