import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../../testing/require-part.ts';
import { startWorker } from '../../../testing/real-worker.ts';
import { fixtureConnector, type FixtureOptions } from '../../../testing/registry/fixture-connector.ts';
import { startTestShell, type TestShell } from '../../../testing/running-shell.ts';

const NAME = 'kalla-connector-rising';

describeWith('verdaccio', 'another version of a connector whose sources are saved', (registryUrl) => {
  let shell: TestShell;
  let worker: Awaited<ReturnType<typeof startWorker>>;
  let scratch: string;
  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'kalla-rising-'));
    const dataDir = join(scratch, 'data');
    worker = await startWorker(dataDir);
    shell = await startTestShell({ ...worker.env, KALLA_DATA_DIR: dataDir, KALLA_NPM_REGISTRY: registryUrl });
  }, 60_000);
  afterAll(async () => {
    await worker?.stop();
    await shell?.end();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  });

  const install = async (options: FixtureOptions) => {
    const packed = fixtureConnector({ name: NAME, id: 'rising', ...options });
    const tarball = join(scratch, 'package.tgz');
    writeFileSync(tarball, packed.tarball);
    const { status, body } = await shell.call('POST', '/api/connectors', { tarball });
    return { status, detail: body.detail as string | undefined, errors: body.errors as unknown };
  };
  const save = async (alias: string, body: object) => {
    const made = await shell.call('POST', '/api/sources', { alias, type: 'rising', primary_key: ['id'], ...body });
    expect([made.status, made.body.detail]).toEqual([201, undefined]);
  };
  const preview = async (alias: string) => (await shell.call('GET', `/api/sources/${alias}/preview?limit=1`)).status;
  const state = () => [
    readFileSync(join(shell.dataDir, 'connectors.lock.json'), 'utf8'),
    ...readdirSync(join(shell.dataDir, 'connectors', NAME)),
    ...readdirSync(join(shell.dataDir, 'connectors', '.staging')),
  ];

  it('is refused where it asks for a setting that a source does not have', { timeout: 180_000 }, async () => {
    expect(await install({ version: '1.0.0' })).toMatchObject({ status: 201 });
    for (const alias of ['north', 'south'])
      await save(alias, { config: { tenant: alias, token: 's3cret-token' }, table: 'entries' });
    const before = state();
    const refused = await install({ version: '2.0.0', required: ['region'] });
    expect(refused).toEqual({
      status: 422,
      detail: `With ${NAME} 2.0.0 this would stop working. The sources "north", "south": the setting "region" is new in it and has to be filled in. Keep version 1.0.0; or remove them first, and set them up again with 2.0.0.`,
      errors: ['north', 'south'].map((source) => ({
        message: `source ${source} would stop working: the setting "region" is new in it and has to be filled in.`,
        source,
      })),
    });
    expect(state()).toEqual(before);
    expect(await preview('north')).toBe(200);

    // Words of the connector about a setting, with the setting in them.
    const told = fixtureConnector({ id: 'rising' }).entry.replace(
      'tenant: z.string()',
      'tenant: z.string().refine(() => false, { error: ({ input }) => `No ${input} here.` })',
    );
    expect(await install({ version: '2.1.0', entry: told })).toMatchObject({
      status: 422,
      detail: expect.stringContaining(
        'The sources "north", "south": it says of the setting "tenant": No *** here.',
      ) as string,
    });
    expect(state()).toEqual(before);

    // Code that is only tried gets no secret: it may be anyone's, and nothing is refused for what stands in its place.
    const seen = join(scratch, 'seen.txt');
    const curious = fixtureConnector({ id: 'rising' }).entry.replace(
      'token: z.string().optional()',
      `token: z.string().optional().refine((token) => {
        if (token !== undefined) appendFileSync(${JSON.stringify(seen)}, token + '\\n');
        return token === undefined || token.startsWith('s3cret');
      })`,
    );
    const entry = `import { appendFileSync } from 'node:fs';\n${curious}`;
    expect(await install({ version: '1.1.0', entry })).toMatchObject({ status: 201 });
    expect(readFileSync(seen, 'utf8')).not.toContain('s3cret');
    expect(await preview('north')).toBe(200);
    expect(readFileSync(seen, 'utf8')).toContain('s3cret-token');

    for (const alias of ['north', 'south'])
      expect((await shell.call('DELETE', `/api/sources/${alias}`)).status).toBe(204);
    expect(await install({ version: '2.0.0', required: ['region'] })).toMatchObject({ status: 201 });
    // The way back is looked at in the same way: 1.1.0 does not know the setting.
    await save('west', { config: { tenant: 'west', region: 'eu' }, table: 'entries' });
    const back = await shell.call('POST', `/api/connectors/${NAME}/rollback`);
    expect([back.status, back.body.detail]).toEqual([
      422,
      `With ${NAME} 1.1.0 this would stop working. The source "west": it says of the settings: There is no setting "region" here. Keep version 2.0.0; or remove it first, and set it up again with 1.1.0.`,
    ]);
    expect(await preview('west')).toBe(200);
    // One that takes what is saved is installed, and the source reads on.
    expect(await install({ version: '3.0.0', required: ['region'] })).toMatchObject({ status: 201 });
    expect(await preview('west')).toBe(200);
    await shell.call('DELETE', '/api/sources/west');
    expect((await shell.call('DELETE', `/api/connectors/${NAME}`)).status).toBe(204);
  });

  it('is refused where it drops the kind of address that is in use', { timeout: 180_000 }, async () => {
    const both = { connector: { schemes: ['rising', 'rise'] } };
    expect(await install({ version: '1.0.0', ...both })).toMatchObject({ status: 201 });
    await save('open', { uri: 'rising://north?table=entries' });
    const side = (alias: string, uri: string) => ({ alias, type: 'rising', uri, primary_key: ['id'] });
    const stored = await shell.call('POST', '/api/recipes', {
      recipe_id: 'direct',
      name: 'direct',
      description: '',
      sources: { left: side('a', 'rising://x?table=entries'), right: side('b', 'rising://y?table=entries') },
      match_sql: 'SELECT a.id AS left_id, b.id AS right_id FROM a JOIN b ON a.id = b.id',
      match_description: 'Same number.',
    });
    expect([stored.status, stored.body.detail]).toEqual([201, undefined]);
    const before = state();
    expect(await install({ version: '2.0.0', scheme: 'rise' })).toMatchObject({
      status: 422,
      detail: `With ${NAME} 2.0.0 this would stop working. The source "open" and the recipe "direct": addresses that begin with "rising:" are gone from it. Keep version 1.0.0; or remove them first, and set them up again with 2.0.0.`,
    });
    expect(state()).toEqual(before);
    // One that nobody uses may go.
    expect(await install({ version: '3.0.0' })).toMatchObject({ status: 201 });
    expect(await preview('open')).toBe(200);
  });

  it('is refused where an address in a recipe lacks a setting that is new in it', { timeout: 180_000 }, async () => {
    for (const recipe of ['direct']) await shell.call('DELETE', `/api/recipes/${recipe}`);
    await shell.call('DELETE', '/api/sources/open');
    const side = (alias: string, address: object) => ({ alias, primary_key: ['id'], ...address });
    const recipe = async (id: string, left: object, right: object) => {
      const { status, body } = await shell.call('POST', '/api/recipes', {
        recipe_id: id,
        name: id,
        description: '',
        sources: { left: side('a', left), right: side('b', right) },
        match_sql: 'SELECT a.id AS left_id, b.id AS right_id FROM a JOIN b ON a.id = b.id',
        match_description: 'Same number.',
      });
      expect([status, body.detail]).toEqual([201, undefined]);
    };
    const csv = { type: 'file', schema: ['id'] };
    await recipe('both', { type: 'rising', uri: 'rising://x?table=entries' }, { uri: 'rising://y?table=entries' });
    await recipe('one', csv, { uri: 'rising://z?table=entries' });
    await recipe('files', csv, csv);
    // One more that names a source, whose own settings count, by the source's address.
    await save('b', { config: { tenant: 'saved' }, table: 'entries' });
    await recipe('named', csv, { type: 'rising', uri: 'rising://saved?table=entries' });
    const before = state();
    const why = 'the address does not give the setting "region", which is new in it and has to be there.';
    const refused = {
      status: 422,
      detail: `With ${NAME} 5.0.0 this would stop working. The source "b": the setting "region" is new in it and has to be filled in. The recipes "both", "one": ${why} Keep version 3.0.0; or remove them first, and set them up again with 5.0.0.`,
      errors: [
        {
          message: 'source b would stop working: the setting "region" is new in it and has to be filled in.',
          source: 'b',
        },
        ...['both', 'one'].map((id) => ({ message: `recipe ${id} would stop working: ${why}`, recipe_id: id })),
      ],
    };
    expect(await install({ version: '5.0.0', required: ['region'] })).toEqual(refused);
    expect(state()).toEqual(before);

    // A connector that refuses the address in its own words, as it takes it apart.
    const own = fixtureConnector({ id: 'rising' }).entry.replace(
      'const url = new URL(uri);',
      "throw new ConnectorError('config', 'An address needs a region now, as in rising://eu/tenant.');",
    );
    expect(await install({ version: '6.0.0', entry: own })).toMatchObject({
      status: 422,
      detail: expect.stringContaining(
        'The recipes "both", "one": it says of the address: An address needs a region now, as in rising://eu/tenant. Keep',
      ) as string,
    });
    expect(state()).toEqual(before);

    // One that can do without is installed, since nothing that is saved lacks anything.
    const optional = fixtureConnector({ id: 'rising', required: ['region'] });
    const entry = optional.entry.replace('region: z.string()', 'region: z.string().optional()');
    expect(await install({ version: '7.0.0', entry, schema: optional.schema })).toMatchObject({ status: 201 });
    for (const id of ['both', 'one', 'named', 'files'])
      expect((await shell.call('DELETE', `/api/recipes/${id}`)).status).toBe(204);
    expect((await shell.call('DELETE', '/api/sources/b')).status).toBe(204);
    await save('open', { uri: 'rising://north?table=entries' });
  });

  it('is not refused for a source that does not work now either', { timeout: 120_000 }, async () => {
    const lock = join(shell.dataDir, 'connectors.lock.json');
    // The lock file was lost, and with it what the source "open" was saved with.
    rmSync(lock);
    expect(await preview('open')).toBe(422);
    expect(await install({ version: '4.0.0', required: ['region'] })).toMatchObject({ status: 201 });
  });
});
