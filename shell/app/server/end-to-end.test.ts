import { mkdtempSync, openAsBlob } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleCounts } from '../../../testing/sample-counts.ts';
import { startWorker, workerIsBuilt } from '../../testing/real-worker.ts';
import { readEvents, startTestShell, type TestShell } from '../../testing/running-shell.ts';

const samples = resolve(import.meta.dirname, '..', '..', '..', 'samples');

describe.skipIf(!workerIsBuilt)('the API with the built worker', () => {
  let shell: TestShell;
  let worker: Awaited<ReturnType<typeof startWorker>>;
  beforeAll(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'kalla-shell-'));
    worker = await startWorker(dataDir);
    shell = await startTestShell({ ...worker.env, KALLA_DATA_DIR: dataDir, KALLA_SAMPLE: '1' });
  }, 60_000);
  afterAll(async () => {
    await shell?.end();
    await worker?.stop();
  });

  const upload = async (name: string, options?: object) => {
    const form = new FormData();
    form.append('file', await openAsBlob(join(samples, name)), name);
    if (options) form.append('options', JSON.stringify(options));
    return shell.call('POST', '/api/uploads', form);
  };
  const finished = async (runId: string) => {
    const events = await readEvents(await fetch(`${shell.address}/api/runs/${runId}/events`));
    return events.at(-1)!.data;
  };

  it('runs the sample on its first start', async () => {
    await expect.poll(async () => (await shell.call('GET', '/api/runs')).body.runs.length, { timeout: 20_000 }).toBe(1);
    const { run_id } = (await shell.call('GET', '/api/runs')).body.runs[0];
    expect(await finished(run_id)).toMatchObject({ status: 'completed', counts: sampleCounts, error: null });
  });

  it('runs a recipe on files, also on a Parquet one, and hands out every row', async () => {
    const ledger = (await upload('ledger.csv')).body;
    const bank = (await upload('bank.parquet')).body;
    expect([ledger.row_count, bank.row_count, bank.format]).toEqual([2000, 2000, 'parquet']);
    const started = await shell.call('POST', '/api/runs', {
      recipe_id: 'sample-ledger-bank',
      files: { ledger: ledger.upload_id, bank: bank.upload_id },
    });
    expect(started.status).toBe(202);
    const run = await finished(started.body.run_id);
    expect(run).toMatchObject({ status: 'completed', counts: sampleCounts });
    for (const set of ['matched', 'unmatched_left', 'unmatched_right'] as const) {
      const path = `/api/runs/${run.run_id}/results/${set}`;
      const page = (await shell.call('GET', `${path}?limit=10000`)).body;
      expect([page.total, page.rows.length]).toEqual([sampleCounts[set], sampleCounts[set]]);
      const csv = await shell.call('GET', `${path}?format=csv`);
      expect(csv.headers.get('content-disposition')).toContain(`sample-ledger-bank-${set}.csv`);
    }
    const fees = (
      await shell.call('GET', `/api/runs/${run.run_id}/results/matched?filter=bank_fee:gt:0&sort=-bank_fee&limit=1`)
    ).body;
    expect([fees.total, typeof fees.rows[0].bank_fee]).toEqual([180, 'string']);
    const again = await shell.call('POST', `/api/runs/${run.run_id}/retry`);
    expect(await finished(again.body.run_id)).toMatchObject({ status: 'completed', counts: sampleCounts });
    expect((await shell.call('DELETE', `/api/runs/${run.run_id}`)).status).toBe(202);
  });

  it('proposes recipes for two files that can be stored as they stand, and counts a changed one', async () => {
    const ledger = (await upload('ledger.csv')).body.upload_id;
    const bank = (await upload('bank.csv')).body.upload_id;
    const sides = { left: { upload_id: ledger }, right: { upload_id: bank } };
    const { status, body: found } = await shell.call('POST', '/api/suggestions', sides);
    expect(status).toBe(200);
    const best = found.proposals[0];
    expect(best.counts).toMatchObject({ left: 2000, right: 2000 });
    // The sample's own rule, which also knows that "INV" may be left out, finds 1,730 pairs.
    expect(best.counts.matched).toBeGreaterThan(1600);
    expect((await shell.call('POST', '/api/recipes', best.recipe)).status).toBe(201);
    const again = (await shell.call('POST', '/api/suggestions', sides)).body.proposals[0];
    expect(again.recipe).toEqual({ ...best.recipe, recipe_id: `${best.recipe.recipe_id}-2` });
    const files = { ledger, bank };
    const counted = await shell.call('POST', '/api/recipes/counts', { recipe: best.recipe, files });
    expect(counted.body).toEqual({ counts: best.counts, ambiguous: best.ambiguous, sampled: false });
    const bad = { ...best.recipe, match_sql: "SELECT * FROM read_csv('/etc/passwd')" };
    const refused = await shell.call('POST', '/api/recipes/counts', { recipe: bad, files });
    expect([refused.status, refused.body.detail]).toEqual([422, expect.stringContaining('read_csv')]);
    const gone = await shell.call('POST', '/api/suggestions', { ...sides, right: { upload_id: 'u_gone' } });
    expect([gone.status, gone.body.detail]).toEqual([404, expect.stringContaining('u_gone')]);
  });

  it(
    'reads a reference of digits alone as the text it was when the recipe was made',
    { timeout: 180_000 },
    async () => {
      const send = async (name: string, text: string) => {
        const form = new FormData();
        form.append('file', new Blob([text]), name);
        return (await shell.call('POST', '/api/uploads', form)).body;
      };
      const before = [
        await send('books.csv', 'id,ref,amount\n1,A7,10.50\n2,000123,3\n'),
        await send('bank.csv', 'no,ref,amount\n1,A7,10.50\n2,000123,3.00\n'),
      ];
      const now = [
        await send('books.csv', 'id,ref,amount\n1,1001,10\n2,1002,3\n'),
        await send('bank.csv', 'no,ref,amount\n1,1001,10.00\n2,001002,3.00\n'),
      ];
      expect(now.map((file) => file.columns[1].type)).toEqual(['int64', 'text']);
      const digits = await send('bank.csv', 'no,ref,amount\n1,1001,10\n2,1002,3\n');
      const sql =
        'SELECT l.id AS left_id, b.no AS right_no, LOWER(l.ref) AS ref FROM l JOIN b ON LOWER(l.ref) = b.ref AND l.amount = b.amount';
      const side = (alias: string, key: string) => ({
        alias,
        type: 'file',
        schema: [key, 'ref', 'amount'],
        primary_key: [key],
      });
      const recipe = {
        recipe_id: 'digits',
        name: 'Digits',
        sources: { left: side('l', 'id'), right: side('b', 'no') },
        match_sql: sql,
      };
      const files = (left: { upload_id: string }, right: { upload_id: string }) => ({
        l: left.upload_id,
        b: right.upload_id,
      });
      const run = async (recipe_id: string, left: { upload_id: string }, right: { upload_id: string }) =>
        finished((await shell.call('POST', '/api/runs', { recipe_id, files: files(left, right) })).body.run_id);

      // The types are in the recipe.
      const typed = structuredClone({ ...recipe, recipe_id: 'digits-typed' });
      Object.assign(typed.sources.left, { types: { id: 'int64', ref: 'text', amount: 'decimal(12,2)' } });
      Object.assign(typed.sources.right, { types: { no: 'int64', ref: 'text', amount: 'decimal(12,2)' } });
      expect((await shell.call('POST', '/api/recipes', typed)).status).toBe(201);
      const first = await run('digits-typed', now[0], now[1]);
      expect(first).toMatchObject({
        status: 'completed',
        counts: { matched: 1, unmatched_left: 1, unmatched_right: 1 },
      });
      const rest = await shell.call('GET', `/api/runs/${first.run_id}/results/unmatched_right`);
      expect(rest.body.rows).toEqual([{ no: '2', ref: '001002', amount: '3.00' }]);
      for (const [left, right, matched] of [
        [now[0], digits, 2],
        [before[0], digits, 0],
      ] as const) {
        const run_ = await run('digits-typed', left, right);
        expect(run_).toMatchObject({ status: 'completed', counts: { matched } });
        expect(run_.right.columns).toMatchObject([{ type: 'int64' }, { type: 'text' }, { type: 'decimal(12,2)' }]);
        const body = { recipe: typed, files: files(left, right) };
        expect((await shell.call('POST', '/api/recipes/preview', body)).body.counts).toEqual(run_.counts);
        expect((await shell.call('POST', '/api/recipes/counts', body)).body.counts).toEqual(run_.counts);
      }

      // The seed's form has none: those of the last completed run are taken.
      expect((await shell.call('POST', '/api/recipes', recipe)).status).toBe(201);
      expect(await run('digits', now[0], now[1])).toMatchObject({ status: 'failed' });
      expect(await run('digits', before[0], before[1])).toMatchObject({ status: 'completed', counts: { matched: 1 } });
      expect(await run('digits', now[0], now[1])).toMatchObject({ status: 'completed', counts: { matched: 1 } });
      expect(await run('digits', now[0], digits)).toMatchObject({ status: 'completed', counts: { matched: 2 } });

      // A proposal records them.
      const asked = { left: { upload_id: before[0].upload_id }, right: { upload_id: before[1].upload_id } };
      const [proposal] = (await shell.call('POST', '/api/suggestions', asked)).body.proposals;
      expect(proposal.recipe.sources.left.types).toMatchObject({ ref: 'text', amount: 'decimal(12,2)' });
    },
  );

  it('refuses a file whose columns do not fit, and names them', async () => {
    const { upload_id } = (await upload('bank.csv')).body;
    const answer = await shell.call('POST', '/api/runs', {
      recipe_id: 'sample-ledger-bank',
      files: { ledger: upload_id, bank: upload_id },
    });
    expect([answer.status, answer.body.detail]).toEqual([422, expect.stringContaining('"entry_id"')]);
  });

  it('names the columns that a rule or a key asks of a file without them, before anything is stored or run', async () => {
    const { recipes } = (await shell.call('GET', '/api/recipes')).body;
    const sample = recipes.find(({ recipe_id }: { recipe_id: string }) => recipe_id === 'sample-ledger-bank');
    expect((await shell.call('POST', '/api/recipes/validate', sample)).body).toEqual({
      valid: true,
      errors: [],
      warnings: [],
    });
    const wrong = structuredClone(sample);
    wrong.match_sql = wrong.match_sql.replace('l.currency = b.currency', 'l.curency = b.currency');
    wrong.sources.right.primary_key = ['statement'];
    const { status, body } = await shell.call('POST', '/api/recipes/validate', wrong);
    expect([status, body.valid]).toEqual([200, false]);
    expect(body.errors).toContainEqual({
      message: '"ledger" has no column "curency".',
      hint: expect.stringContaining('"currency"'),
      position: wrong.match_sql.indexOf('l.curency'),
    });
    expect(body.errors).toContainEqual({
      message: 'The key column "statement" is not in "bank".',
      hint: expect.stringContaining('"statement_id"'),
      field: 'statement',
    });
    const refused = await shell.call('POST', '/api/recipes', { ...wrong, recipe_id: 'wrong-columns' });
    expect([refused.status, refused.body.detail]).toEqual([422, expect.stringMatching(/has no column|is not in/)]);
  });

  it('says where the fault lies: in the address of a side, or in options that a shell cut off', async () => {
    const { recipes } = (await shell.call('GET', '/api/recipes')).body;
    const sample = recipes.find(({ recipe_id }: { recipe_id: string }) => recipe_id === 'sample-ledger-bank');
    const bank = { alias: 'bank', uri: 'ftp://bank.example/bank.csv', primary_key: ['statement_id'] };
    const recipe = { ...sample, recipe_id: 'by-address', sources: { ...sample.sources, right: bank } };
    const refused = await shell.call('POST', '/api/recipes', recipe);
    expect(refused.body).toMatchObject({
      type: 'https://kalla.dev/problems/validation',
      errors: [{ field: 'sources.right.uri', message: expect.stringContaining('no connector reads "ftp:"') }],
    });
    const form = new FormData();
    form.append('file', await openAsBlob(join(samples, 'bank.csv')), 'bank.csv');
    form.append('options', '{"delimiter":"');
    const cut = await shell.call('POST', '/api/uploads', form);
    expect([cut.status, cut.body.detail]).toEqual([400, expect.stringContaining('give it by --form-string')]);
  });

  it('never gives a secret back, and keeps one that a change does not name', async () => {
    const body = {
      alias: 'invoices',
      type: 'postgres',
      uri: 'postgres://u:s3cr3t@h:5432/db?table=public.invoices',
      primary_key: ['id'],
    };
    const created = await shell.call('POST', '/api/sources', body);
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      alias: 'invoices',
      uri: 'postgres://u@h:5432/db?table=public.invoices',
      secrets_set: ['password'],
    });
    const kept = await shell.call('PATCH', '/api/sources/invoices', {
      config: { host: 'h', database: 'other', user: 'u' },
    });
    expect(kept.body).toMatchObject({ secrets_set: ['password'], config: { database: 'other' } });
    // Not to another server: whoever changes the address would be sent the password.
    const elsewhere = { host: 'other', database: 'db', user: 'u' };
    const source = { alias: 'invoices', type: 'postgres', config: elsewhere };
    for (const refused of [
      await shell.call('PATCH', '/api/sources/invoices', { config: elsewhere }),
      await shell.call('PATCH', '/api/sources/invoices', { uri: 'postgres://u@other:5432/db?table=public.invoices' }),
      await shell.call('POST', '/api/inspect/check', { source }),
    ]) {
      expect([refused.status, refused.body.errors?.[0]?.field]).toEqual([422, 'config.password']);
      expect(refused.body.detail).toContain('"host" leads to another server');
    }
    const changed = await shell.call('PATCH', '/api/sources/invoices', {
      config: { ...elsewhere, password: 'n3w-s3cr3t' },
    });
    expect(changed.body).toMatchObject({ secrets_set: ['password'], config: { host: 'other' } });
    const seen = JSON.stringify([created.body, changed.body, (await shell.call('GET', '/api/sources')).body]);
    expect(seen).not.toContain('s3cr3t');
  });

  it('fails a run at once, in words, when its worker was killed', async () => {
    const files = {
      ledger: (await upload('ledger.csv')).body.upload_id,
      bank: (await upload('bank.csv')).body.upload_id,
    };
    worker.process.kill('SIGKILL');
    await new Promise((done) => worker.process.once('exit', done));
    const started = await shell.call('POST', '/api/runs', { recipe_id: 'sample-ledger-bank', files });
    expect(await finished(started.body.run_id)).toMatchObject({
      status: 'failed',
      error: { detail: expect.stringContaining('worker') },
    });
  });
});
