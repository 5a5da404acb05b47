import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Run, StoredRecipe } from '@kalla/core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../testing/require-part.ts';
import { startKalla, type RunningKalla } from './start-kalla.ts';
import { launchChromium, looks } from './with-page.ts';

const samples = path.resolve(import.meta.dirname, '../../../samples');
const panelScript = '**/panels/**/remoteEntry*.js*';

describeWith('chromium', 'the pages in a browser', (executablePath) => {
  let kalla: RunningKalla;
  let browser: Browser;
  let run: Run;
  let recipe: StoredRecipe;

  beforeAll(async () => {
    [kalla, browser] = await Promise.all([startKalla(), launchChromium(executablePath)]);
    run = await sampleRun();
    recipe = (await (await fetch(`${kalla.address}/api/recipes/${run.recipe_id}`)).json()) as StoredRecipe;
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await kalla?.stop();
  });

  /** Waits for the run that the first start makes. */
  async function sampleRun(): Promise<Run> {
    for (const until = Date.now() + 60_000; Date.now() < until;) {
      const { runs } = (await (await fetch(`${kalla.address}/api/runs`)).json()) as { runs: Run[] };
      if (runs[0]?.status === 'completed') return runs[0];
      if (runs[0]?.error) throw new Error(runs[0].error.detail);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error('The sample did not run within a minute.');
  }

  /** Opens a page, and fails the test on whatever the browser complains about, the content policy included. */
  async function withPage(options: BrowserContextOptions, body: (page: Page, complaints: string[]) => Promise<void>) {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      locale: 'en-GB',
      baseURL: kalla.address,
      ...options,
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    try {
      await body(page, complaints);
    } finally {
      await context.close();
    }
  }

  const grid = (page: Page) => page.getByRole('grid');
  const cellText = (page: Page, row: number, column: number) =>
    grid(page)
      .locator(`[aria-rowindex="${row + 2}"] [aria-colindex="${column + 1}"]`)
      .innerText();

  for (const { colorScheme, width } of looks) {
    it(`are accessible and complete, ${colorScheme}, ${width} px`, { timeout: 120_000 }, async () => {
      await withPage({ colorScheme, viewport: { width, height: 900 } }, async (page, complaints) => {
        const paths = ['/', '/runs', `/runs/${run.run_id}`, `/recipes/${recipe.recipe_id}/run`, '/sources'];
        for (const address of paths) {
          await page.goto(address);
          if (address.startsWith('/runs/')) await grid(page).locator('[aria-rowindex="3"]').waitFor();
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect(violations.map(({ id, nodes }) => `${address} ${id}: ${nodes[0]?.html}`)).toEqual([]);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(overflow, `${address} is wider than the window`).toBeLessThanOrEqual(0);
        }
        expect(complaints).toEqual([]);
      });
    });
  }

  it('load at most 200 KB of compressed scripts at first', async () => {
    await withPage({}, async (page) => {
      const sizes: Promise<number>[] = [];
      page.on('response', (response) => {
        if (response.request().resourceType() === 'script')
          sizes.push(response.body().then((body) => gzipSync(body).length));
      });
      await page.goto('/', { waitUntil: 'networkidle' });
      const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
      expect(total).toBeGreaterThan(10_000);
      expect(total).toBeLessThanOrEqual(200 * 1024);
    });
  });

  it('show the sample run on the home page and lead to it', async () => {
    await withPage({}, async (page) => {
      await page.goto('/');
      await page.getByRole('link', { name: `Open the last run of ${recipe.name}` }).click();
      await page.getByText('Every row of both sides is accounted for.').waitFor();
      const { counts } = run;
      if (!counts) throw new Error('The sample run has no counts.');
      const equation = await page.locator('.rv-equation').first().innerText();
      const numbers = equation.replaceAll(',', '').match(/\d+/g)?.map(Number);
      expect(numbers).toEqual([counts.left, counts.matched_left_rows, counts.unmatched_left]);
      await grid(page).locator('[aria-rowindex="2"]').waitFor();
      expect(await grid(page).getAttribute('aria-rowcount')).toBe(String(counts.matched + 1));
    });
  });

  it('lead from a number to its rows, sort and search on the server, and keep that in the address', async () => {
    await withPage({}, async (page) => {
      await page.goto(`/runs/${run.run_id}`);
      await page
        .locator('.rv-equation')
        .first()
        .getByRole('button', { name: /unmatched/ })
        .click();
      await page.waitForURL(/set=unmatched_left/);
      await grid(page).locator('[aria-rowindex="2"]').waitFor();
      expect(await grid(page).getAttribute('aria-rowcount')).toBe(String((run.counts?.unmatched_left ?? 0) + 1));

      const column = recipe.sources.left.primary_key?.[0] ?? '';
      const index =
        Number(
          await grid(page)
            .getByRole('columnheader', { name: column, exact: false })
            .first()
            .getAttribute('aria-colindex'),
        ) - 1;
      await grid(page).getByRole('button', { name: column }).first().click();
      await page.waitForURL((url) => url.searchParams.get('sort') === column);
      await page.waitForTimeout(400);
      const smallest = await cellText(page, 0, index);
      await grid(page).getByRole('button', { name: column }).first().click();
      await page.waitForURL((url) => url.searchParams.get('sort') === `-${column}`);
      await page.waitForTimeout(400);
      const largest = await cellText(page, 0, index);
      expect(largest).not.toBe(smallest);

      await page.getByRole('searchbox').fill(largest);
      await page.getByRole('button', { name: 'Search' }).click();
      await page.waitForURL((url) => url.searchParams.get('q') === largest);
      await page.waitForTimeout(400);
      expect(await cellText(page, 0, index)).toBe(largest);

      await page.reload();
      await grid(page).locator('[aria-rowindex="2"]').waitFor();
      expect(await cellText(page, 0, index)).toBe(largest);
    });
  });

  it('download a set as CSV, Parquet and Excel', async () => {
    await withPage({}, async (page) => {
      await page.goto(`/runs/${run.run_id}`);
      for (const [format, start] of [
        ['CSV', ''],
        ['Parquet', 'PAR1'],
        ['Excel', 'PK'],
      ] as const) {
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('link', { name: `Matched as ${format}` }).click(),
        ]);
        const content = readFileSync(await download.path());
        expect(content.length).toBeGreaterThan(100);
        expect(content.subarray(0, start.length).toString('latin1')).toBe(start);
      }
    });
  });

  it('can be used with the keyboard alone', async () => {
    await withPage({}, async (page) => {
      await page.goto(`/runs/${run.run_id}`);
      await grid(page).locator('[aria-rowindex="3"]').waitFor();
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content');
      await page.keyboard.press('Enter');
      const reached: string[] = [];
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press('Tab');
        const role = await page.evaluate(
          () => document.activeElement?.getAttribute('role') ?? document.activeElement?.tagName,
        );
        reached.push(role ?? '');
        if (role === 'grid') break;
      }
      expect(reached).toEqual(expect.arrayContaining(['tab', 'INPUT', 'SELECT', 'grid']));
      const active = async () => {
        const id = await grid(page).getAttribute('aria-activedescendant');
        const cell = page.locator(`[id="${id}"]`);
        return [await cell.locator('..').getAttribute('aria-rowindex'), await cell.getAttribute('aria-colindex')];
      };
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowRight');
      expect(await active()).toEqual(['3', '2']);
      await page.keyboard.press('Control+End');
      const last = (run.counts?.matched ?? 0) + 1;
      expect((await active())[0]).toBe(String(last));
      await grid(page).locator(`[aria-rowindex="${last}"] .rv-placeholder`).first().waitFor({ state: 'detached' });
      await page.keyboard.press('Control+Home');
      expect(await active()).toEqual(['2', '1']);
      expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid');
    });
  });

  it('remember the theme, so that the server renders it', async () => {
    await withPage({ colorScheme: 'light' }, async (page) => {
      await page.goto('/');
      await page.getByRole('button', { name: 'Use the dark theme' }).click();
      const html = await (await page.request.get('/')).text();
      expect(html).toContain('data-theme="dark"');
      await page.reload();
      expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(19, 22, 24)');
    });
  });

  it('say what is not there', async () => {
    await withPage({}, async (page) => {
      expect((await page.goto('/nowhere'))?.status()).toBe(404);
      await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
      expect((await page.goto('/runs/nowhere'))?.status()).toBe(404);
      await page.getByRole('link', { name: 'Go to the recipes' }).click();
      await page.getByRole('heading', { name: 'Recipes', exact: true }).waitFor();
    });
  });

  const broken = {
    'is missing': { status: 404, body: 'no' },
    'is no script': { contentType: 'text/javascript', body: '<html>' },
    throws: { contentType: 'text/javascript', body: 'throw new Error("broken on purpose")' },
    'is another thing': { contentType: 'text/javascript', body: 'var kalla_panel_run_viewer = 1' },
    'throws when asked': {
      contentType: 'text/javascript',
      body: 'var kalla_panel_run_viewer = { init() {}, get() { return Promise.reject(new Error("not today")) } }',
    },
    'has no component': {
      contentType: 'text/javascript',
      body: 'var kalla_panel_run_viewer = { init() {}, get: async () => () => ({ apiVersion: 1 }) }',
    },
    'is for another Kalla': {
      contentType: 'text/javascript',
      body: 'var kalla_panel_run_viewer = { init() {}, get: async () => () => ({ apiVersion: 9, default: () => null }) }',
    },
    'throws while it renders': {
      contentType: 'text/javascript',
      body: 'var kalla_panel_run_viewer = { init() {}, get: async () => () => ({ apiVersion: 1, default() { throw new Error("no picture") } }) }',
    },
  };
  for (const [how, answer] of Object.entries(broken)) {
    it(`stay usable when a panel ${how}, and load it on another try`, async () => {
      await withPage({}, async (page) => {
        await page.route(panelScript, (route) => route.fulfill(answer));
        await page.goto(`/runs/${run.run_id}`);
        const alert = page.getByRole('alert').filter({ hasText: 'could not be loaded' });
        await alert.waitFor({ timeout: 10_000 });
        expect(await alert.innerText()).toContain('@kalla/panel-run-viewer');
        expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(run.recipe_name);

        await page.unroute(panelScript);
        await alert.getByRole('button', { name: 'Try again' }).click();
        await grid(page).locator('[aria-rowindex="2"]').waitFor();
        await page.getByRole('navigation').getByRole('link', { name: 'Runs' }).click();
        await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
      });
    });
  }

  it('stay usable when a panel never answers, and say so after a while', { timeout: 60_000 }, async () => {
    await withPage({}, async (page) => {
      await page.route(panelScript, () => {});
      await page.goto(`/runs/${run.run_id}`, { waitUntil: 'commit' });
      await page.getByRole('status', { name: 'Loading the panel…' }).waitFor();
      await page.getByRole('button', { name: 'Use the dark theme' }).click();
      await page.getByRole('alert').filter({ hasText: 'could not be loaded' }).waitFor({ timeout: 40_000 });
      await page.getByRole('navigation').getByRole('link', { name: 'Runs' }).click();
      await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
    });
  });

  it('take files, refuse one whose columns do not fit, and run', { timeout: 60_000 }, async () => {
    const files = { [recipe.sources.left.alias]: 'ledger.csv', [recipe.sources.right.alias]: 'bank.csv' };
    await withPage({}, async (page, complaints) => {
      await page.goto(`/recipes/${recipe.recipe_id}/run`);
      const start = page.getByRole('button', { name: 'Start the run' });
      expect(await start.isDisabled()).toBe(true);
      const asked = [recipe.sources.left, recipe.sources.right].filter((source) => source.type === 'file');
      expect(asked.length).toBeGreaterThan(0);
      for (const source of asked) {
        const side = page.getByRole('region', { name: source.alias, exact: true });
        const content = readFileSync(path.join(samples, files[source.alias] ?? ''), 'utf8');
        const wanted = source.schema?.[0] ?? '';
        const renamed = content.replace(wanted, `${wanted}s`);
        expect(renamed).not.toBe(content);
        const choose = side.locator('input[type=file]');
        await choose.setInputFiles({ name: 'renamed.csv', mimeType: 'text/csv', buffer: Buffer.from(renamed) });
        await side.getByText('This file does not fit').waitFor();
        await side.getByText(`Is ${wanted} perhaps the column ${wanted}s?`).waitFor();
        expect(await start.isDisabled()).toBe(true);
        await side.locator('input[type=file]').setInputFiles(path.join(samples, files[source.alias] ?? ''));
        const fits = side.getByText('The file fits.');
        const question = side
          .getByRole('group')
          .filter({ has: page.getByRole('button') })
          .first();
        await fits.or(question).first().waitFor();
        if (await question.isVisible()) await question.getByRole('button').first().click();
        await fits.waitFor();
      }
      await start.click();
      await page.waitForURL(/\/runs\//);
      await page.getByText('Every row of both sides is accounted for.').waitFor({ timeout: 30_000 });
      expect(complaints).toEqual([]);
    });
  });
});
