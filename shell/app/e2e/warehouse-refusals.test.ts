import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Run } from '@kalla/core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createDataset, type TestDataset } from '../../../testing/bigquery-dataset.ts';
import { startFront, type Front } from '../../../testing/bigquery-front.ts';
import {
  isNextPage,
  opensMoment,
  startElasticsearchFront,
  type ElasticsearchFront,
} from '../../../testing/elasticsearch-front.ts';
import { describeWith } from '../../../testing/require-part.ts';
import { createIndices, type Indices } from '../../testing/indices.ts';
import { startKalla, type RunningKalla } from './start-kalla.ts';
import { launchChromium, withPage as withAnyPage } from './with-page.ts';

/** `KALLA_TEST_SCREENSHOTS=folder` keeps pictures of the steps, to be looked at. */
const pictures = process.env.KALLA_TEST_SCREENSHOTS;
const id = randomBytes(5).toString('hex');
const ROWS = 1500;

describeWith('chromium', 'what a warehouse refuses, in a browser', (executablePath) => {
  let kalla: RunningKalla;
  let browser: Browser;
  beforeAll(async () => {
    if (pictures) mkdirSync(pictures, { recursive: true });
    [kalla, browser] = await Promise.all([startKalla({ KALLA_SAMPLE: '0' }), launchChromium(executablePath)]);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await kalla?.stop();
  });

  const withPage = (body: (page: Page) => Promise<void>) =>
    withAnyPage(browser, kalla.address, {}, async (page, complaints) => {
      page.setDefaultTimeout(90_000);
      await body(page);
      // The browser writes down every answer that is a refusal; anything else is a fault.
      expect(complaints.filter((line) => !/status of 4\d\d/.test(line))).toEqual([]);
    });
  const picture = async (page: Page, name: string) => {
    if (pictures) await page.screenshot({ path: path.join(pictures, `refusal-${name}.png`), fullPage: true });
  };
  async function look(page: Page, name: string) {
    await picture(page, name);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((one) => `${name} ${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
  }
  async function post(address: string, body: object) {
    const response = await fetch(kalla.address + address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status, await response.text()).toBe(201);
  }
  /** A recipe of two sources whose rows are the same: `entry` and `amount` on the left, `reference` and `paid` on the right. */
  const recipe = (left: string, right: string, [leftKey, rightKey]: readonly [string, string]) =>
    post('/api/recipes', {
      recipe_id: left,
      name: `Check of ${left}`,
      description: '',
      sources: { left: { alias: left, primary_key: [leftKey] }, right: { alias: right, primary_key: [rightKey] } },
      match_sql:
        `SELECT l.${leftKey} AS left_${leftKey}, r.${rightKey} AS right_${rightKey}, l.amount, r.paid ` +
        `FROM ${left} l JOIN ${right} r ON l.entry = r.reference AND l.amount = r.paid`,
      match_description: 'The reference names the entry, and the amounts are the same.',
    });
  async function start(page: Page, recipeId: string) {
    await page.goto(`/recipes/${recipeId}/run`);
    await page.getByRole('button', { name: 'Start the run' }).click();
    await page.waitForURL(/\/runs\//);
  }
  async function runAgain(page: Page) {
    const before = page.url();
    await page.getByRole('button', { name: 'Run again' }).click();
    await page.waitForURL((url) => url.pathname.startsWith('/runs/') && url.href !== before);
  }
  /** What the page says of a run that failed: in words, and nothing of it looks like a result. */
  async function failure(page: Page, name: string): Promise<string> {
    const notice = page.getByRole('alert').filter({ hasText: 'The run failed' });
    await notice.waitFor();
    // The notice is the same in each of them.
    await (name === 'closed' || name === 'run-permission' ? look : picture)(page, name);
    expect(await page.getByRole('region', { name: 'Result', exact: true }).count()).toBe(0);
    return (await notice.innerText()).replaceAll(/\s+/g, ' ');
  }
  /** A run that failed half-way has no counts and no rows to give, and the page offers no file of them. */
  async function nothingOfIt(page: Page) {
    const address = `${kalla.address}/api/runs/${new URL(page.url()).pathname.split('/').at(-1)}`;
    expect(await (await fetch(address)).json()).toMatchObject({ status: 'failed', counts: null });
    for (const set of ['matched', 'unmatched_left', 'unmatched_right'])
      expect((await fetch(`${address}/results/${set}`)).status).toBe(409);
    expect(await page.getByText('Download', { exact: true }).count()).toBe(0);
    expect(await page.getByText('Every row of both sides is accounted for.').count()).toBe(0);
  }
  async function counts(page: Page): Promise<Run['counts']> {
    const runId = new URL(page.url()).pathname.split('/').at(-1);
    const read = async () => (await (await fetch(`${kalla.address}/api/runs/${runId}`)).json()) as Run;
    // Until the page of the next run stands there, that of the run before says the same sentence.
    await expect.poll(async () => (await read()).status, { timeout: 90_000 }).toBe('completed');
    await page.getByText('Every row of both sides is accounted for.').waitFor();
    return (await read()).counts;
  }
  const whole = { left: ROWS, right: ROWS, matched: ROWS, unmatched_left: 0, unmatched_right: 0 };

  describeWith('elasticsearch', 'with Elasticsearch', (elasticsearch) => {
    let front: ElasticsearchFront;
    let indices: Indices;
    beforeAll(async () => {
      front = await startElasticsearchFront(elasticsearch);
      indices = createIndices(elasticsearch, `kalla-${id}-`);
      const documents = Array.from({ length: ROWS }, (_, n) => ({ reference: `E-${n}`, paid: `${n}.25` }));
      const table = await indices.make('bank', keywords('reference', 'paid'), documents);
      await post('/api/sources', sourceOf('bank', table, elasticsearch));
    }, 120_000);
    afterAll(async () => {
      await front?.[Symbol.asyncDispose]();
      await indices?.stop();
    });

    const sourceOf = (alias: string, table: string, server = front.url) => ({
      alias,
      type: 'elasticsearch',
      config: { server, auth: { kind: 'none' } },
      table,
      primary_key: ['_id'],
    });
    const ledger = (name: string) =>
      indices.make(
        name,
        keywords('entry', 'amount'),
        Array.from({ length: ROWS }, (_, n) => ({ entry: `E-${n}`, amount: `${n}.25` })),
      );

    it('reads one moment of an index that changes meanwhile', { timeout: 300_000 }, async () => {
      const table = await ledger('moving');
      await post('/api/sources', sourceOf('moving', table));
      await recipe('moving', 'bank', ['_id', '_id']);
      await withPage(async (page) => {
        const changed = front.before(isNextPage, async () => {
          await indices.call('PUT', `/${table}/_mapping`, { properties: { note: { type: 'keyword' } } });
          await indices.call('PUT', `/${table}/_doc/1400`, { entry: 'E-1400', amount: '0.01', note: 'changed' });
          await indices.call('DELETE', `/${table}/_doc/1450`);
          for (const n of [ROWS, ROWS + 1])
            await indices.call('PUT', `/${table}/_doc/${n}`, { entry: `E-${n}`, amount: `${n}.25`, note: 'new' });
          await indices.call('POST', `/${table}/_refresh`);
        });
        await start(page, 'moving');
        expect(await counts(page)).toMatchObject(whole);
        // It was under way, so that the counts say something.
        await changed;
        // And the next run is about what is there then.
        await runAgain(page);
        expect(await counts(page)).toMatchObject({
          left: ROWS + 1,
          right: ROWS,
          matched: ROWS - 2,
          unmatched_left: 3,
          unmatched_right: 2,
        });
      });
    });

    it('says that an index was deleted, closed or exchanged while it was read', { timeout: 300_000 }, async () => {
      const table = await ledger('going');
      const without = await indices.make('without', keywords('entry'), [{ entry: 'E-1' }]);
      const alias = `kalla-${id}-current`;
      const point = (from: string, to: string) =>
        indices.call('POST', '/_aliases', {
          actions: [{ remove: { index: from, alias, must_exist: false } }, { add: { index: to, alias } }],
        });
      await point(without, table);
      await post('/api/sources', sourceOf('going', table));
      await post('/api/sources', { ...sourceOf('current', alias), primary_key: ['entry'] });
      await recipe('going', 'bank', ['_id', '_id']);
      await recipe('current', 'bank', ['entry', '_id']);
      await withPage(async (page) => {
        let change = front.before(isNextPage, () => indices.call('POST', `/${table}/_close`));
        await start(page, 'going');
        expect(await failure(page, 'closed')).toMatch(
          /Source "going" .* closed while it was being read\. .* not used\. .*\/_open/,
        );
        await change;
        await indices.call('POST', `/${table}/_open?wait_for_active_shards=1`);

        change = front.before(isNextPage, () => indices.call('DELETE', `/${table}`));
        await runAgain(page);
        expect(await failure(page, 'deleted')).toMatch(
          /deleted while it was being read\. .* not used\. Have it put back/,
        );
        await change;
        await ledger('going');
        // An alias goes with its index.
        await point(without, table);
        await runAgain(page);
        expect(await counts(page)).toMatchObject(whole);

        change = front.before(opensMoment, () => point(table, without));
        await start(page, 'current');
        expect(await failure(page, 'exchanged')).toMatch(/field "amount" is not there/);
        await change;
        await point(without, table);
        await runAgain(page);
        expect(await counts(page)).toMatchObject(whole);
      });
    });

    it('sets up an index with 5,000 fields on a page that stays quick', { timeout: 300_000 }, async () => {
      // As Elasticsearch itself makes them of texts that it meets, and numbers.
      const text = { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: 256 } } };
      const names = Array.from({ length: 5000 }, (_, n) => `f${String(n).padStart(4, '0')}`);
      const documents = Array.from({ length: 20 }, (_, row) =>
        Object.fromEntries(names.map((name, n) => [name, n % 2 ? row : `${name} of ${row}`])),
      );
      const properties = Object.fromEntries(names.map((name, n) => [name, n % 2 ? { type: 'long' } : text]));
      const table = await indices.make('wide', properties, documents, { 'index.mapping.total_fields.limit': 8000 });
      await withPage(async (page) => {
        await page.goto('/sources/new');
        await page
          .getByLabel('Or paste a connection string')
          .fill(`elasticsearch+http://${new URL(elasticsearch).host}`);
        await page.getByRole('button', { name: 'Fill in the form' }).click();
        await page.getByRole('button', { name: 'Check the connection' }).click();
        await page.getByRole('combobox', { name: 'Search the tables' }).fill(table);
        await page.getByRole('listbox', { name: 'Tables' }).getByRole('option', { name: table }).click();
        await page.getByText('5,001 columns', { exact: true }).waitFor();
        await page.getByText('20 rows, 20 different values').waitFor();
        const rows = page.getByRole('group', { name: 'First rows' });
        await rows.getByText('f0000 of 0', { exact: true }).waitFor();
        // The first hundred are enough to see what it is. The others have a name and a type, and are read when they are asked for.
        await page.getByText('Showing the first 100 of 5,001 columns.').waitFor();
        const readThem = page.getByRole('button', { name: 'Read the columns in view' });
        expect(await readThem.getAttribute('aria-disabled')).toBe('true');
        const find = page.getByRole('searchbox', { name: 'Find a column' });
        await find.fill('f3000');
        await rows.getByText('unread').first().waitFor();
        await readThem.click();
        await rows.getByText('f3000 of 0', { exact: true }).waitFor();
        await page.getByText('Showing 1 of 5,001 columns.').waitFor();
        await find.fill('');
        const parts = () => page.evaluate(() => document.querySelectorAll('*').length);
        expect(await parts()).toBeLessThan(3000);
        await page.getByText('Remarks about the columns').click();
        await page.getByText('hold the same values and are not read').first().waitFor();
        await look(page, 'wide');
        expect(await parts()).toBeLessThan(3000);

        // The last column is reached, found by name, taken into the key and counted.
        await rows.evaluate((element) => (element.scrollLeft = element.scrollWidth));
        await rows.getByText('f4999', { exact: true }).waitFor();
        const add = page.getByRole('combobox', { name: 'Add a column' });
        await add.fill('f4999');
        await page.getByRole('option', { name: 'f4999' }).click();
        await page.getByRole('list', { name: 'Key' }).getByText('f4999', { exact: true }).waitFor();
        await page.getByRole('button', { name: 'Take f4999 out of the key' }).click();
        await page.getByText('20 rows, 20 different values').waitFor();
        await page.getByLabel('Name of the source').fill('wide');
        await page.getByRole('button', { name: 'Save the source' }).click();
        await page.waitForURL('**/sources');
        await page.getByRole('heading', { name: 'wide', exact: true }).waitFor();
      });
    });
  });

  // The local BigQuery knows neither quotas nor rights. A front before it answers in its place as Google's own service does, and
  // passes everything else on: the data, the sign-in by a key and the gRPC streams are real.
  describeWith('bigquery', 'with BigQuery', (bigquery) => {
    let front: Front;
    let warehouse: TestDataset;
    beforeAll(async () => {
      const storage = process.env.KALLA_TEST_BIGQUERY_GRPC ?? '';
      front = await startFront({ url: bigquery, grpc: storage });
      warehouse = await createDataset(bigquery, `kalla_${id}`);
      const rows = `UNNEST(GENERATE_ARRAY(0, ${ROWS - 1})) AS n`;
      await warehouse.sql(
        `CREATE TABLE @@.ledger AS SELECT CONCAT('E-', n) AS entry, CAST(n AS NUMERIC) / 4 AS amount FROM ${rows}`,
      );
      await warehouse.sql(
        `CREATE TABLE @@.bank AS SELECT CONCAT('E-', n) AS reference, CAST(n AS NUMERIC) / 4 AS paid FROM ${rows}`,
      );
      await warehouse.sql(`CREATE TABLE @@.payroll AS SELECT 'P-1' AS payee`);
      await source('books', 'ledger', 'entry', { endpoint: front.url, storage_endpoint: front.grpc });
      await source('receipts', 'bank', 'reference', {
        credentials: { kind: 'none' },
        endpoint: bigquery,
        storage_endpoint: storage,
      });
      await recipe('books', 'receipts', ['entry', 'reference']);
    }, 120_000);
    afterEach(() => front.clear());
    afterAll(async () => {
      await front?.[Symbol.asyncDispose]();
      await warehouse?.stop();
    });

    const source = (alias: string, table: string, key: string, more: object) =>
      post('/api/sources', {
        alias,
        type: 'bigquery',
        config: {
          project: warehouse.project,
          dataset: warehouse.dataset,
          credentials: { kind: 'service-account', key: front.key },
          ...more,
        },
        table: `${warehouse.dataset}.${table}`,
        primary_key: [key],
      });
    const quota = {
      status: 403,
      reason: 'quotaExceeded',
      message: 'Quota exceeded: Your project exceeded quota for tabledata.list bytes per minute per project.',
    };
    const denied = (what: string) => ({ status: 403, reason: 'accessDenied', message: `Access Denied: ${what}` });

    it('says at the source which quota is used up and which right is missing', { timeout: 300_000 }, async () => {
      const dataset = `${warehouse.project}:${warehouse.dataset}`;
      await withPage(async (page) => {
        const steps = page.getByRole('list', { name: 'Steps of the check' });
        const again = page.getByRole('button', { name: 'Check again' });
        front.inject({ path: '/tables', rest: quota });
        await page.goto('/sources/books/edit');
        await steps.getByText(`A quota of project "${warehouse.project}" is used up: ${quota.message}`).waitFor();
        await steps.getByText('Wait until it renews', { exact: false }).waitFor();
        await look(page, 'check-quota');

        front.clear();
        const right = `Permission bigquery.tables.list denied on dataset ${dataset} (or it may not exist).`;
        front.inject({ path: '/tables', rest: denied(`Dataset ${dataset}: ${right}`) });
        await again.click();
        await steps.getByText(right, { exact: false }).waitFor();
        await steps.getByText('--role=roles/bigquery.dataViewer', { exact: false }).waitFor();
        await picture(page, 'check-permission');

        // The check may look, and the list of the page that comes a moment later may not any more.
        front.clear();
        front.inject({ path: /\/tables\?.*maxResults=100\b/, rest: quota });
        await again.click();
        const list = page.getByRole('alert').filter({ hasText: 'The tables could not be listed' });
        await list.getByText('is used up', { exact: false }).waitFor();
        await picture(page, 'list-quota');
        front.clear();
        await list.getByRole('button', { name: 'Try again' }).click();
        const tables = page.getByRole('listbox', { name: 'Tables' });
        await tables.getByRole('option', { name: /\.ledger/, selected: true }).waitFor();

        // One table of several that this account may not look at: the others stay open to it.
        const secret = `Permission bigquery.tables.get denied on table ${dataset}.payroll (or it may not exist).`;
        front.inject({ path: '/tables/payroll', rest: denied(`Table ${dataset}.payroll: ${secret}`) });
        await tables.getByRole('option', { name: /\.payroll/ }).click();
        const rows = page.getByRole('alert').filter({ hasText: 'The rows could not be read' });
        await rows.getByText(`may not read table ${warehouse.dataset}.payroll`, { exact: false }).waitFor();
        await look(page, 'describe-permission');
        await tables.getByRole('option', { name: /\.ledger/ }).click();
        await page.getByText('1,500 rows, 1,500 different values').waitFor();
        await rows.waitFor({ state: 'detached' });
        // What was filled in is still there, and the key is where it was and nowhere else.
        await page.getByText('One is stored. Leave this empty to keep it.').waitFor();
        expect(await page.content()).not.toContain('PRIVATE KEY');
      });
    });

    it(
      'says in the run what was refused in the middle, and runs when it is allowed again',
      { timeout: 300_000 },
      async () => {
        await withPage(async (page) => {
          const message = "Quota exceeded for quota metric 'Read data plane requests' per minute of consumer.";
          front.inject({ path: 'ReadRows', grpc: { status: 8, message } });
          await start(page, 'books');
          expect(await failure(page, 'run-quota')).toMatch(
            /Source "books" could not be read\. A quota of project .* is used up: Quota .* Wait until it renews/,
          );

          front.clear();
          const right = "the user does not have 'bigquery.readsessions.getData' permission for 'projects/kalla-test'";
          front.inject({ path: 'ReadRows', grpc: { status: 7, message: `request failed: ${right}` } });
          await runAgain(page);
          expect(await failure(page, 'run-permission')).toMatch(
            /may not read rows .*projects\/kalla-test'\. An administrator .*--role=roles\/bigquery\.readSessionUser/,
          );

          front.clear();
          await runAgain(page);
          expect(await counts(page)).toMatchObject(whole);
        });
      },
    );

    it(
      'says what was refused after rows had arrived, shows none of them, and runs when it is allowed again',
      { timeout: 300_000 },
      async () => {
        // More than one message of a stream has, and more than one page of REST.
        const many = 60_000;
        const rows = `UNNEST(GENERATE_ARRAY(0, ${many - 1})) AS n`;
        await warehouse.sql(
          `CREATE TABLE @@.postings AS SELECT CONCAT('E-', n) AS entry, CAST(n AS NUMERIC) / 4 AS amount FROM ${rows}`,
        );
        const streamed = { endpoint: front.url, storage_endpoint: front.grpc };
        await source('postings', 'postings', 'entry', streamed);
        await source('paged', 'postings', 'entry', { endpoint: front.url });
        await recipe('postings', 'receipts', ['entry', 'reference']);
        await recipe('paged', 'receipts', ['entry', 'reference']);
        const all = {
          left: many,
          right: ROWS,
          matched: ROWS,
          unmatched_left: many - ROWS,
          unmatched_right: 0,
        };
        await withPage(async (page) => {
          const message = "Quota exceeded for quota metric 'Read data plane bytes' per day of consumer.";
          front.inject({ path: 'ReadRows', breakAfterMessages: 1, grpc: { status: 8, message } });
          await start(page, 'postings');
          expect(await failure(page, 'midway-quota')).toMatch(
            /Source "postings" could not be read\. A quota of project .* is used up: Quota .* Wait until it renews/,
          );
          await nothingOfIt(page);

          front.clear();
          const right = "the user does not have 'bigquery.readsessions.getData' permission for 'projects/kalla-test'";
          front.inject({
            path: 'ReadRows',
            breakAfterMessages: 1,
            grpc: { status: 7, message: `request failed: ${right}` },
          });
          await runAgain(page);
          expect(await failure(page, 'midway-permission')).toMatch(
            /may not read rows .*projects\/kalla-test'\. An administrator .*--role=roles\/bigquery\.readSessionUser/,
          );
          await nothingOfIt(page);
          front.clear();
          await runAgain(page);
          expect(await counts(page)).toMatchObject(all);

          // The pages of a list after the first one.
          const nextPage = /\/data\?.*pageToken=/;
          front.inject({ path: nextPage, rest: quota });
          await start(page, 'paged');
          expect(await failure(page, 'midway-list-quota')).toMatch(
            /Source "paged" could not be read\. A quota of project .* is used up: Quota .* Wait until it renews/,
          );
          await nothingOfIt(page);
          front.clear();
          const data = `Permission bigquery.tables.getData denied on table ${warehouse.dataset}.postings.`;
          front.inject({ path: nextPage, rest: denied(data) });
          await runAgain(page);
          expect(await failure(page, 'midway-list-permission')).toMatch(
            /may not read table .*postings: .*getData denied .*--role=roles\/bigquery\.dataViewer/,
          );
          await nothingOfIt(page);
          front.clear();
          await runAgain(page);
          expect(await counts(page)).toMatchObject(all);
        });
      },
    );
  });
});

function keywords(...names: string[]): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, { type: 'keyword' }]));
}
