import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Run } from '@kalla/core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startVerdaccio } from '../../../scripts/parts/verdaccio.mjs';
import { describeWith } from '../../../testing/require-part.ts';
import { authorAt, publishOurs, type Author } from '../../testing/registry/author.ts';
import { seedWithInstalled } from '../../testing/registry/seed-with-installed.ts';
import { registryUser } from '../../testing/registry/test-registry.ts';
import { startKalla, type RunningKalla } from './start-kalla.ts';
import { launchChromium, withPage } from './with-page.ts';

/** `KALLA_TEST_SCREENSHOTS=folder` keeps pictures of the steps, to be looked at. */
const pictures = process.env.KALLA_TEST_SCREENSHOTS;
const NAME = 'kalla-connector-quarry';

/**
 * The whole way of an author, as the guide has it: nothing of the repository is used but what was published from it to a registry
 * that knows no other.
 */
describeWith('chromium', 'a new connector', (executablePath) => {
  describeWith('verdaccio', 'from nothing to a reconciled run', () => {
    let registry: Awaited<ReturnType<typeof startVerdaccio>>;
    let author: Author;
    let kalla: RunningKalla;
    let browser: Browser;
    let scratch: string;
    beforeAll(async () => {
      if (pictures) mkdirSync(pictures, { recursive: true });
      scratch = mkdtempSync(path.join(tmpdir(), 'kalla-author-'));
      // Of its own: other tests count what the shared registry has.
      const made = JSON.parse(
        readFileSync(path.join(import.meta.dirname, '../../../plugins/create-connector/package.json'), 'utf8'),
      ) as { kallaTemplate: object; kallaTemplatePanel: object };
      const tools = [...Object.keys({ ...made.kallaTemplate, ...made.kallaTemplatePanel }), 'apache-arrow'];
      registry = await startVerdaccio({ seed: (storage) => seedWithInstalled(tools, storage) });
      author = authorAt(path.join(scratch, 'home'), await registryUser(registry.url));
      await publishOurs(author);
      [kalla, browser] = await Promise.all([
        startKalla({
          KALLA_SAMPLE: '0',
          KALLA_NPM_REGISTRY: registry.url,
          KALLA_DATA_DIR: path.join(scratch, 'data'),
        }),
        launchChromium(executablePath),
      ]);
    }, 300_000);
    afterAll(async () => {
      await browser?.close();
      await kalla?.stop();
      await registry?.stop();
      rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
    });
    const picture = async (page: Page, name: string) => {
      if (pictures) await page.screenshot({ path: path.join(pictures, `new-connector-${name}.png`), fullPage: true });
    };

    it('is made, tested, built, packed and published with npm alone', { timeout: 600_000 }, async () => {
      const work = path.join(scratch, 'work');
      mkdirSync(work);
      const said = await author.npm(
        work,
        'create',
        '--yes',
        '@kalla/connector',
        'quarry',
        '--',
        '--title',
        'Quarry ledger',
        '--panel',
      );
      expect(said).toContain(`Made ${NAME} in quarry.`);
      const folder = path.join(work, 'quarry');
      await author.npm(folder, 'install');
      expect(await author.npm(folder, 'test')).toMatch(/Tests .*passed/);
      await author.npm(folder, 'run', 'build');
      for (const file of ['index.js', 'config.schema.json', 'panel/mf-manifest.json'])
        expect([file, existsSync(path.join(folder, 'dist', file))]).toEqual([file, true]);
      expect(await author.npm(folder, 'pack')).toContain(`${NAME}-0.1.0.tgz`);
      // It type-checks, tests and builds once more, as the package says.
      expect(await author.npm(folder, 'publish')).toContain(`+ ${NAME}@0.1.0`);
    });

    it(
      'is found, installed, set up with its own form and reconciled with, all in the browser',
      { timeout: 600_000 },
      async () => {
        await withPage(browser, kalla.address, {}, async (page, complaints) => {
          page.setDefaultTimeout(120_000);
          await page.goto('/');
          await page.getByRole('navigation').getByRole('link', { name: 'Connectors' }).click();
          await page.getByLabel('Words to look for').fill('quarry');
          await page.getByRole('button', { name: 'Search' }).click();
          await page.getByRole('button', { name: `Install ${NAME} 0.1.0` }).click();
          await page.getByText(`${NAME} 0.1.0 is installed.`).waitFor();
          await picture(page, '1-installed');

          await page.getByRole('main').getByRole('link', { name: 'Add a source' }).click();
          await page.getByRole('button', { name: 'Connect to Quarry ledger' }).click();
          await page.getByRole('button', { name: 'Use the source in memory' }).click();
          await page.getByRole('button', { name: 'Check the connection' }).click();
          await page.getByRole('option', { name: /payments/ }).click();
          await page.getByText('Tells every row apart').waitFor();
          await page.getByLabel('Name of the source').fill('quarry_payments');
          await page.getByRole('button', { name: 'Save the source' }).click();
          await page.getByText('The source quarry_payments is saved.').waitFor();

          await page.goto('/recipes/new');
          const left = page.getByRole('region', { name: 'Left side' });
          await left.getByLabel('A source that is set up').fill('quarry');
          await page.getByRole('option', { name: /quarry_payments/ }).click();
          const paid = path.join(scratch, 'paid.csv');
          writeFileSync(paid, 'ref,paid\n1001,250.00\n1002,-19.90\n1003,1204.50\n4711,12.00\n');
          await page.getByRole('region', { name: 'Right side' }).locator('input[type=file]').setInputFiles(paid);
          await picture(page, '2-sides');
          await page.locator('.rb-condition').first().waitFor();
          await page
            .locator('.rb-counts:not(.rb-counts-stale)')
            .getByText('3 of 5 matched, 2 unmatched', { exact: true })
            .waitFor();
          await picture(page, '3-rule');
          await page.getByRole('button', { name: 'Save and run' }).click();
          await page.waitForURL(/\/runs\//);
          await page.getByText('Every row of both sides is accounted for.').waitFor();
          await picture(page, '4-run');
          const runId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
          const run = (await (await fetch(`${kalla.address}/api/runs/${runId}`)).json()) as Run;
          expect(run.counts).toMatchObject({ left: 5, right: 4, matched: 3, unmatched_left: 2, unmatched_right: 1 });
          expect(complaints).toEqual([]);
        });
      },
    );
  });
});
