import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Run } from '@kalla/core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../testing/require-part.ts';
import { proposedCounts } from '../../../testing/sample-counts.ts';
import { createSamplePlaces, ledgerWorkbook, type SamplePlaces } from '../../testing/sample-places.ts';
import { startKalla, type RunningKalla } from './start-kalla.ts';
import { launchChromium, withPage as withAnyPage } from './with-page.ts';

/** `KALLA_TEST_SCREENSHOTS=folder` keeps pictures of the steps, to be looked at. */
const pictures = process.env.KALLA_TEST_SCREENSHOTS;

describeWith('chromium', 'warehouses, databases and workbooks reconciled in a browser', (executablePath) => {
  describeWith('bigquery', 'with BigQuery', (bigquery) => {
    describeWith('elasticsearch', 'with Elasticsearch', (elasticsearch) => {
      describeWith('postgres', 'with PostgreSQL', (postgres) => {
        let kalla: RunningKalla;
        let browser: Browser;
        let sample: SamplePlaces;

        beforeAll(async () => {
          if (pictures) mkdirSync(pictures, { recursive: true });
          [kalla, browser, sample] = await Promise.all([
            startKalla({ KALLA_SAMPLE: '0' }),
            launchChromium(executablePath),
            createSamplePlaces({ bigquery, elasticsearch, postgres }),
          ]);
        }, 180_000);
        afterAll(async () => {
          await browser?.close();
          await kalla?.stop();
          await sample?.stop();
        });

        /** Opens a page that waits as long as a busy machine needs, and fails the test on what the browser complains about. */
        const withPage = (body: (page: Page) => Promise<void>) =>
          withAnyPage(browser, kalla.address, {}, async (page, complaints) => {
            page.setDefaultTimeout(90_000);
            await body(page);
            expect(complaints).toEqual([]);
          });
        const picture = async (page: Page, name: string) => {
          if (pictures) await page.screenshot({ path: path.join(pictures, `warehouses-${name}.png`), fullPage: true });
        };

        /** From a connection string to a saved source: connection, table, proven key, name. */
        async function setUp(page: Page, alias: string, uri: string, key: string) {
          const { server, table } = withoutTable(uri);
          await page.goto('/sources/new');
          await page.getByLabel('Or paste a connection string').fill(server);
          await page.getByRole('button', { name: 'Fill in the form' }).click();
          await page.getByRole('button', { name: 'Check the connection' }).click();
          await page.getByRole('combobox', { name: 'Search the tables' }).fill(table);
          await page.getByRole('listbox', { name: 'Tables' }).getByRole('option').first().click();
          await page.getByText('2,000 rows, 2,000 different values').waitFor();
          await page.getByRole('list', { name: 'Key' }).getByText(key, { exact: true }).waitFor();
          await picture(page, `source-${alias}`);
          await page.getByLabel('Name of the source').fill(alias);
          await page.getByRole('button', { name: 'Save the source' }).click();
          await page.waitForURL('**/sources');
          await page.getByRole('heading', { name: alias, exact: true }).waitFor();
        }

        const sideOf = (page: Page, name: 'Left side' | 'Right side') => page.getByRole('region', { name });
        async function choose(page: Page, name: 'Left side' | 'Right side', alias: string) {
          const box = sideOf(page, name).getByRole('combobox', { name: 'A source that is set up' });
          await box.fill(alias);
          await page.getByRole('option', { name: alias }).first().click();
        }

        /** Takes what is proposed first, saves and runs it, and reads on the page of the run what came out. */
        async function saveAndRun(page: Page, name: string, sides: readonly [left: string, right: string]) {
          await page.getByText('Proposal: ').waitFor();
          await page.locator('.rb-counts:not(.rb-counts-stale)').waitFor();
          await page.getByLabel('Name', { exact: true }).fill(name);
          await picture(page, `${sides.join('-')}-recipe`);
          await page.getByRole('button', { name: 'Save and run' }).click();
          await page.waitForURL(/\/runs\//);
          await page.getByText('Every row of both sides is accounted for.').waitFor();
          await picture(page, `${sides.join('-')}-run`);
          const runId = new URL(page.url()).pathname.split('/').at(-1);
          const run = (await (await fetch(`${kalla.address}/api/runs/${runId}`)).json()) as Run;
          expect(run).toMatchObject({ recipe_name: name, status: 'completed', counts: proposedCounts });
          const { matched_left_rows, unmatched_left, matched_right_rows, unmatched_right } = proposedCounts;
          const number = (count: number) => count.toLocaleString('en-GB');
          const equations = await page.locator('.rv-side').allInnerTexts();
          expect(equations.map((text) => text.replaceAll(/\s+/g, ' '))).toEqual([
            expect.stringContaining(
              `2,000 rows = ${number(matched_left_rows)} matched + ${number(unmatched_left)} unmatched`,
            ),
            expect.stringContaining(
              `2,000 rows = ${number(matched_right_rows)} matched + ${number(unmatched_right)} unmatched`,
            ),
          ]);
          for (const [index, alias] of sides.entries()) expect(equations[index]).toContain(alias);
        }

        it('sets sources up and reconciles each pair', { timeout: 400_000 }, async () => {
          await withPage(async (page) => {
            const { bigquery, elasticsearch, postgres } = sample;
            await setUp(page, 'warehouse', bigquery.uri, 'entry_id');
            // What the server itself tells documents apart by comes before what the data show.
            await setUp(page, 'statement_index', elasticsearch.uri, '_id');
            await setUp(page, 'statement_table', postgres.uri, 'statement_id');
            for (const right of ['statement_index', 'statement_table']) {
              await page.goto('/recipes/new');
              await choose(page, 'Left side', 'warehouse');
              await choose(page, 'Right side', right);
              await saveAndRun(page, `Warehouse and ${right}`, ['warehouse', right]);
            }
            const buffer = Buffer.from(await ledgerWorkbook());
            await page.goto('/recipes/new');
            await sideOf(page, 'Left side')
              .locator('input[type=file]')
              .setInputFiles({ name: 'ledger.xlsx', mimeType: 'application/octet-stream', buffer });
            await choose(page, 'Right side', 'statement_index');
            await saveAndRun(page, 'Workbook and index', ['ledger', 'statement_index']);
          });
        });
      });
    });
  });
});

/** A connection string without its table, which is then chosen on the page, and what to type to find it. */
function withoutTable(uri: string): { server: string; table: string } {
  const url = new URL(uri);
  const table = url.searchParams.get('table') ?? url.pathname.slice(1);
  if (url.searchParams.has('table')) url.searchParams.delete('table');
  else url.pathname = '';
  return { server: url.href, table: table.split('.').at(-1) ?? '' };
}
