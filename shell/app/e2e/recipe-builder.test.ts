import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Run, StoredRecipe } from '@kalla/core';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../testing/require-part.ts';
import { bankStatement, invoices, pairs } from './unfamiliar-files.ts';
import { startKalla, type RunningKalla } from './start-kalla.ts';
import { expectFileChoosers, launchChromium, looks } from './with-page.ts';

/** `KALLA_TEST_SCREENSHOTS=folder` keeps pictures of both flows, to be looked at. */
const pictures = process.env.KALLA_TEST_SCREENSHOTS;

describeWith('chromium', 'the recipe builder in a browser', (executablePath) => {
  let kalla: RunningKalla;
  let browser: Browser;
  let folder: string;
  let files: [left: string, right: string];

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'kalla-builder-'));
    files = [path.join(folder, 'open invoices.csv'), path.join(folder, 'Kontoauszug März.csv')];
    writeFileSync(files[0], invoices());
    writeFileSync(files[1], bankStatement());
    if (pictures) mkdirSync(pictures, { recursive: true });
    [kalla, browser] = await Promise.all([startKalla({ KALLA_SAMPLE: '0' }), launchChromium(executablePath)]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await kalla?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a page, and fails the test on whatever the browser complains about. */
  async function withPage(options: BrowserContextOptions, body: (page: Page) => Promise<void>) {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      locale: 'en-GB',
      baseURL: kalla.address,
      ...options,
    });
    context.setDefaultTimeout(90_000);
    const page = await context.newPage();
    expectFileChoosers(page);
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    try {
      await body(page);
      expect(complaints).toEqual([]);
    } finally {
      await context.close();
    }
  }

  async function picture(page: Page, name: string) {
    if (pictures) await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: name.endsWith('-full') });
  }
  async function api<T>(address: string): Promise<T> {
    return (await (await fetch(kalla.address + address)).json()) as T;
  }
  /** Waits until the numbers of the left side are these. */
  const found = (page: Page, matched: number, all = pairs.invoices) =>
    page
      .locator('.rb-counts:not(.rb-counts-stale)')
      .getByText(`${matched} of ${all} matched, ${all - matched} unmatched`, { exact: true })
      .waitFor();
  const amountCondition = (page: Page) =>
    page.locator('.rb-condition').filter({ has: page.getByLabel('Tolerance', { exact: true }) });

  async function expectAccessible(page: Page, where: string) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${where} ${id}: ${nodes[0]?.html}`)).toEqual([]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow, `${where} is wider than the window`).toBeLessThanOrEqual(0);
  }

  /** The run is there, complete, and another person who opens the link sees the same rows. */
  async function expectSameViewByLink(page: Page, matched: number) {
    await page.waitForURL(/\/runs\//);
    await page.getByText('Every row of both sides is accounted for.').waitFor();
    const runId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    const run = await api<Run>(`/api/runs/${runId}`);
    expect(run.counts).toMatchObject({
      left: pairs.invoices,
      right: pairs.lines,
      matched,
      unmatched_left: pairs.invoices - matched,
      unmatched_right: pairs.lines - matched,
    });
    const recipe = await api<StoredRecipe>(`/api/recipes/${run.recipe_id}`);
    expect(recipe.rule?.conditions.length).toBeGreaterThan(0);
    expect(run.match_description).toBe(recipe.match_description);
    return run;
  }

  async function sameByLink(page: Page, read: (page: Page) => Promise<unknown>) {
    const address = page.url();
    const seen = await read(page);
    await withPage({}, async (other) => {
      await other.goto(address);
      expect(await read(other)).toEqual(seen);
    });
  }
  const firstRow = async (page: Page) => {
    // While the first page of rows is on its way, the grid says -1: the number of its rows is not known yet.
    const grid = page.locator('[role="grid"]:not([aria-rowcount="-1"])');
    return [
      await page.getByRole('tab', { selected: true }).innerText(),
      await grid.getAttribute('aria-rowcount'),
      await grid.locator('[aria-rowindex="2"]').innerText(),
    ];
  };

  it('leads from two dropped files to a run with the mouse alone', { timeout: 300_000 }, async () => {
    await withPage({}, async (page) => {
      await page.goto('/');
      await page.getByRole('heading', { name: 'Recipes' }).waitFor();
      await drop(page, page.locator('body'), files);
      await page.waitForURL('/recipes/new');
      await page.locator('.rb-condition').first().waitFor();
      await found(page, pairs.byReference);
      await picture(page, 'mouse-1-proposal');
      await picture(page, 'mouse-1-proposal-full');
      const sentence = page.locator('.rb-sentence');
      expect(await sentence.innerText()).toContain('"Invoice no"');

      if ((await amountCondition(page).count()) === 0) {
        const amount = page.getByRole('button', { name: /^Gross amount,/ });
        await amount.dragTo(page.getByRole('button', { name: /^Betrag,/ }));
      }
      const tolerance = amountCondition(page).getByRole('slider', { name: 'Tolerance' });
      await tolerance.scrollIntoViewIfNeeded();
      await clickStop(tolerance, 0);
      await found(page, pairs.byReference - pairs.withFee);
      expect(await sentence.innerText()).toMatch(/the amounts "Gross amount" .* are the same/);
      await picture(page, 'mouse-2-no-tolerance');
      await clickStop(tolerance, 8);
      expect(await tolerance.getAttribute('aria-valuetext')).toBe('2');
      await found(page, pairs.byReference);
      expect(await sentence.innerText()).toContain('differ by at most 2');

      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByRole('button', { name: 'Redo' }).click();
      await found(page, pairs.byReference);
      await picture(page, 'mouse-3-tolerance-full');
      await page.getByRole('button', { name: 'Save and run' }).click();
      await expectSameViewByLink(page, pairs.byReference);
      await page
        .locator('.rv-equation')
        .first()
        .getByRole('button', { name: /unmatched/ })
        .click();
      await page.waitForURL(/set=unmatched_left/);
      await page.getByRole('grid').locator('[aria-rowindex="2"]').waitFor();
      await picture(page, 'mouse-4-run');
      await sameByLink(page, firstRow);
    });
  });

  it('leads from two chosen files to a run with the keyboard alone', { timeout: 300_000 }, async () => {
    await withPage({}, async (page) => {
      await page.goto('/');
      await tabTo(page, /^New recipe from two files/);
      const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Space')]);
      await chooser.setFiles(files);
      await page.waitForURL('/recipes/new');
      await found(page, pairs.byReference);

      if ((await amountCondition(page).count()) === 0) {
        await tabTo(page, /^Gross amount,/);
        await page.keyboard.press('Enter');
        await picture(page, 'keyboard-1-picked');
        await tabTo(page, /^Betrag,.*compare with Gross amount/);
        await page.keyboard.press('Enter');
      }
      await tabTo(page, /^Tolerance$/);
      await page.keyboard.press('Home');
      await found(page, pairs.byReference - pairs.withFee);
      for (let stop = 0; stop < 7; stop++) await page.keyboard.press('ArrowRight');
      expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-valuetext'))).toBe('1');
      await page.keyboard.press('ArrowRight');
      await found(page, pairs.byReference);
      // All steps of the slider are one step of undo.
      await page.keyboard.press('Control+z');
      await page.keyboard.press('Control+Shift+z');
      await found(page, pairs.byReference);
      await picture(page, 'keyboard-2-tolerance');

      await tabTo(page, /^Name$/);
      await page.keyboard.press('Control+a');
      await page.keyboard.type('Invoices & bank');
      await tabTo(page, /^Save and run$/);
      await picture(page, 'keyboard-3-save');
      await page.keyboard.press('Enter');
      const run = await expectSameViewByLink(page, pairs.byReference);
      expect(run.recipe_name).toBe('Invoices & bank');
      expect(run.recipe_id).toBe('invoices-bank');
      await tabTo(page, /grid|table of rows/);
      await page.keyboard.press('ArrowDown');
      await sameByLink(page, firstRow);
    });
  });

  for (const { colorScheme, width } of looks) {
    it(`is accessible and fits, ${colorScheme}, ${width} px`, { timeout: 300_000 }, async () => {
      await withPage({ colorScheme, viewport: { width, height: 900 } }, async (page) => {
        await page.goto('/recipes/new');
        await page.getByRole('region', { name: 'Left side' }).waitFor();
        await expectAccessible(page, 'an empty recipe');
        await page.locator('.rb input[type=file][multiple]').setInputFiles(files);
        await found(page, pairs.byReference);
        await page.locator('.rb-dry-rows').waitFor();
        await page.getByText('The rule as SQL').click();
        await page.locator('.rb-key-line button').first().click();
        await page.getByRole('combobox').first().click();
        await page.getByRole('listbox').waitFor();
        await picture(page, `look-${colorScheme}-${width}-full`);
        await expectAccessible(page, 'a recipe with everything open');
      });
    });
  }
});

/** Drops files as a person does: the browser gives a page no other way than its own events to say so. */
async function drop(page: Page, target: Locator, paths: readonly string[]) {
  const { readFileSync } = await import('node:fs');
  const contents = paths.map((file) => ({ name: path.basename(file), bytes: [...readFileSync(file)] }));
  const dataTransfer = await page.evaluateHandle((list) => {
    const transfer = new DataTransfer();
    for (const { name, bytes } of list) transfer.items.add(new File([new Uint8Array(bytes)], name));
    return transfer;
  }, contents);
  await target.dispatchEvent('dragover', { dataTransfer });
  await target.dispatchEvent('drop', { dataTransfer });
}

/** Presses the mouse on a stop of a slider. */
async function clickStop(slider: Locator, stop: number) {
  const box = await slider.boundingBox();
  const max = await slider.getAttribute('max');
  if (!box || !max) throw new Error('The slider is not on the page.');
  // The middle of the thumb travels between the two ends less half a thumb.
  const thumb = 16;
  const x = thumb / 2 + ((box.width - thumb) * stop) / Number(max);
  await slider.page().mouse.click(box.x + x, box.y + box.height / 2);
}

/** Presses Tab until what has the focus is called like this. */
async function tabTo(page: Page, name: RegExp) {
  for (let presses = 0; presses < 200; presses++) {
    await page.keyboard.press('Tab');
    const called = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement | null;
      const label = element?.labels?.[0]?.textContent;
      return element?.getAttribute('aria-label') ?? label ?? element?.textContent ?? '';
    });
    if (name.test(called.trim())) return;
  }
  throw new Error(`Tab does not lead to ${String(name)}.`);
}
